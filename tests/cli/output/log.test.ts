/** What Pollux says of itself: -v and $POLLUX_LOG. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { inColour } from "../../../src/cli/output/colours.ts";
import { guestFile, run } from "../../e2e/host.ts";
import { here, scratchDirectory, textGuest } from "../here.ts";

const scratch = scratchDirectory();
let file = "";
before(async () => {
  file = await textGuest(scratch, "trap", '(module (func (export "_start") unreachable))');
});

const LISTENING = /^pollux: info: listening on 127/;
const STATUS = /^pollux: debug: .*: exit status 134$/;
const PHASE = /^pollux: trace: run, [\d.]+ ms after the process started$/;
const STACK = /^pollux: trace: Trap: wasm trap: wasm `unreachable` instruction executed$/;

/** $POLLUX_LOG, options, what is said and what is not. */
const cases: readonly (readonly [string, readonly string[], readonly RegExp[], readonly RegExp[]])[] = [
  ["", [], [], [LISTENING, STATUS, PHASE]],
  ["off", [], [], [LISTENING, STATUS, PHASE]],
  ["info", [], [LISTENING], [STATUS, PHASE]],
  ["debug", [], [LISTENING, STATUS], [PHASE]],
  ["trace", [], [LISTENING, STATUS, PHASE, STACK], []],
  ["off", ["-v"], [LISTENING, STATUS], [PHASE]],
  ["info", ["-v"], [LISTENING, STATUS], [PHASE]],
  ["trace", ["-v"], [LISTENING, STATUS, PHASE], []],
  ["loud", [], [/^pollux: warn: POLLUX_LOG=loud: expected off, info, debug, trace$/, LISTENING], [STATUS]],
  ["toString", [], [/^pollux: warn: POLLUX_LOG=toString: expected/], [STATUS]],
];

for (const host of here) {
  describe(`POLLUX_LOG on ${host.name}`, { skip: host.skip }, () => {
    for (const [level, options, said, unsaid] of cases) {
      it(`POLLUX_LOG=${level} ${options.join(" ")}`, async () => {
        const flags = [...options, "-Stcplisten=127.0.0.1:0"];
        const { status, stderr } = await run(host, file, { flags, env: { POLLUX_LOG: level } });
        const lines = stderr.split("\n");
        for (const pattern of said)
          assert.ok(
            lines.some((line) => pattern.test(line)),
            `${pattern}: ${stderr}`,
          );
        for (const pattern of unsaid) assert.ok(!lines.some((line) => pattern.test(line)), `${pattern}: ${stderr}`);
        assert.equal(status, 134);
      });
    }

    it("says nothing unless asked, to the guest either", async () => {
      const { stdout, stderr } = await run(host, guestFile("hello"), { env: { POLLUX_LOG: "off" } });
      assert.deepEqual([stdout.toString(), stderr], ["hello, world\n", ""]);
    });
  });
}

describe("colours", () => {
  it("are of labels at the start of a line", () => {
    const text =
      "error: an error: here\n\n  tip: a tip\n\nUsage: pollux\nhint: h\npollux: info: i\npollux: a.wasm has changed\n";
    assert.equal(
      inColour(text).replaceAll("\x1b", "^"),
      "^[1;31merror:^[0m an error: here\n\n^[32m  tip:^[0m a tip\n\n^[1;4mUsage:^[0m pollux\n^[32mhint:^[0m h\n^[36mpollux: info:^[0m i\npollux: a.wasm has changed\n",
    );
  });
});
