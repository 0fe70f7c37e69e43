/** What goes from host to host, past the guest that connected both. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Condition } from "../../../src/core/wait/condition.ts";
import { call, component, get, hostFor, i32, itWaits, lift, locals, log, pair, start } from "./guest.ts";
import { type Answer, ENDED, funcs, GIVEN_UP, given, parts } from "./hosts.ts";

const relays: readonly [
  name: string,
  source: readonly Answer[],
  sink: readonly Answer[],
  expected: readonly number[],
][] = [
  ["at once", [3], [], [1, 2, 3, ENDED]],
  [
    "more than the buffer",
    [20],
    [],
    [
      ...Array(20)
        .keys()
        .map((n) => n + 1),
      ENDED,
    ],
  ],
  ["what comes later", ["would-block", 2, "would-block", 2], [], [1, 2, 3, 4, ENDED]],
  ["to one who takes a part", [4], [1, 2], [1, 2, 3, 4, ENDED]],
  ["to one who takes it later", [4], [1, "would-block", 1, "would-block"], [1, 2, 3, 4, ENDED]],
  ["to one who goes", [4], [1, "closed"], [1, GIVEN_UP]],
  ["to one who goes later", [4], ["would-block", "closed"], [GIVEN_UP]],
  ["to one who goes while nothing comes", ["would-block", 1], ["closed"], [GIVEN_UP]],
  ["nothing", [], [], [ENDED]],
];

describe("what goes from host to host", () => {
  for (const [name, source, sink, expected] of relays) {
    itWaits(name, async (wait) => {
      const text = component({
        imports: `${parts.imports} (import "pause" (func $pause-host async))`,
        funcs: { ...funcs, pause: ["", "lower (func $pause-host)"] },
        code: `(func (export "run") ${locals} ${call("give", call("open"))} ${call("pause")}
            ;; its handles are gone
            ${pair("bytes")} ${log(get("r"))}) `,
        exports: lift("run", "async"),
      });
      const host = await hostFor(wait);
      const seen: number[] = [];
      const ended = Condition.timer(host.machine.now() + 60e9);
      const note = (n: number) => {
        seen.push(n);
        if (n === ENDED || n === GIVEN_UP) ended.markReady();
      };
      const { exports, logged } = await start(wait, text, {
        ...given(source, sink)(host, note),
        *pause() {
          yield ended;
        },
      });
      await exports["run"]!();
      assert.deepEqual(seen, expected);
      assert.deepEqual(logged, [1]);
    });
  }

  it("leaves the guest's memory alone", async () => {
    const text = component({
      imports: parts.imports,
      funcs,
      code: `(func (export "run") (result i32) (local $at i32) (local $sum i32) ${call("give", call("open"))}
        (loop $more
          (local.set $sum (i32.or (local.get $sum) (i32.load8_u (local.get $at))))
          (br_if $more (i32.ne (local.tee $at (i32.add (local.get $at) ${i32(1)})) ${i32(131072)})))
        (local.get $sum))`,
      exports: lift("run", "async (result u32)"),
    });
    const host = await hostFor("blocking");
    const { exports } = await start(
      "blocking",
      text,
      given([20])(host, () => {}),
    );
    assert.equal(exports["run"]!(), 0);
  });
});
