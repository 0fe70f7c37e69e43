/** Error contexts that go between two components: each has handles of its own on the same one. */
import { describe } from "node:test";
import { call, drop, i32, lift, liftWithCallback, locals, log, type Parts, withMemory } from "../async/guest.ts";
import { completed, ignored, logged, store } from "../async/words.ts";
import { errorContexts, message, word } from "../error-contexts.ts";
import { imported, pairs } from "./pair.ts";

const [EXIT, YIELD] = [i32(0), i32(1)];
const outcome = "(result (result u32 (error error-context)))";
const types = "(type $errors (stream error-context))";
const made = `${store(32, word("oops"))} (local.set $n ${call("error.new", 32, 4)})`;

const callee = (code: string, back = "unreachable", more: Partial<Parts> = {}): Parts => ({
  still: true,
  imports: types,
  funcs: {
    ...errorContexts,
    "return-outcome": ["(param i32 i32)", `task.return ${outcome}`],
    "errors.new": ["(result i64)", "stream.new $errors"],
    "errors.write": ["(param i32 i32 i32) (result i32)", `stream.write $errors async ${withMemory}`],
    "return-errors": ["(param i32)", "task.return (result $errors)"],
    "return-none": ["", "task.return"],
  },
  code: `(func (export "f") (result i32) ${locals} ${code})
    (func (export "f-back") (param i32 i32 i32) (result i32) ${locals} ${back})`,
  exports: liftWithCallback("f", outcome),
  ...more,
});

const fails = `${made} ${call("return-outcome", 1, "n")}`;

const caller = (code: string): Parts => ({
  imports: imported(`"f" (func async ${outcome})`),
  funcs: {
    ...errorContexts,
    f: ["(param i32) (result i32)", `lower (func $c "f") async ${withMemory}`],
    "f-sync": ["(param i32)", `lower (func $c "f") ${withMemory}`],
  },
  code: `(func (export "run") ${locals} ${code})`,
  exports: lift("run", "async"),
});
const got = `${log("(i32.load8_u (i32.const 96))")} (local.set $t (i32.load (i32.const 100)))`;

const takes = callee("unreachable", "unreachable", {
  code: `(func (export "f") (param $n i32) (result i32) ${locals.replace("(local $n i32)", "")}
      ${message("n")} ${call("error.drop", "n")} ${call("return-none")} ${EXIT})
    (func (export "f-back") (param i32 i32 i32) (result i32) unreachable)`,
  exports: liftWithCallback("f", '(param "error" error-context)'),
});

const gives = (code: string): Parts => ({
  imports: imported('"f" (func async (param "error" error-context))'),
  funcs: { ...errorContexts, "f-sync": ["(param i32)", 'lower (func $c "f")'] },
  code: `(func (export "run") ${locals} ${code})`,
  exports: lift("run", "async"),
});

/** Returns a stream, into which it writes two handles on one context, and drops its own. */
const streams = callee(
  `${made} (local.set $pair (call $errors.new)) (local.set $w (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))
   (i32.store ${i32(96)} (local.get $n)) (i32.store ${i32(100)} (local.get $n))
   ${call("return-errors", "(i32.wrap_i64 (local.get $pair))")} ${ignored("errors.write", "w", 96, 2)} ${YIELD}`,
  EXIT,
  { exports: liftWithCallback("f", "(result $errors)") },
);

const reads = (code: string): Parts => ({
  imports: `${types} ${imported('"f" (func async (result (stream error-context)))')}`,
  funcs: {
    ...errorContexts,
    "f-sync": ["(result i32)", 'lower (func $c "f")'],
    "errors.read": ["(param i32 i32 i32) (result i32)", `stream.read $errors async ${withMemory}`],
  },
  code: `(func (export "run") ${locals} ${code})`,
  exports: lift("run", "async"),
});

describe("an error context of another component's", () => {
  pairs([
    [
      "is returned at once",
      callee(`${fails} ${EXIT}`),
      caller(`${logged("f", 96)} ${got} ${message("t")}`),
      [2, 1, 4, word("oops")],
    ],
    [
      "is returned later",
      callee(YIELD, `${fails} ${EXIT}`),
      caller(`${call("f-sync", 96)} ${got} ${message("t")}`),
      [1, 4, word("oops")],
    ],
    [
      "is not gone when it is dropped there",
      callee(`${fails} ${call("error.drop", "n")} ${EXIT}`),
      caller(`${drop(call("f", 96))} ${got} ${message("t")} ${call("error.drop", "t")} ${log("(call $set.new)")}`),
      [1, 4, word("oops"), 1],
    ],
    [
      "has the index of one's own table",
      callee(`${fails} ${EXIT}`),
      caller(`${drop(call("set.new"))} ${drop(call("f", 96))} ${got} ${log("(local.get $t)")}`),
      [1, 2],
    ],
    [
      "is given, and stays one's own",
      takes,
      gives(`${made} ${call("f-sync", "n")} ${call("f-sync", "n")} ${message("n")}`),
      [4, word("oops"), 4, word("oops"), 4, word("oops")],
    ],
    ["is not given that is none", takes, gives(call("f-sync", 3)), ["host", "unknown handle index 3"]],
    [
      "is not given that is a set",
      takes,
      gives(call("f-sync", call("set.new"))),
      ["host", "handle is not an error-context"],
    ],
    [
      "comes out of a stream, twice",
      streams,
      reads(`(local.set $r (call $f-sync)) ${logged("errors.read", "r", 96, 2)}
        ${call("error.drop", "(i32.load (i32.const 96))")} ${message("(i32.load (i32.const 100))")}`),
      [completed(2), 4, word("oops")],
    ],
  ]);
});
