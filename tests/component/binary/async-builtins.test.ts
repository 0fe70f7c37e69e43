/** The canonical built-ins of component model async, by their bytes. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AsyncBuiltin, coreTypeOf } from "../../../src/component/binary/canon.ts";
import type { Definition } from "../../../src/component/binary/component.ts";
import { allFeatures } from "../../../src/component/binary/features.ts";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { prims, readable } from "../../../src/component/types/layout.ts";
import type { StreamOrFuture, ValType } from "../../../src/component/types/types.ts";
import { ParseError } from "../../../src/wasm/errors.ts";
import { appended, type Bytes, CANONS } from "../bytes.ts";
import { binary } from "../text.ts";

/**
 * Core memories: 0, 1 shared, 2 of 64 bits. Core functions: 0 realloc, 1 a callback. Tables: 0, 1 of other references, 2 of 64 bits. Core
 * types: 0 what threads begin with, 1 and 2 other functions, 3 a struct, 4 a module. Types: see below.
 */
const before = `
  (core module $m
    (memory (export "memory") 1) (memory (export "shared") 1 1 shared) (memory (export "long") i64 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable)
    (table (export "funcs") 1 funcref) (table (export "externs") 1 externref) (table (export "longs") i64 1 funcref))
  (core type (func (param i32)))
  (core type (func (param i64)))
  (core type (func (param i32) (result i32)))
  (core type (struct))
  (core type (module))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory))
  (alias core export $i "shared" (core memory))
  (alias core export $i "long" (core memory))
  (alias core export $i "realloc" (core func))
  (alias core export $i "callback" (core func))
  (alias core export $i "funcs" (core table))
  (alias core export $i "externs" (core table))
  (alias core export $i "longs" (core table))
  (type (stream))
  (type (stream u8))
  (type (stream string))
  (type (future))
  (type (future u8))
  (type (future string))
  (type $r (resource (rep i32)))
  (type (borrow $r))
  (type (tuple u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8 u8))
  (type u8)
  (type (func))`;
const [STREAM, U8S, STRINGS, FUTURE, U8, STRING, , BORROW, SEVENTEEN, DEFINED, FUNC] = Array.from(Array(11).keys());

/** Options. */
const [UTF16, MEMORY, REALLOC, POST_RETURN, ASYNC, CALLBACK] = [[1], [3, 0], [4, 0], [5, 1], [6], [7, 1]] as const;
const none: Bytes = [0];
const options = (...given: readonly Bytes[]): Bytes => [given.length, ...given.flat()];

function stream(payload?: ValType): StreamOrFuture {
  return readable("stream", payload) as StreamOrFuture;
}

function future(payload?: ValType): StreamOrFuture {
  return readable("future", payload) as StreamOrFuture;
}

const plain = { encoding: "utf8", memory: undefined, realloc: undefined, postReturn: undefined } as const;
const sync = { ...plain, async: false, callback: undefined } as const;
const async = { ...sync, async: true } as const;

/** Its bytes, what is read of them, and the core function that it is. */
const builtins: readonly (readonly [Bytes, AsyncBuiltin, string])[] = [
  [[0x05], { kind: "task.cancel" }, "[] -> []"],
  [[0x06, 0], { kind: "subtask.cancel", async: false }, "[i32] -> [i32]"],
  [[0x06, 1], { kind: "subtask.cancel", async: true }, "[i32] -> [i32]"],
  [[0x09, 1, 0, ...none], { kind: "task.return", result: undefined, options: sync }, "[] -> []"],
  [[0x09, 0, 0x77, ...none], { kind: "task.return", result: prims.u64, options: sync }, "[i64] -> []"],
  [
    [0x09, 0, 0x73, ...options(UTF16, MEMORY)],
    { kind: "task.return", result: prims.string, options: { ...sync, encoding: "utf16", memory: 0 } },
    "[i32 i32] -> []",
  ],
  [[0x0a, 0x7f, 0], { kind: "context.get", slot: 0 }, "[] -> [i32]"],
  [[0x0a, 0x7f, 1], { kind: "context.get", slot: 1 }, "[] -> [i32]"],
  [[0x0b, 0x7f, 1], { kind: "context.set", slot: 1 }, "[i32] -> []"],
  [[0x0c, 0], { kind: "thread.yield" }, "[] -> [i32]"],
  [[0x0d], { kind: "subtask.drop" }, "[i32] -> []"],
  [[0x0e, STREAM!], { kind: "stream.new", type: stream() }, "[] -> [i64]"],
  [[0x0f, STREAM!, ...none], { kind: "stream.read", type: stream(), options: sync }, "[i32 i32 i32] -> [i32]"],
  [
    [0x0f, STRINGS!, ...options(ASYNC, MEMORY, REALLOC)],
    { kind: "stream.read", type: stream(prims.string), options: { ...async, memory: 0, realloc: 0 } },
    "[i32 i32 i32] -> [i32]",
  ],
  [
    [0x10, STRINGS!, ...options(MEMORY, ASYNC)],
    { kind: "stream.write", type: stream(prims.string), options: { ...async, memory: 0 } },
    "[i32 i32 i32] -> [i32]",
  ],
  [[0x11, U8S!, 0], { kind: "stream.cancel-read", type: stream(prims.u8), async: false }, "[i32] -> [i32]"],
  [[0x12, U8S!, 1], { kind: "stream.cancel-write", type: stream(prims.u8), async: true }, "[i32] -> [i32]"],
  [[0x13, U8S!], { kind: "stream.drop-readable", type: stream(prims.u8) }, "[i32] -> []"],
  [[0x14, U8S!], { kind: "stream.drop-writable", type: stream(prims.u8) }, "[i32] -> []"],
  [[0x15, FUTURE!], { kind: "future.new", type: future() }, "[] -> [i64]"],
  [
    [0x16, STRING!, ...options(MEMORY, REALLOC)],
    { kind: "future.read", type: future(prims.string), options: { ...sync, memory: 0, realloc: 0 } },
    "[i32 i32] -> [i32]",
  ],
  [
    [0x17, U8!, ...options(MEMORY, ASYNC)],
    { kind: "future.write", type: future(prims.u8), options: { ...async, memory: 0 } },
    "[i32 i32] -> [i32]",
  ],
  [[0x18, U8!, 1], { kind: "future.cancel-read", type: future(prims.u8), async: true }, "[i32] -> [i32]"],
  [[0x19, U8!, 0], { kind: "future.cancel-write", type: future(prims.u8), async: false }, "[i32] -> [i32]"],
  [[0x1a, U8!], { kind: "future.drop-readable", type: future(prims.u8) }, "[i32] -> []"],
  [[0x1b, U8!], { kind: "future.drop-writable", type: future(prims.u8) }, "[i32] -> []"],
  [
    [0x1c, ...options(UTF16, MEMORY)],
    { kind: "error-context.new", options: { ...sync, encoding: "utf16", memory: 0 } },
    "[i32 i32] -> [i32]",
  ],
  [
    [0x1d, ...options(MEMORY, REALLOC)],
    { kind: "error-context.debug-message", options: { ...sync, memory: 0, realloc: 0 } },
    "[i32 i32] -> []",
  ],
  [[0x1e], { kind: "error-context.drop" }, "[i32] -> []"],
  [[0x1f], { kind: "waitable-set.new" }, "[] -> [i32]"],
  [[0x20, 0, 0], { kind: "waitable-set.wait", memory: 0 }, "[i32 i32] -> [i32]"],
  [[0x21, 0, 0], { kind: "waitable-set.poll", memory: 0 }, "[i32 i32] -> [i32]"],
  [[0x22], { kind: "waitable-set.drop" }, "[i32] -> []"],
  [[0x23], { kind: "waitable.join" }, "[i32 i32] -> []"],
  [[0x26], { kind: "thread.index" }, "[] -> [i32]"],
  [[0x27, 0, 0], { kind: "thread.new-indirect", table: 0 }, "[i32 i32] -> [i32]"],
  [[0x28], { kind: "thread.resume-later" }, "[i32] -> []"],
  [[0x29, 0], { kind: "thread.suspend" }, "[] -> [i32]"],
  [[0x2a, 0], { kind: "thread.suspend-then-resume" }, "[i32] -> [i32]"],
  [[0x2b, 0], { kind: "thread.yield-then-resume" }, "[i32] -> [i32]"],
  [[0x2c, 0], { kind: "thread.suspend-then-promote" }, "[i32] -> [i32]"],
  [[0x2d, 0], { kind: "thread.yield-then-promote" }, "[i32] -> [i32]"],
  [[0x24], { kind: "backpressure.inc" }, "[] -> []"],
  [[0x25], { kind: "backpressure.dec" }, "[] -> []"],
];

describe("a built-in is read", () => {
  for (const [entry, expected, core] of builtins) {
    it(`${hex(entry)}: ${expected.kind} ${core}`, async () => {
      const { bytes } = await appended(before, CANONS, entry);
      const last: Definition | undefined = parseComponent(bytes, allFeatures).definitions.at(-1);
      assert.deepEqual(last, expected);
      const { params, results } = coreTypeOf(expected);
      assert.equal(`[${params.join(" ")}] -> [${results.join(" ")}]`, core);
    });
  }

  it("a result of more than 16 core values goes to task.return in memory", async () => {
    const { bytes } = await appended(before, CANONS, [0x09, 0, SEVENTEEN!, ...options(MEMORY)]);
    const last = parseComponent(bytes, allFeatures).definitions.at(-1);
    assert.equal(last?.kind, "task.return");
    assert.deepEqual(coreTypeOf(last), { params: ["i32"], results: [] });
  });
});

const preemptive = /`thread\.[a-z-]+` is not supported: preemptive threads are a gated part of component model async/;
const forwarding = /`(stream|future)\.forward` is not supported: forwarding is a gated part of component model async/;

/** Its bytes, what is said of them, and of which of them. */
const refused: readonly (readonly [Bytes, RegExp, number])[] = [
  [[0x06, 2], /invalid leading byte \(0x2\) for async/, 1],
  [[0x09, 2, 0], /invalid leading byte \(0x2\) for component function results/, 1],
  [[0x09, 1, 1, 0, 0], /named results are not supported/, 2],
  [[0x09, 0, BORROW!, ...none], /`task.return` result cannot contain a `borrow` type/, 1],
  [[0x09, 0, 0x73, ...none], /canonical option `memory` is required/, 0],
  [[0x09, 0, SEVENTEEN!, ...none], /canonical option `memory` is required/, 0],
  [[0x09, 1, 0, ...options(MEMORY, REALLOC)], /cannot specify `realloc` option on `task.return`/, 0],
  [[0x09, 1, 0, ...options(POST_RETURN)], /cannot specify `post-return` option on `task.return`/, 0],
  [[0x09, 1, 0, ...options(ASYNC)], /cannot specify `async` option on `task.return`/, 0],
  [[0x09, 1, 0, ...options(ASYNC, CALLBACK)], /cannot specify `async` option on `task.return`/, 0],
  [[0x0a, 0x7e, 0], /64-bit `context.get` is not supported/, 1],
  [[0x0a, 0x7d, 0], /`context.get` only supports `i32`/, 1],
  [[0x0b, 0x7f, 2], /`context.set` immediate must be zero or one: 2/, 2],
  [[0x0c, 1], /`cancellable` on `thread.yield` is not supported/, 1],
  [[0x0c, 2], /invalid leading byte \(0x2\) for `thread.yield`/, 1],
  [[0x0e, FUTURE!], /`stream.new` requires a stream type/, 1],
  [[0x0e, DEFINED!], /`stream.new` requires a stream type/, 1],
  [[0x0e, FUNC!], /`stream.new` requires a stream type/, 1],
  [[0x0e, 99], /unknown type 99/, 1],
  [[0x0f, U8S!, ...options(ASYNC)], /canonical option `memory` is required/, 0],
  [[0x0f, STRINGS!, ...options(ASYNC, MEMORY)], /canonical option `realloc` is required/, 0],
  [[0x0f, STREAM!, ...options(POST_RETURN)], /`post-return` cannot be specified for lowerings/, 0],
  [[0x0f, STREAM!, ...options(ASYNC, CALLBACK)], /`callback` cannot be specified for lowerings/, 0],
  [[0x0f, STREAM!, ...options(ASYNC, ASYNC)], /`async` is specified more than once/, 4],
  [[0x0f, STREAM!, ...options(MEMORY, CALLBACK)], /cannot specify callback without async/, 5],
  [[0x0f, STREAM!, ...options(POST_RETURN, ASYNC)], /cannot specify post-return function in async/, 3],
  [[0x0f, STREAM!, ...options([3, 1])], /`memory` cannot be a shared memory/, 3],
  [[0x0f, STREAM!, ...options([3, 2])], /`memory` with a 64-bit memory is not supported/, 3],
  [[0x0f, STREAM!, ...options(MEMORY, [4, 1])], /`realloc` uses a core function with an incorrect signature/, 5],
  [[0x0f, STREAM!, ...options([7, 9])], /unknown core function 9/, 3],
  [[0x0f, STREAM!, ...options([8])], /invalid leading byte \(0x8\) for canonical option/, 3],
  [[0x10, STRINGS!, ...options(ASYNC)], /canonical option `memory` is required/, 0],
  [[0x10, FUTURE!, ...none], /`stream.write` requires a stream type/, 1],
  [[0x11, U8!, 0], /`stream.cancel-read` requires a stream type/, 1],
  [[0x12, U8S!, 3], /invalid leading byte \(0x3\) for async/, 2],
  [[0x13, U8!], /`stream.drop-readable` requires a stream type/, 1],
  [[0x14, U8!], /`stream.drop-writable` requires a stream type/, 1],
  [[0x15, U8S!], /`future.new` requires a future type/, 1],
  [[0x16, STRING!, ...options(MEMORY)], /canonical option `realloc` is required/, 0],
  [[0x17, U8!, ...options(ASYNC)], /canonical option `memory` is required/, 0],
  [[0x18, U8S!, 0], /`future.cancel-read` requires a future type/, 1],
  [[0x19, U8S!, 0], /`future.cancel-write` requires a future type/, 1],
  [[0x1a, U8S!], /`future.drop-readable` requires a future type/, 1],
  [[0x1b, U8S!], /`future.drop-writable` requires a future type/, 1],
  [[0x20, 1, 0], /`cancellable` on `waitable-set.wait` is not supported/, 1],
  [[0x20, 0, 1], /`memory` cannot be a shared memory/, 2],
  [[0x20, 0, 2], /`memory` with a 64-bit memory is not supported/, 2],
  [[0x20, 0, 3], /unknown core memory 3/, 2],
  [[0x21, 1, 0], /`cancellable` on `waitable-set.poll` is not supported/, 1],
  [[0x07, 0], /invalid leading byte \(0x7\) for canonical function/, 0],
  [[0x08], /invalid leading byte \(0x8\) for canonical function/, 0],
  [[0x30], /invalid leading byte \(0x30\) for canonical function/, 0],
  [[0x1c, ...none], /canonical option `memory` is required/, 0],
  [[0x1c, ...options(MEMORY, ASYNC)], /cannot specify `async` option on `error-context.new`/, 0],
  [[0x1c, ...options(MEMORY, POST_RETURN)], /`post-return` cannot be specified for lowerings/, 0],
  [[0x1d, ...options(MEMORY)], /canonical option `realloc` is required/, 0],
  [[0x1d, ...options(MEMORY, REALLOC, ASYNC)], /cannot specify `async` option on `error-context.debug-message`/, 0],
  [[0x1d, ...options(MEMORY, REALLOC, ASYNC, CALLBACK)], /cannot specify `async` option/, 0],
  [[0x27, 1, 0], /start function must take a single `i32` argument \(currently\)/, 0],
  [[0x27, 2, 0], /start function must not return any values/, 0],
  [[0x27, 3, 0], /start type must be a function/, 0],
  [[0x27, 4, 0], /expected a core function type/, 0],
  [[0x27, 5, 0], /unknown type 5: type index out of bounds/, 0],
  [[0x27, 0, 1], /table is not a 32-bit table of \(ref null \(func\)\)/, 0],
  [[0x27, 0, 2], /table is not a 32-bit table of \(ref null \(func\)\)/, 0],
  [[0x27, 0, 3], /unknown table 3: table index out of bounds/, 0],
  [[0x29, 1], /`cancellable` on `thread.suspend` is not supported/, 1],
  [[0x2a, 1], /`cancellable` on `thread.suspend-then-resume` is not supported/, 1],
  [[0x2b, 1], /`cancellable` on `thread.yield-then-resume` is not supported/, 1],
  [[0x2c, 1], /`cancellable` on `thread.suspend-then-promote` is not supported/, 1],
  [[0x2d, 2], /invalid leading byte \(0x2\) for `thread.yield-then-promote`/, 1],
  ...[0x40, 0x41, 0x42].map((opcode) => [[opcode, 0], preemptive, 0] as const),
  [[0x2e, U8S!], forwarding, 0],
  [[0x2f, U8!], forwarding, 0],
];

/** The built-ins of threads, which not every component may use. */
const threads: readonly Bytes[] = [[0x26], [0x27, 0, 0], [0x28], [0x29, 0], [0x2a, 0], [0x2b, 0], [0x2c, 0], [0x2d, 0]];

describe("a built-in of threads is refused, with the place, unless it is allowed", () => {
  for (const entry of [...threads, [0x27, 9, 9]]) {
    it(hex(entry), async () => {
      const { bytes, start } = await appended(before, CANONS, entry);
      assert.throws(
        () => parseComponent(bytes),
        (error) => {
          assert.ok(error instanceof ParseError, String(error));
          assert.match(error.message, /^`thread\.[a-z-]+` requires the component model threading feature \(at offset/);
          assert.equal(error.offset, start);
          return true;
        },
      );
    });
  }
});

describe("a built-in is refused, with the place", () => {
  for (const [entry, message, at] of refused) {
    it(`${hex(entry)}: ${message.source}`, async () => {
      const { bytes, start } = await appended(before, CANONS, entry);
      assert.throws(
        () => parseComponent(bytes, allFeatures),
        (error) => {
          assert.ok(error instanceof ParseError, String(error));
          assert.match(error.message, message);
          assert.equal(error.offset - start, at);
          return true;
        },
      );
    });
  }
});

/** What core modules import the built-ins as. */
const texts: readonly (readonly [string, string])[] = [
  ["task.return (result (tuple u8 u64))", "(param i32 i64)"],
  ["task.cancel", ""],
  ["context.get i32 0", "(result i32)"],
  ["context.set i32 1", "(param i32)"],
  ["subtask.cancel", "(param i32) (result i32)"],
  ["subtask.drop", "(param i32)"],
  ["stream.new 0", "(result i64)"],
  ["stream.read 0 async (memory 0)", "(param i32 i32 i32) (result i32)"],
  ["stream.write 0 async (memory 0)", "(param i32 i32 i32) (result i32)"],
  ["stream.cancel-read 0 async", "(param i32) (result i32)"],
  ["stream.drop-readable 0", "(param i32)"],
  ["future.new 3", "(result i64)"],
  ["future.read 3", "(param i32 i32) (result i32)"],
  ["future.drop-writable 3", "(param i32)"],
  ["error-context.new (memory 0)", "(param i32 i32) (result i32)"],
  ["error-context.debug-message (memory 0) (realloc (core func 0))", "(param i32 i32)"],
  ["error-context.drop", "(param i32)"],
  ["waitable-set.new", "(result i32)"],
  ["waitable-set.wait (memory 0)", "(param i32 i32) (result i32)"],
  ["waitable-set.drop", "(param i32)"],
  ["waitable.join", "(param i32 i32)"],
  ["backpressure.inc", ""],
  ["thread.yield", "(result i32)"],
  ["thread.index", "(result i32)"],
  ["thread.new-indirect 0 (core table 0)", "(param i32 i32) (result i32)"],
  ["thread.resume-later", "(param i32)"],
  ["thread.suspend", "(result i32)"],
  ["thread.suspend-then-resume", "(param i32) (result i32)"],
  ["thread.yield-then-promote", "(param i32) (result i32)"],
];

describe("a core module may import a built-in", () => {
  for (const [text, core] of texts) {
    it(`${text} as (func ${core})`, async () => {
      const wanting = (type: string) =>
        binary(`(component ${before}
          (core func $f (canon ${text}))
          (core module $n (import "" "f" (func ${type})))
          (core instance (instantiate $n (with "" (instance (export "f" (func $f)))))))`);
      parseComponent(await wanting(core), allFeatures);
      const other = await wanting(`${core} (result f64)`);
      assert.throws(() => parseComponent(other, allFeatures), /type mismatch for export `f`/);
    });
  }
});

function hex(bytes: Bytes): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
