/**
 * The suites of `serve` (tests/e2e/serve-suite.ts and its like) on wasmtime 48, which says whether they are right:
 *
 *     node --test tests/oracle/serve-suite.ts
 */

import { serveClientsSuite } from "../e2e/serve-clients-suite.ts";
import { serveOptionsSuite } from "../e2e/serve-options-suite.ts";
import { serveP3Suite } from "../e2e/serve-p3-suite.ts";
import { serveProgramsSuite } from "../e2e/serve-programs-suite.ts";
import { type Serving, serveSuite } from "../e2e/serve-suite.ts";
import { wasmtime } from "./wasmtime.ts";

const serving: Serving = {
  name: wasmtime.name,
  command: (guest, options) => [...wasmtime.command, "serve", ...options, guest],
  wasmtime: true,
  skip: wasmtime.skip,
};

serveSuite(serving);
serveClientsSuite(serving);
serveOptionsSuite(serving);
serveP3Suite(serving);
serveProgramsSuite(serving);
