/** Handles that go between two components in async calls: borrows that outlive a call's begin, loans, own handles. */
import { describe } from "node:test";
import type { HostImports } from "../../../src/component/host.ts";
import {
  type CoreFuncs,
  call,
  drop,
  i32,
  lift,
  liftWithCallback,
  locals,
  log,
  type Parts,
  withMemory,
} from "../async/guest.ts";
import { imported, pairs, type Shared } from "./pair.ts";

const [EXIT, YIELD] = [i32(0), i32(1)];
const [STARTING, STARTED, RETURNED, CANCELLED_BEFORE_STARTED] = [0, 1, 2, 3];
const SUBTASK = 1;

class Thing {}
const host = { r: Thing, make: () => new Thing() } as HostImports;
const resource = '(import "r" (type $r (sub resource)))';
const shared: Shared = {
  imports: `${resource} (import "make" (func $make (result (own $r))))`,
  given: '(with "r" (type $r)) (with "make" (func $make))',
};
const things: CoreFuncs = {
  make: ["(result i32)", "lower (func $make)"],
  "r.drop": ["(param i32)", "resource.drop $r"],
};
const made = '(import "make" (func $make (result (own $r))))';

const callee = (type: string, code: string, back = "unreachable"): Parts => ({
  still: true,
  imports: `${resource} ${made}`,
  funcs: { ...things, "return-none": ["", "task.return"] },
  code: `(func (export "f") (param $h i32) (result i32) ${code})
    (func (export "f-back") (param i32 i32 i32) (result i32) ${back})
    (func (export "close") ${call("pressure.inc")}) (func (export "open") ${call("pressure.dec")})`,
  exports: `${liftWithCallback("f", `(param "r" (${type} $r))`)} ${lift("close", "")} ${lift("open", "")}`,
});
const dropped = "(call $r.drop (call $get.0))";
const remembers = "(call $set.0 (local.get $h))";
const borrows = callee("borrow", `${remembers} ${YIELD}`, `${dropped} ${call("return-none")} ${EXIT}`);

const caller = (type: string, code: string): Parts => ({
  imports: `${resource} ${made}
    ${imported(`"f" (func async (param "r" (${type} $r)))`, '"close" (func)', '"open" (func)')}`,
  funcs: {
    ...things,
    f: ["(param i32) (result i32)", `lower (func $c "f") async ${withMemory}`],
    "f-sync": ["(param i32)", `lower (func $c "f") ${withMemory}`],
    close: ["", 'lower (func $c "close")'],
    open: ["", 'lower (func $c "open")'],
  },
  code: `(func (export "run") (local $h i32) (local $a i32) ${locals} (local.set $h (call $make)) ${code})`,
  exports: lift("run", "async"),
});
const begin = `(local.set $a (call $f (local.get $h))) ${log("(i32.and (local.get $a) (i32.const 15))")}`;
const index = "(i32.shr_u (local.get $a) (i32.const 4))";
const waited = `(local.set $s (call $set.new)) (call $join ${index} (local.get $s))
  ${log("(call $set.wait (local.get $s) (i32.const 8))")} ${log("(i32.load (i32.const 12))")}`;
const drops = "(call $r.drop (local.get $h))";
const yielded = drop("(call $yield)");
const lent = ["host", "cannot remove owned resource while borrowed"] as const;

describe("a borrow of another component's call", () => {
  pairs(
    [
      [
        "lasts until its end was told",
        borrows,
        caller("borrow", `${begin} ${waited} ${drops} ${log(i32(9))}`),
        [STARTED, SUBTASK, RETURNED, 9],
      ],
      ["keeps the handle while it is under way", borrows, caller("borrow", `${begin} ${drops}`), lent],
      ["keeps it until its end was told", borrows, caller("borrow", `${begin} ${yielded} ${yielded} ${drops}`), lent],
      [
        "of a call that is waited for",
        borrows,
        caller("borrow", `(call $f-sync (local.get $h)) ${drops} ${log(i32(9))}`),
        [9],
      ],
      [
        "is given back before its task returns",
        callee("borrow", `${call("return-none")} ${EXIT}`),
        caller("borrow", begin),
        ["host", "borrow handles still remain at the end of the call"],
      ],
      [
        "is none of a call that has not started",
        borrows,
        caller("borrow", `(call $close) ${begin} ${drops} ${log(i32(9))}`),
        [STARTING, 9],
      ],
      [
        "is none of a call that was cancelled before",
        borrows,
        caller("borrow", `(call $close) ${begin} ${log(call("subtask.cancel", index))} ${drops} ${log(i32(9))}`),
        [STARTING, CANCELLED_BEFORE_STARTED, 9],
      ],
      [
        "that is gone when the call starts",
        borrows,
        caller("borrow", `(call $close) ${begin} ${drops} (call $open) ${yielded}`),
        ["host", "unknown handle index 1"],
      ],
    ],
    shared,
    host,
  );
});

describe("an own handle of another component's call", () => {
  const owns = callee("own", `${remembers} ${YIELD}`, `${dropped} ${call("return-none")} ${EXIT}`);
  pairs(
    [
      ["is the callee's", owns, caller("own", `${begin} ${waited}`), [STARTED, SUBTASK, RETURNED]],
      [
        "is the caller's no more",
        owns,
        caller("own", `${begin} (call $r.drop (local.get $h))`),
        ["host", "index 1 is not a resource"],
      ],
      [
        "is lifted when the call starts",
        owns,
        caller("own", `(call $close) ${begin} ${drops} ${log(i32(9))}`),
        [STARTING, 9],
      ],
    ],
    shared,
    host,
  );
});
