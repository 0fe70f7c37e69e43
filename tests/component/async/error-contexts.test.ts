/** Error contexts of one guest, and between it and its host (CanonicalABI.md, `canon error-context.new` and what follows it). */
import assert from "node:assert/strict";
import { describe } from "node:test";
import { ErrorContext } from "../../../src/component/error-context.ts";
import { ComponentError } from "../../../src/component/errors.ts";
import type { HostImports } from "../../../src/component/host.ts";
import type { InstantiateOptions } from "../../../src/component/link/instantiate-options.ts";
import {
  HostFuture,
  type ReadableFuture,
  type ReadableValues,
  type ValueProducer,
} from "../../../src/component/streams.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { errorContexts, logMessage, message, word } from "../error-contexts.ts";
import {
  call,
  component,
  drop,
  type Expected,
  i32,
  itWaits,
  lift,
  locals,
  log,
  type Parts,
  pair,
  start,
  table,
  traps,
  withMemory,
} from "./guest.ts";
import { completed, ignored, load, logged, store } from "./words.ts";

const made = `${store(32, word("oops"))} (local.set $n ${call("error.new", 32, 4)})`;
const parts: Partial<Parts> = { funcs: errorContexts };
/** The last address of the memory's at which a pointer and a length fit. */
const LAST = 2 * 65536 - 8;

describe("an error context", () => {
  table(
    [
      ["has its message", `${made} ${message("n")} ${message("n")}`, [4, word("oops"), 4, word("oops")]],
      ["has none", `${call("error.message", call("error.new", 0, 0), 64)} ${load(68)}`, [0]],
      [
        "has a copy of it",
        `${made} ${store(32, 0)} ${call("error.message", "n", 64)} ${logMessage}`,
        [4, word("oops")],
      ],
      [
        "is made of UTF-16, and read as UTF-8",
        `${store(32, 0x00e9_0061)} ${call("error.message", call("error.new-utf16", 32, 2), 64)} ${logMessage}`,
        [3, 0xa9c361],
      ],
      [
        "is made of Latin-1, and read as UTF-16",
        `${store(32, 0xe961)} ${call("error.message-utf16", call("error.new-latin1", 32, 2), 64)} ${logMessage}`,
        [2, 0x00e9_0061],
      ],
      [
        "is made of tagged UTF-16",
        `${store(32, 0x20ac)} ${call("error.message", call("error.new-latin1", 32, 0x8000_0001), 64)} ${logMessage}`,
        [3, 0xac82e2],
      ],
      [
        "has an index that is given again when it is dropped",
        `${made} ${call("error.drop", "n")} ${logged("set.new")} ${logged("error.new", 0, 0)}`,
        [1, 2],
      ],
      ["is told of at the end of memory", `${made} ${call("error.message", "n", LAST)} ${load(LAST + 4)}`, [4]],
      ["is told of at any address", `${made} ${call("error.message", "n", LAST - 1)} ${load(LAST + 3)}`, [4]],
      [
        "is not told of beyond memory",
        `${made} ${call("error.message", "n", LAST + 1)}`,
        ["host", "invalid debug message pointer: out of bounds"],
      ],
      [
        "is not told of where an address wraps",
        `${made} ${call("error.message", "n", 0xffff_ffff)}`,
        ["host", "invalid debug message pointer: out of bounds"],
      ],
      [
        "has no message from beyond memory",
        ignored("error.new", LAST + 4, 5),
        ["host", "string pointer/length out of bounds of memory"],
      ],
      [
        "has no message as long as a number can be",
        ignored("error.new-utf16", 32, 0xffff_ffff),
        ["host", "string pointer/length out of bounds of memory"],
      ],
      [
        "has no message that is no UTF-8",
        `${store(32, 0xff)} ${ignored("error.new", 32, 1)}`,
        ["host", "invalid utf-8 sequence of 1 bytes from index 0"],
      ],
      [
        "is dropped once",
        `${made} ${call("error.drop", "n")} ${call("error.drop", "n")}`,
        ["host", "unknown handle index 1"],
      ],
      [
        "has no message when it is dropped",
        `${made} ${call("error.drop", "n")} ${call("error.message", "n", 64)}`,
        ["host", "unknown handle index 1"],
      ],
      ["is none at index 0", call("error.drop", 0), ["host", "unknown handle index 0"]],
      ["is none at -1", call("error.message", 0xffff_ffff, 64), ["host", "unknown handle index 4294967295"]],
      [
        "is no set",
        `(local.set $s ${call("set.new")}) ${call("error.drop", "s")}`,
        ["host", "handle is not an error-context"],
      ],
      [
        "is no stream",
        `${pair("bytes")} ${call("error.message", "r", 64)}`,
        ["host", "handle is not an error-context"],
      ],
      ["joins no set", `${made} ${call("join", "n", call("set.new"))}`, ["host", "handle is not a waitable"]],
      ["is no set to wait for", `${made} ${ignored("set.poll", "n", 8)}`, ["host", "handle is not an waitable-set"]],
      ["is not dropped as a set", `${made} ${call("set.drop", "n")}`, ["host", "handle is not a waitable-set"]],
      ["is not read", `${made} ${ignored("bytes.read", "n", 64, 1)}`, ["host", "handle is not a stream"]],
    ],
    parts,
  );
});

/** What a host and a guest give one another: $give, $take, and streams and futures. */
const exchange: Partial<Parts> = {
  imports: `(type $errors (stream error-context)) (type $outcome (future error-context))
    (import "give" (func $give-host (result error-context)))
    (import "take" (func $take-host (param "error" error-context)))
    (import "take-all" (func $take-all-host (param "errors" (list (tuple u8 error-context)))))
    (import "fail" (func $fail-host (result (result (error error-context)))))
    (import "give-errors" (func $give-errors-host (result $errors)))
    (import "take-errors" (func $take-errors-host (param "errors" $errors)))
    (import "give-outcome" (func $give-outcome-host (result $outcome)))
    (import "take-outcome" (func $take-outcome-host (param "outcome" $outcome)))`,
  funcs: {
    ...errorContexts,
    give: ["(result i32)", "lower (func $give-host)"],
    take: ["(param i32)", "lower (func $take-host)"],
    "take-all": ["(param i32 i32)", `lower (func $take-all-host) ${withMemory}`],
    fail: ["(param i32)", `lower (func $fail-host) ${withMemory}`],
    "give-errors": ["(result i32)", "lower (func $give-errors-host)"],
    "take-errors": ["(param i32)", "lower (func $take-errors-host)"],
    "give-outcome": ["(result i32)", "lower (func $give-outcome-host)"],
    "take-outcome": ["(param i32)", "lower (func $take-outcome-host)"],
    "errors.new": ["(result i64)", "stream.new $errors"],
    "errors.read": ["(param i32 i32 i32) (result i32)", `stream.read $errors async ${withMemory}`],
    "errors.write": ["(param i32 i32 i32) (result i32)", `stream.write $errors async ${withMemory}`],
    "outcome.new": ["(result i64)", "future.new $outcome"],
    "outcome.read": ["(param i32 i32) (result i32)", `future.read $outcome async ${withMemory}`],
    "outcome.write": ["(param i32 i32) (result i32)", `future.write $outcome async ${withMemory}`],
  },
};

const given = new ErrorContext("host");

/** For guests that tell it nothing. */
const unheard = (n: number): void => assert.fail(`${n} was logged`);

/** It logs how long a message is that it takes, or -1 for the context that it has given. */
function hostOf(log: (n: number) => void): HostImports {
  const take = (context: ErrorContext) => log(context === given ? -1 : context.debugMessage.length);
  let left = 2;
  const errors: ValueProducer<ErrorContext> = {
    readiness: Condition.ready(),
    produce: (max) => {
      const count = Math.min(max, left);
      left -= count;
      return count === 0 ? "closed" : Array.from({ length: count }, () => given);
    },
    drop() {},
  };
  return {
    give: () => given,
    take,
    takeAll: (all: readonly (readonly [number, ErrorContext])[]) => {
      for (const [n, context] of all) {
        log(n);
        take(context);
      }
    },
    fail() {
      throw given;
    },
    giveErrors: () => errors,
    takeErrors: (stream: ReadableValues<ErrorContext>) =>
      stream.pipe({
        readiness: Condition.ready(),
        room: () => 9,
        consume: (values) => values.forEach(take),
        end() {},
      }),
    giveOutcome: () => HostFuture.of(given),
    takeOutcome: (outcome: ReadableFuture<ErrorContext>) => outcome.read(take),
  } as HostImports;
}

describe("an error context, between a guest and its host", () => {
  table(
    [
      ["is the host's", `(local.set $n ${call("give")}) ${message("n")}`, [4, word("host")]],
      ["is the guest's, which keeps its handle", `${made} ${call("take", "n")} ${message("n")}`, [4, 4, word("oops")]],
      [
        "comes back as the same one",
        `(local.set $n ${call("give")}) ${call("take", "n")} ${call("take", call("give"))}`,
        [-1, -1],
      ],
      [
        "has a handle each time that it is given",
        `${logged("give")} ${logged("give")} ${call("error.drop", 1)} ${message(2)}`,
        [1, 2, 4, word("host")],
      ],
      [
        "goes in a list",
        `${made} ${store(96, 7)} (i32.store ${i32(100)} (local.get $n)) ${store(104, 8)} (i32.store ${i32(108)} ${call("give")})
         ${call("take-all", 96, 2)}`,
        [7, 4, 8, -1],
      ],
      [
        "is the error of a result",
        `${call("fail", 96)} ${load(96)} ${message("(i32.load (i32.const 100))")}`,
        [1, 4, word("host")],
      ],
      [
        "comes out of a stream",
        `(local.set $r ${call("give-errors")}) ${logged("errors.read", "r", 96, 4)} ${load(96)} ${load(100)} ${message(3)}`,
        [completed(2), 2, 3, 4, word("host")],
      ],
      [
        "goes into a stream, and is the guest's as before",
        `${pair("errors")} ${call("take-errors", "r")} ${made} (i32.store ${i32(96)} (local.get $n)) (i32.store ${i32(100)} (local.get $n))
         ${logged("errors.write", "w", 96, 2)} ${message("n")}`,
        [4, 4, completed(2), 4, word("oops")],
      ],
      [
        "is the value of a future",
        `(local.set $r ${call("give-outcome")}) ${logged("outcome.read", "r", 96)} ${message("(i32.load (i32.const 96))")}`,
        [0, 4, word("host")],
      ],
      [
        "is a future's that the host reads",
        `${pair("outcome")} ${call("take-outcome", "r")} ${made} (i32.store ${i32(96)} (local.get $n)) ${logged("outcome.write", "w", 96)}`,
        [4, 0],
      ],
      ["is not given that is none", call("take", 7), ["host", "unknown handle index 7"]],
      [
        "is not given that is a set",
        `${store(100, 1)} ${drop(call("set.new"))} ${call("take-all", 96, 1)}`,
        ["host", "handle is not an error-context"],
      ],
      [
        "is not written that is none",
        `${pair("errors")} ${call("take-errors", "r")} ${ignored("errors.write", "w", 96, 1)}`,
        ["host", "unknown handle index 0"],
      ],
      [
        "does not go from an instance to itself",
        `${pair("errors")} ${made} (i32.store ${i32(96)} (local.get $n)) ${ignored("errors.write", "w", 96, 1)}
         ${ignored("errors.read", "r", 100, 1)}`,
        ["host", "cannot read from and write to intra-component future/stream with non-numeric payload"],
      ],
    ],
    exchange,
    (_, log) => hostOf(log),
  );

  const echo = component({
    ...exchange,
    code: `(func (export "same") (param i32) (result i32) (local.get 0))
      (func (export "fail") (result i32) ${locals} ${made} ${store(96, 1)} (i32.store ${i32(100)} (local.get $n)) ${i32(96)})`,
    exports: `${lift("same", '(param "error" error-context) (result error-context)')}
      ${lift("fail", "(result (result u32 (error error-context)))")}`,
  });

  itWaits("is what a function returns", async (wait) => {
    const { exports } = await start(wait, echo, hostOf(unheard));
    assert.equal(await exports["same"]!(given), given);
  });

  itWaits("is what a function fails with, which its message says", async (wait) => {
    const { exports } = await start(wait, echo, hostOf(unheard));
    await assert.rejects(
      async () => exports["fail"]!(),
      (error) =>
        error instanceof ComponentError &&
        error.message === "oops" &&
        error.payload instanceof ErrorContext &&
        error.payload.debugMessage === "oops",
    );
  });

  itWaits("is given as nothing else", async (wait) => {
    const { exports } = await start(wait, echo, hostOf(unheard));
    for (const value of [{ debugMessage: "oops" }, "oops", new Error("oops"), undefined])
      await assert.rejects(
        async () => exports["same"]!(value),
        new TypeError("an error-context is given as an ErrorContext"),
      );
  });
});

const forever = (code: string) => `(loop $more ${code} ${log(i32(1))} (br $more))`;
const handles: Expected = ["host", "cannot allocate another handle: store handle limit exceeded"];
const resources: Expected = ["host", "resource table has no free keys"];
const fuel: Expected = [
  "host",
  "too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted",
];

/** How often it can be done, and what ends it. The task itself is one handle, and three of the resources. */
const exhausting: readonly [name: string, code: string, options: InstantiateOptions, times: number, end: Expected][] = [
  ["handles", forever(drop(call("error.new", 0, 0))), { maxComponentHandles: 10 }, 9, handles],
  ["handles on one that the host gives", forever(drop(call("give"))), { maxComponentHandles: 10 }, 9, handles],
  ["error contexts as resources", forever(drop(call("error.new", 0, 255))), { maxResources: 11 }, 8, resources],
  ["messages, by their length", forever(drop(call("error.new", 0, 256))), { maxResources: 11 }, 4, resources],
  ["a long message", forever(drop(call("error.new", 0, 65536))), { maxResources: 1000 }, 3, resources],
  ["bytes of a message", forever(drop(call("error.new", 0, 101))), { hostcallFuel: 100 }, 0, fuel],
];

describe("a guest has at most so many", () => {
  for (const [name, code, options, times, end] of exhausting)
    itWaits(name, async (wait) => {
      const text = component({
        ...exchange,
        code: `(func (export "run") ${locals} ${code})`,
        exports: lift("run", "async"),
      });
      const { exports, logged } = await start(wait, text, hostOf(unheard), options);
      await traps(() => exports["run"]!(), end);
      assert.equal(logged.length, times);
    });

  itWaits("those that are dropped count no more", async (wait) => {
    const round = `(local.set $t ${call("error.new", 0, 1000)}) ${call("error.drop", "t")}
      (local.set $t ${call("give")}) ${call("error.drop", "t")}`;
    const code = `(local.set $n ${i32(100)}) (loop $more ${round} (br_if $more (local.tee $n (i32.sub (local.get $n) ${i32(1)}))))`;
    const text = component({
      ...exchange,
      code: `(func (export "run") ${locals} ${code})`,
      exports: lift("run", "async"),
    });
    const { exports } = await start(wait, text, hostOf(unheard), { maxComponentHandles: 2, maxResources: 7 });
    for (let runs = 0; runs < 3; runs++) await exports["run"]!();
  });
});
