/**
 * The suites of WASI 0.3 (tests/e2e/p3*, http3*, files3*) with wasmtime 48 as their host: what they demand of Pollux, wasmtime does.
 *
 *     node tests/oracle/p3.ts
 */
import { buildFiles3 } from "../e2e/files3.ts";
import { files3Suite } from "../e2e/files3-suite.ts";
import { buildHttp3 } from "../e2e/http3.ts";
import { http3Suite } from "../e2e/http3-suite.ts";
import { buildP3 } from "../e2e/p3.ts";
import { p3CoreSuite } from "../e2e/p3-core-suite.ts";
import { p3LoadSuite } from "../e2e/p3-load-suite.ts";
import { p3PolicySuite } from "../e2e/p3-policy-suite.ts";
import { p3Suite } from "../e2e/p3-suite.ts";
import { wasmtime } from "./wasmtime.ts";

buildP3();
buildHttp3();
buildFiles3();
p3Suite([wasmtime]);
p3PolicySuite([wasmtime], { ownRules: false });
p3LoadSuite([wasmtime]);
p3CoreSuite([wasmtime], ["-Wcomponent-model-async-stackful", "-Wcomponent-model-more-async-builtins"]);
http3Suite([wasmtime], { isPollux: false });
files3Suite([wasmtime], { isPollux: false });
