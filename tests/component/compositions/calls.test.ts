/** Async calls between two components: states, values, backpressure, cancellation. */
import { describe } from "node:test";
import {
  type CoreFuncs,
  call,
  drop,
  get,
  i32,
  lift,
  liftWithCallback,
  locals,
  log,
  type Parts,
  withMemory,
} from "../async/guest.ts";
import { imported, pairs } from "./pair.ts";

const [EXIT, YIELD] = [i32(0), i32(1)];
const [STARTING, STARTED, RETURNED, CANCELLED_BEFORE_STARTED, CANCELLED_BEFORE_RETURNED] = [0, 1, 2, 3, 4];
const SUBTASK = 1;
const CANCELLED = 6;
const number = '(param "n" u32) (result u32)';
/** `$f` with and without `async`; what the first returns is stored at 64. */
const lowered: CoreFuncs = {
  f: ["(param i32 i32) (result i32)", `lower (func $c "f") async ${withMemory}`],
  "f-sync": ["(param i32) (result i32)", `lower (func $c "f") ${withMemory}`],
};
const f = imported(`"f" (func async ${number})`);

const sync: Parts = {
  still: true,
  code: '(func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))',
  exports: lift("f", `async ${number}`),
};
const callback = (code: string, back = "unreachable", still = true): Parts => ({
  still,
  code: `(global $n (mut i32) (i32.const 0))
    (func (export "f") (param $n i32) (result i32) ${code})
    (func (export "f-back") (param $event i32) (param $i i32) (param $payload i32) (result i32) ${back})`,
  exports: liftWithCallback("f", number),
});
const returnsAtOnce = callback(`${call("return", "n")} ${EXIT}`);
const yields = callback(`${call("set.0", "n")} ${YIELD}`, `${call("return", "(call $get.0)")} ${EXIT}`);
const stackful: Parts = {
  code: `(func (export "f") (param $n i32) ${drop("(call $yield)")} ${call("return", "n")})`,
  exports: lift("f", `async ${number}`, "async"),
};

const caller = (code: string, more: Partial<Parts> = {}): Parts => ({
  imports: f,
  funcs: lowered,
  code: `(func $state (param i32) (result i32) (i32.and (local.get 0) (i32.const 15)))
    (func $index (param i32) (result i32) (i32.shr_u (local.get 0) (i32.const 4)))
    (func (export "run") (local $a i32) (local $b i32) ${locals} ${code})`,
  exports: lift("run", "async"),
  ...more,
});
const result = "(i32.load (i32.const 64))";
const begin = (local = "a", n = 5, at = 64) => `(local.set $${local} (call $f (i32.const ${n}) (i32.const ${at})))`;
const state = (local = "a") => log(`(call $state ${get(local)})`);
const index = (local = "a") => `(call $index ${get(local)})`;
const join = (local = "a") => call("join", index(local), "s");
const newSet = "(local.set $s (call $set.new))";
const waited = `${newSet} ${join()} ${log("(call $set.wait (local.get $s) (i32.const 8))")} ${log("(i32.load (i32.const 12))")}`;
const began = `${begin()} ${state()}`;
const returned = `${began} ${log(result)}`;
const waits = `${began} ${waited} ${log(result)} (call $subtask.drop ${index()})`;

describe("a call of another component's async function", () => {
  pairs([
    ["with async, lifted without", sync, caller(returned), [RETURNED, 6]],
    ["with async, that returns at once", returnsAtOnce, caller(returned), [RETURNED, 5]],
    ["with async, that returns later", yields, caller(waits), [STARTED, SUBTASK, RETURNED, 5]],
    ["with async, that waits inside", stackful, caller(waits), [STARTED, SUBTASK, RETURNED, 5]],
    ["without, lifted without", sync, caller(log("(call $f-sync (i32.const 5))")), [6]],
    ["without, that returns at once", returnsAtOnce, caller(log("(call $f-sync (i32.const 5))")), [5]],
    ["without, that returns later", yields, caller(log("(call $f-sync (i32.const 5))")), [5]],
    ["without, that waits inside", stackful, caller(log("(call $f-sync (i32.const 5))")), [5]],
    [
      "that goes on after it has returned",
      callback(`${call("return", "n")} ${YIELD}`, `${log(i32(77))} ${EXIT}`),
      caller(`${log("(call $f-sync (i32.const 5))")} ${drop("(call $yield)")} ${log(i32(88))}`),
      [5, 77, 88],
    ],
    [
      "that does not return",
      callback(EXIT),
      caller(began),
      ["engine", "async-lifted export failed to produce a result"],
    ],
    ["that traps", callback("unreachable"), caller(began), ["engine", "wasm `unreachable` instruction executed"]],
    [
      "that nobody lets end",
      callback("(i32.or (i32.const 2) (i32.shl (call $set.new) (i32.const 4)))"),
      caller(`${began} ${waited}`),
      ["engine", "deadlock detected: event loop cannot make further progress"],
    ],
    [
      "each with context slots of its own",
      callback(
        `${call("set.0", "n")} ${YIELD}`,
        `${log("(call $get.0)")} ${call("set.1", "(call $get.0)")} ${call("return", "(call $get.1)")} ${EXIT}`,
      ),
      caller(
        `${call("set.0", 9)} ${log("(call $f-sync (i32.const 5))")} ${log("(call $get.0)")} ${log("(call $get.1)")}`,
      ),
      [5, 5, 9, 0],
    ],
    [
      "without, lifted without, that waits inside, each with context slots of its own",
      {
        code: `(func (export "f") (param $n i32) (result i32)
          ${log("(call $get.0)")} ${call("set.0", "n")} ${drop("(call $yield)")} (call $get.0))`,
        exports: lift("f", `async ${number}`),
      },
      caller(
        `${call("set.0", 9)} ${log("(call $f-sync (i32.const 5))")} ${log("(call $f-sync (i32.const 6))")} ${log("(call $get.0)")}`,
      ),
      [0, 5, 0, 6, 9],
    ],
    [
      "of no async type, each with context slots of its own",
      {
        still: true,
        code: `(func (export "f") (param $n i32) (result i32)
          ${log("(call $get.0)")} ${call("set.0", "n")} (call $get.0))`,
        exports: lift("f", number),
      },
      caller(
        `${call("set.0", 9)} ${log("(call $f-sync (i32.const 5))")} ${log("(call $f-sync (i32.const 6))")} ${log("(call $get.0)")}`,
        {
          imports: imported(`"f" (func ${number})`),
          funcs: { "f-sync": lowered["f-sync"]! },
        },
      ),
      [0, 5, 0, 6, 9],
    ],
    [
      "from a function of no async type, that returns at once",
      returnsAtOnce,
      caller(log("(call $f-sync (i32.const 5))"), { exports: lift("run", "") }),
      [5],
    ],
    [
      "from a function of no async type, that returns later",
      yields,
      caller(log("(call $f-sync (i32.const 5))"), { exports: lift("run", "") }),
      ["engine", "cannot block a synchronous task before returning"],
    ],
    [
      "with async from a function of no async type, that returns later",
      yields,
      caller(began, { exports: lift("run", "") }),
      [STARTED],
    ],
    [
      "out of memory of the caller's",
      returnsAtOnce,
      caller(`${begin("a", 5, 0xffff_fffc | 0)} ${state()}`),
      ["engine", "out of bounds memory access"],
    ],
  ]);
});

/** Refuses calls from now on, until it is called again by `g`, of no async type. */
const closed: Parts = {
  still: true,
  code: `(func (export "f") (param $n i32) (result i32) ${log(get("n"))} ${call("return", "n")} ${EXIT})
    (func (export "f-back") (param i32 i32 i32) (result i32) unreachable)
    (func (export "close") ${call("pressure.inc")}) (func (export "open") ${call("pressure.dec")})`,
  exports: `${liftWithCallback("f", number)} ${lift("close", "")} ${lift("open", "")}`,
};
const gates: Partial<Parts> = {
  imports: imported(`"f" (func async ${number})`, '"close" (func)', '"open" (func)'),
  funcs: { ...lowered, close: ["", 'lower (func $c "close")'], open: ["", 'lower (func $c "open")'] },
};
const one = '(param "n" u32)';
/** More than an async call passes in core parameters. */
const five = ["n", "o", "p", "q", "r"].map((name) => `(param "${name}" u32)`).join(" ");
const cancelled = `${log(call("subtask.cancel", index()))} (call $subtask.drop ${index()})`;

describe("backpressure of another component", () => {
  pairs([
    [
      "keeps calls from starting",
      closed,
      caller(`${call("close")} ${began} ${call("open")} ${waited} ${log(result)}`, gates),
      [STARTING, 5, SUBTASK, RETURNED, 5],
    ],
    [
      "is told of when it is over",
      {
        ...closed,
        code: closed.code
          .replace(`${call("return", "n")} ${EXIT}`, "(i32.or (i32.const 2) (i32.shl (call $set.new) (i32.const 4)))")
          .replace("(result i32) unreachable", `(result i32) ${call("task.cancel")} ${EXIT}`),
      },
      caller(
        `${call("close")} ${began} ${call("open")} ${waited} (call $join ${index()} ${i32(0)}) ${cancelled}`,
        gates,
      ),
      [STARTING, 5, SUBTASK, STARTED, CANCELLED_BEFORE_RETURNED],
    ],
    [
      "lets them start in their order",
      closed,
      caller(
        `${call("close")} ${began} ${begin("b", 6, 68)} ${state("b")} ${call("open")}
         ${begin("w", 7, 72)} ${state("w")} ${drop("(call $yield)").repeat(3)}`,
        gates,
      ),
      [STARTING, STARTING, STARTING, 5, 6, 7],
    ],
    [
      "is none for one that was cancelled before",
      closed,
      caller(`${call("close")} ${began} ${cancelled} ${call("open")} ${drop("(call $yield)")}`, gates),
      [STARTING, CANCELLED_BEFORE_STARTED],
    ],
    [
      "lifts arguments when the call starts",
      {
        ...closed,
        code: closed.code.replace("(param $n i32)", "(param $n i32) (param i32 i32 i32 i32)"),
        exports: closed.exports.replaceAll(one, five),
      },
      caller(
        `${call("close")} (i32.store (i32.const 128) (i32.const 5)) ${begin("a", 128)} ${state()}
         (i32.store (i32.const 128) (i32.const 6)) ${call("open")} ${waited}`,
        {
          imports: imported(`"f" (func async ${five} (result u32))`, '"close" (func)', '"open" (func)'),
          funcs: { ...gates.funcs, "f-sync": ["(param i32 i32 i32 i32 i32) (result i32)", lowered["f-sync"]![1]] },
        },
      ),
      [STARTING, 6, SUBTASK, RETURNED],
    ],
  ]);
});

describe("a task of another component that is cancelled", () => {
  const asks = callback(
    "(i32.or (i32.const 2) (i32.shl (call $set.new) (i32.const 4)))",
    `${log(get("event"))} ${call("task.cancel")} ${EXIT}`,
  );
  pairs([
    ["hears of it at once", asks, caller(`${began} ${cancelled}`), [STARTED, CANCELLED, CANCELLED_BEFORE_RETURNED]],
    [
      "may return nevertheless",
      callback(
        "(i32.or (i32.const 2) (i32.shl (call $set.new) (i32.const 4)))",
        `${log(get("event"))} ${call("return", 7)} ${EXIT}`,
      ),
      caller(`${began} ${cancelled} ${log(result)}`),
      [STARTED, CANCELLED, RETURNED, 7],
    ],
    [
      "may take its time",
      callback(
        YIELD,
        `(if (i32.eq ${get("event")} ${i32(CANCELLED)}) (then (return ${YIELD}))) ${call("task.cancel")} ${EXIT}`,
      ),
      caller(`${began} ${log(call("subtask.cancel-async", index()))} ${waited}`),
      [STARTED, -1 >>> 0, SUBTASK, CANCELLED_BEFORE_RETURNED],
    ],
    [
      "is waited for",
      callback(
        YIELD,
        `(if (i32.eq ${get("event")} ${i32(CANCELLED)}) (then (return ${YIELD}))) ${call("task.cancel")} ${EXIT}`,
      ),
      caller(`${began} ${cancelled}`),
      [STARTED, CANCELLED_BEFORE_RETURNED],
    ],
    [
      "twice",
      callback(YIELD, YIELD),
      caller(`${began} ${log(call("subtask.cancel-async", index()))} ${log(call("subtask.cancel-async", index()))}`),
      ["engine", "`subtask.cancel` called after terminal status delivered"],
    ],
    [
      "while it waits in a set",
      callback(YIELD, YIELD),
      caller(`${began} ${newSet} ${join()} ${log(call("subtask.cancel", index()))}`),
      ["engine", "waitable cannot be used synchronously while added to a waitable set"],
    ],
    [
      "and is not dropped before it has ended",
      callback(YIELD, YIELD),
      caller(`${began} (call $subtask.drop ${index()})`),
      ["engine", "cannot drop a subtask which has not yet resolved"],
    ],
  ]);
});
