/** What components are made for, told by what they export, and what servers are given of WASI. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { handlerOf, isOfServer } from "../../src/wasi/worlds.ts";

describe("the handler of a server", () => {
  const p2 = "wasi:http/incoming-handler@0.2.0";
  const p3 = "wasi:http/handler@0.3.0";
  const cases: readonly (readonly [exports: readonly string[], name: string | undefined, track?: "0.2" | "0.3"])[] = [
    [[], undefined],
    [["wasi:cli/run@0.2.0", "handle"], undefined],
    [[p2], p2, "0.2"],
    [["wasi:http/incoming-handler@0.2.99"], "wasi:http/incoming-handler@0.2.99", "0.2"],
    [["wasi:http/incoming-handler"], "wasi:http/incoming-handler", "0.2"],
    [[p3], p3, "0.3"],
    [["wasi:http/handler@0.3.9"], "wasi:http/handler@0.3.9", "0.3"],
    // Of both, the newer.
    [[p2, "wasi:cli/run@0.3.0", p3], p3, "0.3"],
    // Those of other versions, and of what the other version calls so, are none.
    [["wasi:http/incoming-handler@0.1.0", "wasi:http/incoming-handler@0.3.0", "wasi:http/handler@0.2.0"], undefined],
    [["wasi:http/handler@0.4.0", "wasi:http/handler", "wasi:http/handler@0.3.0-rc-2025-09-16"], undefined],
    [["other:http/handler@0.3.0", "wasi:http/handlers@0.3.0"], undefined],
  ];
  for (const [exports, name, track] of cases) {
    it(exports.join(", ") || "of nothing", () =>
      assert.deepEqual(handlerOf(exports), name === undefined ? undefined : { name, track }),
    );
  }
});

it("what a server has without -Scli is what wasmtime gives it", () => {
  const given = [
    ...["wasi:io/error", "wasi:io/poll", "wasi:io/streams", "wasi:clocks/wall-clock", "wasi:clocks/monotonic-clock"],
    ...["wasi:random/random", "wasi:cli/stdin", "wasi:cli/stdout", "wasi:cli/stderr"],
    ...["wasi:http/types", "wasi:http/outgoing-handler"],
  ].map((name) => `${name}@0.2.6`);
  const newer = ["cli/environment", "cli/exit", "clocks/system-clock", "random/insecure", "http/types", "http/client"];
  const withheld = [
    ...["cli/environment", "cli/exit", "cli/terminal-stdin", "clocks/timezone", "random/insecure", "sockets/tcp"],
    ...["filesystem/types", "filesystem/preopens", "http/incoming-handler"],
  ].map((name) => `wasi:${name}@0.2.6`);
  for (const name of [...given, ...newer.map((each) => `wasi:${each}@0.3.0`)]) assert.ok(isOfServer(name), name);
  for (const name of [...withheld, "wasi:sockets/types@0.3.0", "wasi:filesystem/types@0.3.0", "wasi:http/types@0.4.0"])
    assert.ok(!isOfServer(name), name);
});
