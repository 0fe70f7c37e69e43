/** Waitable sets: who is in one, in what order events are taken, and who waits for them (CanonicalABI.md, `WaitableSet`). */
import assert from "node:assert/strict";
import { describe } from "node:test";
import {
  type Case,
  call,
  component,
  drop,
  i32,
  itWaits,
  laterFuncs,
  laterImport,
  liftWithCallback,
  locals,
  log,
  logEvent,
  pair,
  setOf,
  start,
  table,
  traps,
  type Wait,
} from "./guest.ts";
import { ignored, RETURNED, STREAM_READ, SUBTASK } from "./words.ts";

const polled = logEvent("set.poll");

/** Three streams, with a read of each under way: 1 and 2, 3 and 4, 5 and 6. */
const three =
  ["bytes", "bytes", "bytes"].map((of) => pair(of)).join(" ") +
  [1, 3, 5].map((r) => ignored("bytes.read", r, 64, 4)).join(" ");
const written = (w: number): string => ignored("bytes.write", w, 32, 1);
const readOf = (r: number): readonly number[] => [STREAM_READ, r, 1 << 4];
const nothing = [0, 0, 0];
const otherSet = `(local.set $t ${call("set.new")})`;
const useOther = "(local.set $s (local.get $t))";

const cases: readonly Case[] = [
  ["nothing is there", `${setOf()} ${polled}`, nothing],
  [
    "events come in the order in which they happened",
    `${three} (local.set $s ${call("set.new")}) ${[1, 3, 5].map((r) => call("join", r, "s")).join(" ")} ${written(6)} ${written(2)} ${written(4)} ${logEvent()} ${polled} ${logEvent()} ${polled}`,
    [...readOf(5), ...readOf(1), ...readOf(3), ...nothing],
  ],
  [
    "an event that was there comes when its end joins",
    `${three} ${setOf()} ${written(2)} ${polled} ${call("join", 1, "s")} ${polled}`,
    [...nothing, ...readOf(1)],
  ],
  [
    "who leaves takes its event along",
    `${three} ${setOf()} ${otherSet} ${call("join", 1, "s")} ${written(2)} ${call("join", 1, "t")} ${polled} ${useOther} ${polled}`,
    [...nothing, ...readOf(1)],
  ],
  [
    "who is in no set tells of nothing",
    `${three} ${setOf()} ${call("join", 1, "s")} ${call("join", 1, 0)} ${written(2)} ${polled}`,
    nothing,
  ],
  [
    "who joins again keeps its place",
    `${three} ${setOf()} ${call("join", 1, "s")} ${call("join", 3, "s")} ${written(2)} ${written(4)} ${call("join", 1, "s")} ${polled}`,
    readOf(1),
  ],
  [
    "a set that was left is dropped",
    `${three} ${setOf()} ${call("join", 1, "s")} ${call("join", 1, 0)} ${call("set.drop", "s")} ${log(call("set.new"))}`,
    [7],
  ],
  [
    "a member that is dropped has left",
    `${pair("bytes")} ${setOf("r")} ${call("bytes.drop-readable", "r")} ${call("set.drop", "s")}`,
    [],
  ],
  ["an event goes to any address that is aligned", `${setOf()} ${log(call("set.poll", "s", 131064))}`, [0]],

  [
    "it is dropped with members",
    `${pair("bytes")} ${setOf("r")} ${call("set.drop", "s")}`,
    ["host", "resource has children"],
  ],
  [
    "it is dropped twice",
    `${setOf()} ${call("set.drop", "s")} ${call("set.drop", "s")}`,
    ["host", "unknown handle index 1"],
  ],
  ["a stream is dropped as one", `${pair("bytes")} ${call("set.drop", "r")}`, ["host", "handle is not a waitable-set"]],
  ["a stream is polled", `${pair("bytes")} ${ignored("set.poll", "r", 8)}`, ["host", "handle is not an waitable-set"]],
  [
    "a stream is waited for as one",
    `${pair("bytes")} ${ignored("set.wait", "r", 8)}`,
    ["host", "handle is not an waitable-set"],
  ],
  ["index 0 is polled", ignored("set.poll", 0, 8), ["host", "unknown handle index 0"]],
  ["a stream is joined", `${pair("bytes")} ${call("join", "r", "w")}`, ["host", "handle is not an waitable-set"]],
  ["a set joins", `${setOf()} ${call("join", "s", "s")}`, ["host", "handle is not a waitable"]],
  ["index 0 joins", `${setOf()} ${call("join", 0, "s")}`, ["host", "unknown handle index 0"]],
  ["one that is none is joined", `${pair("bytes")} ${call("join", "r", 9)}`, ["host", "unknown handle index 9"]],
  ["one that is none joins none", call("join", 9, 0), ["host", "unknown handle index 9"]],
  ["an event beyond the memory", `${setOf()} ${ignored("set.poll", "s", 131068)}`, ["host", "pointer out of bounds"]],
  [
    "an event at an address that is not aligned",
    `${setOf()} ${ignored("set.poll", "s", 10)}`,
    ["host", "pointer not aligned"],
  ],
  [
    "an event beyond the memory is waited for",
    `${three} ${setOf()} ${call("join", 1, "s")} ${written(2)} ${ignored("set.wait", "s", -8)}`,
    ["host", "pointer out of bounds"],
  ],
];

describe("a waitable set", () => {
  table(cases);
});

/** Tasks that return at once, and go on to wait for the set in `$set`. */
const tasks = {
  imports: laterImport,
  funcs: laterFuncs,
  code: `(global $set (mut i32) ${i32(0)})
    (func $wait (result i32) (i32.or ${i32(2)} (i32.shl (global.get $set) ${i32(4)})))
    (func (export "begin") (result i32) ${call("return", 0)}
      (if (i32.eqz (global.get $set)) (then (global.set $set ${call("set.new")})))
      (call $wait))
    (func (export "begin-back") (param i32 i32 i32) (result i32)
      ${log("(local.get 0)")} ${log("(local.get 1)")} ${log("(local.get 2)")} ${i32(0)})
    (func (export "empty-back") (param i32 i32 i32) (result i32) ${call("return", 0)} ${i32(0)})`,
};

describe("tasks that wait for a set", () => {
  const number = "(result u32)";
  const texts = (code: string) =>
    component({
      ...tasks,
      code: `${tasks.code} (func (export "run") (result i32) ${locals} ${code})`,
      exports: `${liftWithCallback("begin", number)} ${liftWithCallback("run", number, "empty-back")}`,
    });
  const started = async (wait: Wait, code: string, count: number) => {
    const made = await start(wait, texts(code));
    for (let i = 0; i < count; i++) await made.exports["begin"]!();
    return made;
  };

  itWaits("hear of an event each", async (wait) => {
    const two = [1, 2].map((i) => `${ignored("later", 1, 512)} ${call("join", i + 1, "(global.get $set)")}`).join(" ");
    // waits until both have ended, and lets the tasks run
    const code = `${two} ${drop(call("later-sync", 5))} ${i32(1)}`;
    const { exports, logged } = await started(wait, code, 2);
    await exports["run"]!();
    assert.deepEqual(logged, [SUBTASK, 2, RETURNED, SUBTASK, 3, RETURNED]);
  });

  itWaits("wait on when another has taken the event", async (wait) => {
    const began = (index: number) => `${ignored("later", 1, 512)} ${call("join", index, "(global.get $set)")}`;
    const code = `${began(2)} ${drop(call("later-sync", 5))} ${log(`(call $set.poll (global.get $set) ${i32(8)})`)}
        ${began(3)} ${drop(call("later-sync", 5))} ${i32(1)}`;
    const { exports, logged } = await started(wait, code, 1);
    await exports["run"]!();
    assert.deepEqual(logged, [SUBTASK, SUBTASK, 3, RETURNED]);
  });

  itWaits("keep it from being dropped", async (wait) => {
    const { exports } = await started(wait, `${call("set.drop", "(global.get $set)")} ${i32(0)}`, 1);
    await traps(() => exports["run"]!(), ["engine", "cannot drop waitable set with waiters"]);
  });

  itWaits("keep it from being dropped when they have yet to learn of their event", async (wait) => {
    const code = `${ignored("later", 1, 512)} ${call("join", 2, "(global.get $set)")} ${drop(call("later-sync", 5))}
        ${call("join", 2, 0)} ${call("set.drop", "(global.get $set)")} ${i32(0)}`;
    const { exports } = await started(wait, code, 1);
    await traps(() => exports["run"]!(), ["engine", "cannot drop waitable set with waiters"]);
  });
});
