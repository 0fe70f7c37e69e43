/** Calls of a host's functions that wait: what is told of them, what they are lent, how they are ended (CanonicalABI.md, `Subtask`). */
import assert from "node:assert/strict";
import { describe } from "node:test";
import type { HostImports } from "../../../src/component/host.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import type { Blocking } from "../../../src/core/wait/poll.ts";
import {
  type CoreFuncs,
  call,
  drop,
  type Host,
  i32,
  laterFuncs,
  laterImport,
  log,
  logEvent,
  setOf,
  soon,
  table,
  withMemory,
} from "./guest.ts";
import { awaited, CANCELLED, load, logged, OUT, RETURNED, SUBTASK, started } from "./words.ts";

class Thing {}

describe("a subtask", () => {
  const parts = { imports: laterImport, funcs: laterFuncs };
  /** `later`, which logs 100 when it is given up. */
  const given = ({ machine }: Host, logs: (n: number) => void): HostImports => ({
    *later(ms: number): Blocking<number> {
      let over = false;
      try {
        yield Condition.timer(machine.now() + ms * 1e6);
        over = true;
        return ms;
      } finally {
        if (!over) logs(100);
      }
    },
  });
  const begun = drop(call("later", 1, OUT));
  const forever = drop(call("later", 1e6, OUT));
  const ended = `${drop(call("later-sync", 2))}`;
  table(
    [
      [
        "is cancelled",
        `${forever} ${logged("subtask.cancel", 1)} ${call("subtask.drop", 1)} ${logged("later", 1e6, OUT)} ${logged("subtask.cancel-async", 1)}`,
        [100, CANCELLED, started(1), 100, CANCELLED],
      ],
      [
        "is cancelled when it has ended",
        `${begun} ${ended} ${logged("subtask.cancel", 1)} ${call("subtask.drop", 1)}`,
        [RETURNED],
      ],
      [
        "is cancelled and its result is left alone",
        `${forever} ${logged("subtask.cancel", 1)} ${load(OUT)}`,
        [100, CANCELLED, 0],
      ],
      [
        "is dropped when its end was told",
        `${begun} ${awaited} ${call("subtask.drop", 1)} ${logged("later", 1, OUT)}`,
        [SUBTASK, 1, RETURNED, started(1)],
      ],
      [
        "is dropped out of a set",
        `${begun} ${awaited} ${call("subtask.drop", 1)} ${call("set.drop", "s")}`,
        [SUBTASK, 1, RETURNED],
      ],
      ["tells of its end once", `${begun} ${awaited} ${log(call("set.poll", "s", 8))}`, [SUBTASK, 1, RETURNED, 0]],
      [
        "is cancelled twice",
        `${forever} ${drop(call("subtask.cancel", 1))} ${drop(call("subtask.cancel", 1))}`,
        ["engine", "`subtask.cancel` called after terminal status delivered"],
      ],
      [
        "is cancelled when its end was told",
        `${begun} ${awaited} ${call("join", 1, 0)} ${drop(call("subtask.cancel", 1))}`,
        ["engine", "`subtask.cancel` called after terminal status delivered"],
      ],
      [
        "is cancelled in a set",
        `${forever} (local.set $t ${i32(1)}) ${setOf("t")} ${drop(call("subtask.cancel", 1))}`,
        ["engine", "waitable cannot be used synchronously while added to a waitable set"],
      ],
      [
        "is cancelled in a set, asynchronously",
        `${forever} (local.set $t ${i32(1)}) ${setOf("t")} ${log(call("subtask.cancel-async", 1))}`,
        [100, 4],
      ],
      [
        "is dropped while it goes on",
        `${forever} ${call("subtask.drop", 1)}`,
        ["engine", "cannot drop a subtask which has not yet resolved"],
      ],
      [
        "is dropped before its end is told",
        `${begun} ${ended} ${call("subtask.drop", 1)}`,
        ["engine", "cannot drop a subtask which has not yet resolved"],
      ],
      [
        "is dropped, and cancelled",
        `${begun} ${awaited} ${call("subtask.drop", 1)} ${drop(call("subtask.cancel", 1))}`,
        ["host", "unknown handle index 1"],
      ],
      ["a set is cancelled", `${setOf()} ${drop(call("subtask.cancel", "s"))}`, ["host", "handle is not a subtask"]],
      ["a set is dropped as one", `${setOf()} ${call("subtask.drop", "s")}`, ["host", "handle is not a waitable"]],
      [
        "a stream is dropped as one",
        `(local.set $pair (call $bytes.new)) ${call("subtask.drop", 1)}`,
        ["host", "handle is not a subtask"],
      ],
      ["is read as a stream", `${forever} ${drop(call("bytes.read", 1, 32, 1))}`, ["host", "handle is not a stream"]],
    ],
    parts,
    given,
  );

  const lends = {
    imports: `(import "thing" (type $thing (sub resource))) (import "open" (func $open (result (own $thing))))
      (import "use" (func $use-host async (param "things" (list (borrow $thing))) (param "ms" u32)))`,
    funcs: {
      open: ["(result i32)", "lower (func $open)"],
      use: ["(param i32 i32 i32) (result i32)", `lower (func $use-host) async ${withMemory}`],
      "use-sync": ["(param i32 i32 i32)", `lower (func $use-host) ${withMemory}`],
      "drop-thing": ["(param i32)", "resource.drop $thing"],
    } as CoreFuncs,
  };
  /** Opens two things, 1 and 2, whose list lies at 32. */
  const two = `(i32.store ${i32(32)} ${call("open")}) (i32.store ${i32(36)} ${call("open")})`;
  const gone = `${call("drop-thing", 1)} ${call("drop-thing", 2)} ${log(i32(1))}`;
  table(
    [
      ["that ended at once lends nothing any more", `${two} ${logged("use", 32, 2, 0)} ${gone}`, [RETURNED, 1]],
      [
        "lends until its end is told",
        `${two} ${logged("use", 32, 2, 1)} (local.set $t ${i32(3)}) ${setOf("t")} ${logEvent()} ${gone}`,
        [started(3), SUBTASK, 3, RETURNED, 1],
      ],
      [
        "that was cancelled lends nothing any more",
        `${two} ${logged("use", 32, 2, 1)} ${logged("subtask.cancel", 3)} ${gone}`,
        [started(3), CANCELLED, 1],
      ],
      ["that waited inside lends nothing any more", `${two} ${call("use-sync", 32, 2, 1)} ${gone}`, [1]],
      [
        "lends while it goes on",
        `${two} ${logged("use", 32, 2, 1000)} ${call("drop-thing", 2)}`,
        ["host", "cannot remove owned resource while borrowed"],
      ],
      [
        "lends while its end is not told",
        `${two} ${drop(call("use", 32, 1, 1))} ${call("use-sync", 36, 1, 3)} ${call("drop-thing", 1)}`,
        ["host", "cannot remove owned resource while borrowed"],
      ],
      [
        "lends the same twice",
        `${two} (i32.store ${i32(36)} ${i32(1)}) ${drop(call("use", 32, 2, 1))} ${drop(call("subtask.cancel", 3))} ${gone}`,
        [1],
      ],
      ["is lent what is none", `${drop(call("use", 32, 1, 1))}`, ["host", "unknown handle index 0"]],
      [
        "is lent a stream",
        `(local.set $pair (call $bytes.new)) (i32.store ${i32(32)} ${i32(1)}) ${drop(call("use", 32, 1, 1))}`,
        ["host", "index 1 is not a resource"],
      ],
    ],
    lends,
    (host) =>
      ({
        thing: Thing,
        open: () => new Thing(),
        use: (things: Thing[], ms: number) => {
          for (const thing of things) assert.ok(thing instanceof Thing);
          return ms === 0
            ? undefined
            : soon(
                { ...host, machine: { ...host.machine, now: () => host.machine.now() + ms * 1e6 } },
                () => undefined,
              );
        },
      }) as HostImports,
  );
});
