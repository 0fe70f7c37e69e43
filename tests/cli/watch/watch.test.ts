/** `run --watch`: its option. What it does: tests/e2e/watch-suite.ts. */
import { describeOption } from "../options/option-table.ts";

describeOption("watch", [
  ["a.wasm", undefined],
  ["--watch a.wasm", "restart"],
  ["run --watch=restart a.wasm", "restart"],
  ["--watch=keep-listeners a.wasm", "keep-listeners"],
  ["a.wasm --watch", undefined],
  ["--watch=twice a.wasm", /^invalid value 'twice' for '--watch\[=<HOW>\]': expected restart or keep-listeners/],
]);
