/** The built-ins of cooperative threads, in a guest whose function is async: what each does, and when it traps. */
import { describe } from "node:test";
import { call, get, i32, log, logEvent, pair, setOf } from "../async/guest.ts";
import { later, make, suspend, switchTo, tableOfThreads, wakeMain, yields } from "./guest.ts";

const notSuspended = ["engine", "cannot resume thread which is not suspended"] as const;
const deadlock = ["engine", "deadlock detected: event loop cannot make further progress"] as const;
const outOfBounds = ["engine", "undefined element: out of bounds table access"] as const;
const uninitialized = ["engine", "the start function index points to an uninitialized function"] as const;
const unknown = (index: number) => ["host", `unknown handle index ${index}`] as const;

/** Logs its argument. */
const logs = log(get("x"));
/** The same, and lets `$main` go on. */
const logsAndWakes = `${logs} ${wakeMain}`;

describe("threads of a task", () => {
  tableOfThreads(
    [
      ["have indices from 1 on", [log(call("index"))], `${log(call("index"))} ${log(make(0))} ${yields}`, [1, 2]],
      [
        "know their own index, and their argument",
        [`${log(call("index"))} ${log(get("x"))} ${wakeMain}`],
        switchTo("suspend-then-resume", make(0, -7)),
        [2, -7 >>> 0],
      ],
      ["do not begin before they are resumed", [logs], `${log(make(0, 9))} ${yields} ${log(i32(5))}`, [2, 5]],
      [
        "go on in the order in which they were resumed",
        [logs],
        `${later(make(0, 10))} ${later(make(0, 11))} ${log(i32(1))} ${yields} ${log(i32(2))}`,
        [1, 10, 11, 2],
      ],
      [
        "are suspended until another resumes them",
        [`${logs} ${wakeMain} ${logs}`],
        `${later(make(0, 3))} ${log(i32(1))} ${suspend} ${log(i32(2))}`,
        [1, 3, 3, 2],
      ],
      [
        "go on at once in the place of one that suspends",
        [logs, logsAndWakes],
        `${later(make(0, 10))} ${switchTo("suspend-then-resume", make(1, 11))} ${log(i32(1))}`,
        [11, 10, 1],
      ],
      [
        "go on at once in the place of one that yields",
        [logs],
        `${later(make(0, 10))} ${switchTo("yield-then-resume", make(0, 11))} ${log(i32(1))}`,
        [11, 10, 1],
      ],
      [
        "come before their turn where one suspends for them",
        [logs, logsAndWakes],
        `${later(make(0, 10))} (local.set $t ${make(1, 11)}) ${later(get("t"))} ${switchTo("suspend-then-promote", "t")} ${log(i32(1))}`,
        [11, 10, 1],
      ],
      [
        "come before their turn where one yields for them",
        [logs],
        `${later(make(0, 10))} (local.set $t ${make(0, 11)}) ${later(get("t"))} ${switchTo("yield-then-promote", "t")} ${log(i32(1))}`,
        [11, 10, 1],
      ],
      [
        "are not promoted while they are suspended",
        [logs, logsAndWakes],
        `${later(make(1, 10))} ${switchTo("suspend-then-promote", make(0, 11))} ${log(i32(1))}
          ${switchTo("yield-then-promote", make(0, 12))} ${log(i32(2))}`,
        [10, 1, 2],
      ],
      [
        "are not promoted while what they wait for has not come",
        [`(drop ${call("later-sync", 1)}) ${logs}`],
        `(local.set $t ${make(0, 10)}) ${switchTo("yield-then-resume", get("t"))} ${log(i32(1))}
          ${switchTo("yield-then-promote", "t")} ${log(i32(2))}`,
        [1, 2],
      ],
      [
        "are promoted once it has come",
        [`(local.set $s ${get("x")}) ${logEvent()}`, logs],
        `${pair("unit")} (drop ${call("unit.read", "r", 0)}) ${setOf("r")} (local.set $t ${make(0, "s")})
          ${switchTo("yield-then-resume", "t")} ${later(make(1, 10))} (drop ${call("unit.write", "w", 0)})
          ${switchTo("yield-then-promote", "t")} ${yields}`,
        [4, 1, 0, 10],
      ],
      [
        "get no cancellation of them: 0",
        [wakeMain, ""],
        `${log(call("yield"))} ${log(call("suspend-then-resume", make(0)))} ${log(call("yield-then-resume", make(1)))}
          ${later(make(0))} ${log(call("suspend"))} (local.set $t ${make(1)}) ${later(get("t"))}
          ${log(call("yield-then-promote", "t"))}`,
        [0, 0, 0, 0, 0],
      ],
      [
        "have slots of their own, 0 at their start",
        [
          `${log(call("get.0"))} ${log(call("get.1"))} (call $set.0 ${get("x")}) (call $set.1 ${i32(7)})
            ${switchTo("suspend-then-resume", "(global.get $main)")} ${log(call("get.0"))} ${log(call("get.1"))} ${wakeMain}`,
        ],
        `(call $set.0 ${i32(1)}) (call $set.1 ${i32(2)}) (local.set $t ${make(0, 5)})
          ${switchTo("suspend-then-resume", "t")} ${log(call("get.0"))} ${log(call("get.1"))}
          ${switchTo("suspend-then-resume", "t")} ${log(call("get.0"))} ${log(call("get.1"))}`,
        [0, 0, 1, 2, 5, 7, 1, 2],
      ],
      [
        "leave their indices to others, the last first",
        [""],
        `${log(make(0))} ${log(make(0))} ${switchTo("yield-then-resume", i32(2))} ${switchTo("yield-then-resume", i32(3))}
          ${log(make(0))} ${log(make(0))} ${log(make(0))}`,
        [2, 3, 3, 2, 4],
      ],
      [
        "begin with the function that the table had when they were made",
        [logs],
        `(local.set $t ${make(0, 4)}) (table.set $t ${i32(0)} (ref.null func)) ${switchTo("yield-then-resume", "t")}`,
        [4],
      ],
      [
        "wait for events while others go on",
        [
          `(local.set $s (call $set.new)) (local.set $t (call $later ${i32(3)} ${i32(1024)}))
            (call $join (i32.shr_u ${get("t")} ${i32(4)}) ${get("s")}) ${logEvent()} (global.set $n ${i32(1)})`,
        ],
        `(local.set $t ${make(0)}) ${later(get("t"))}
          (loop $again ${yields} (local.set $n (i32.add ${get("n")} ${i32(1)})) (br_if $again (i32.eqz (global.get $n))))
          ${log(`(i32.gt_u ${get("n")} ${i32(1)})`)}`,
        [1, 2, 2, 1],
      ],
      [
        "sleep side by side",
        [
          `(drop (call $later-sync ${get("x")})) (global.set $n (i32.add (global.get $n) ${get("x")}))
            (if (i32.eq (global.get $n) ${i32(21)}) (then ${wakeMain}))`,
        ],
        `${later(make(0, 12))} ${later(make(0, 6))} ${later(make(0, 3))} ${suspend} ${log("(global.get $n)")}`,
        [21],
      ],
      ["make threads", [`${later(make(1, 5))}`, logsAndWakes], `${later(make(0))} ${suspend}`, [5]],
      [
        "are left behind, suspended",
        [suspend],
        `${switchTo("yield-then-resume", make(0))} (drop ${make(0)}) ${log(i32(1))}`,
        [1],
      ],
      ["may all be suspended for good", [suspend], `${later(make(0))} ${suspend}`, deadlock],
      ["may wait for a turn that none gives", [], suspend, deadlock],
    ],
    "async",
  );
});

describe("no thread", () => {
  tableOfThreads(
    [
      ["has index 0", [], later(i32(0)), unknown(0)],
      ["has an index that was never given", [], switchTo("suspend-then-resume", i32(2)), unknown(2)],
      ["has the largest index", [], switchTo("yield-then-promote", i32(-1)), unknown(0xffff_ffff)],
      [
        "has the index of one that has ended",
        [""],
        `${switchTo("yield-then-resume", make(0))} ${later(i32(2))}`,
        unknown(2),
      ],
      ["is resumed that runs", [], later(call("index")), notSuspended],
      ["resumes itself", [], switchTo("suspend-then-resume", call("index")), notSuspended],
      ["promotes itself", [], switchTo("suspend-then-promote", call("index")), notSuspended],
      ["promotes itself as it yields", [], switchTo("yield-then-promote", call("index")), notSuspended],
      ["is resumed twice", [""], `(local.set $t ${make(0)}) ${later(get("t"))} ${later(get("t"))}`, notSuspended],
      [
        "is resumed that has yielded",
        [yields],
        `(local.set $t ${make(0)}) ${switchTo("yield-then-resume", "t")} ${switchTo("yield-then-resume", "t")}`,
        notSuspended,
      ],
      [
        "is resumed that waits for an event",
        [`(drop (call $later-sync ${i32(1000)}))`],
        `(local.set $t ${make(0)}) ${switchTo("yield-then-resume", "t")} ${later(get("t"))}`,
        notSuspended,
      ],
      ["begins outside of the table", [""], `(drop ${make(8)})`, outOfBounds],
      ["begins far outside of the table", [""], `(drop ${make(-1)})`, outOfBounds],
      ["begins with nothing", [""], `(drop ${make(1)})`, uninitialized],
      [
        "begins with a function of another type",
        [""],
        `(table.set $t ${i32(1)} (ref.func $other)) (drop ${make(1)})`,
        ["engine", "start function does not match expected type (currently only `(i32) -> ()` is supported)"],
      ],
    ],
    "async",
    { code: "(func $other (param i64)) (elem declare func $other)" },
  );
});
