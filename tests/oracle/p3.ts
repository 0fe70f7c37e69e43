/**
 * The suites of WASI 0.3 (tests/e2e/p3*) with wasmtime 48 as their host: what they demand of Pollux, wasmtime does.
 *
 *     node tests/oracle/p3.ts
 */
import { spawnSync } from "node:child_process";
import type { Host } from "../e2e/host.ts";
import { buildP3 } from "../e2e/p3.ts";
import { p3PolicySuite } from "../e2e/p3-policy-suite.ts";
import { p3Suite } from "../e2e/p3-suite.ts";

const { stdout } = spawnSync("wasmtime", ["--version"], { encoding: "utf8" });
const version = (stdout ?? "").trim();
const wasmtime: Host = {
  name: version || "wasmtime",
  command: ["wasmtime"],
  skip: version.startsWith("wasmtime 48.") ? false : "no wasmtime 48 on PATH",
};

buildP3();
p3Suite([wasmtime]);
p3PolicySuite([wasmtime], { ownRules: false });
