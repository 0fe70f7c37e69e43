/** What a program is told of a guest that failed for want of a permission. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { type RunOptions, run, Trap } from "../../src/index.ts";
import { binary } from "../component/text.ts";
import { guestFile } from "../e2e/host.ts";

const echo = pathToFileURL(guestFile("tcpecho"));
const args = ["tcpecho", "127.0.0.1:9"];

const cases: readonly (readonly [RunOptions["network"], string])[] = [
  [undefined, 'the guest asked for TCP: give it network: "inherit", or network: { allow: [RULE] }'],
  [{ tcp: true }, 'the guest asked for listen:127.0.0.1:9: give it network: { allow: ["listen:127.0.0.1:9"] }'],
  [
    { allow: ["127.0.0.1:1"] },
    'the guest asked for listen:127.0.0.1:9: give it network: { allow: ["listen:127.0.0.1:9"] }',
  ],
  [{ inherit: true, deny: ["*:9"] }, "the guest asked for listen:127.0.0.1:9, which the rule *:9 denies"],
  [{ inherit: true, tcp: false }, "the guest asked for tcp, which its network options turn off"],
];

describe("hints of a run", () => {
  for (const [network, hint] of cases) {
    it(`with ${JSON.stringify(network) ?? "no network"}`, async () => {
      const result = await run(echo, { args, ...(network === undefined ? {} : { network }) });
      assert.deepEqual(result, { exitCode: 1, hint });
    });
  }

  it("a trap has it in its message", async () => {
    const module = await binary(`(module
      (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_start") (drop (call $prestat (i32.const 3) (i32.const 0))) unreachable))`);
    await assert.rejects(run(module), (error) => {
      assert.ok(error instanceof Trap);
      assert.match(error.message, /\nhint: the guest was given no directory: .* preopens: \{ "\/": "\." \}$/);
      return true;
    });
  });
});
