/** Async functions, streams and futures as types: read, refused, compared; and functions of them lifted and lowered. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allFeatures } from "../../../src/component/binary/features.ts";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { handle, prims, readable, record } from "../../../src/component/types/layout.ts";
import { type FuncType, resourceId, type TypeDef } from "../../../src/component/types/types.ts";
import { ParseError } from "../../../src/wasm/errors.ts";
import { appended, type Bytes, TYPES } from "../bytes.ts";
import { binary } from "../text.ts";

const before = `
  (type $r (resource (rep i32)))
  (type (borrow $r))
  (type char)
  (type (list 1))`;
const [, BORROW, CHAR, BORROWS] = Array.from(Array(4).keys());

/** The type that these bytes are, which an export gives its name. */
async function typeOf(entry: Bytes): Promise<TypeDef> {
  const { bytes } = await appended(before, TYPES, entry);
  // an export section: the type after those of `before`, as "t"
  const exported = Uint8Array.from([...bytes, 11, 7, 1, 0, 1, 0x74, 3, 4, 0]);
  const type = parseComponent(exported, allFeatures).type.exports.get("t");
  assert.equal(type?.kind, "type");
  return type.type;
}

const func = (given: Partial<FuncType>): TypeDef => ({
  kind: "func",
  type: { async: true, params: [], result: undefined, ...given },
});

describe("a type of component model async is read", () => {
  const types: readonly (readonly [string, Bytes, TypeDef])[] = [
    ["async func", [0x43, 0, 1, 0], func({})],
    [
      "async func(x: u8) -> string",
      [0x43, 1, 1, 0x78, 0x7d, 0, 0x73],
      func({ params: [{ name: "x", type: prims.u8 }], result: prims.string }),
    ],
    ["func", [0x40, 0, 1, 0], func({ async: false })],
    ["stream", [0x66, 0], { kind: "value", type: readable("stream", undefined) }],
    ["stream<u8>", [0x66, 1, 0x7d], { kind: "value", type: readable("stream", prims.u8) }],
    ["future", [0x65, 0], { kind: "value", type: readable("future", undefined) }],
    ["future<char>", [0x65, 1, 0x74], { kind: "value", type: readable("future", prims.char) }],
    ["error-context", [0x64], { kind: "value", type: prims["error-context"] }],
    ["stream<error-context>", [0x66, 1, 0x64], { kind: "value", type: readable("stream", prims["error-context"]) }],
  ];
  for (const [what, entry, expected] of types) {
    it(what, async () => assert.deepEqual(await typeOf(entry), expected));
  }

  it("a stream is a handle: it holds no string, whatever it carries, and refers to the resources that it carries", () => {
    const { size, align, flat, borrows, owns, pointers, streams } = readable(
      "stream",
      handle("own", resourceId()),
    ).info;
    assert.deepEqual(
      { size, align, flat, borrows, owns, pointers, streams },
      { size: 4, align: 4, flat: ["i32"], borrows: false, owns: true, pointers: false, streams: true },
    );
    assert.equal(readable("future", prims.string).info.pointers, false);
    assert.equal(record([{ name: "s", type: readable("future", undefined) }]).info.streams, true);
  });
});

describe("a type of component model async is refused, with the place", () => {
  const refused: readonly (readonly [Bytes, RegExp, number])[] = [
    [[0x66, 1, BORROW!], /`stream` payload cannot contain a `borrow` type/, 0],
    [[0x66, 1, BORROWS!], /`stream` payload cannot contain a `borrow` type/, 0],
    [[0x65, 1, BORROW!], /`future` payload cannot contain a `borrow` type/, 0],
    [[0x66, 1, 0x74], /`stream<char>` is not valid/, 0],
    [[0x66, 1, CHAR!], /`stream<char>` is not valid/, 0],
    [[0x66, 2, 0x7d], /invalid leading byte \(0x2\) for stream type/, 1],
    [[0x65, 1, 0xe3, 0x00], /unknown type 99/, 2],
    [[0x43, 0, 2, 0], /invalid leading byte \(0x2\) for component function results/, 2],
    [[0x43, 0, 0, BORROW!], /function result cannot contain a `borrow` type/, 2],
    [[0x44, 0, 1, 0], /invalid leading byte \(0x44\)/, 0],
    // types that are written where a type index or a primitive belongs
    [[0x70, 0x66], /invalid leading byte \(0x66\)/, 1],
    [[0x70, 0x64], /`error-context` requires the component model error-context feature/, 1],
    [[0x64], /`error-context` requires the component model error-context feature/, 0],
    [[0x63, 0x79, 0x73], /`map` type is not supported/, 0],
  ];
  for (const [entry, message, at] of refused) {
    it(`${entry.map((byte) => byte.toString(16)).join(" ")}: ${message.source}`, async () => {
      const { bytes, start } = await appended(before, TYPES, entry);
      refuses(bytes, message, start + at);
    });
  }
});

function refuses(bytes: Uint8Array<ArrayBuffer>, message: RegExp, offset?: number): void {
  assert.throws(
    () => parseComponent(bytes),
    (error) => {
      assert.ok(error instanceof ParseError, String(error));
      assert.match(error.message, message);
      if (offset !== undefined) assert.equal(error.offset, offset);
      return true;
    },
  );
}

describe("a function of another type does not fit", () => {
  /** The type that is wanted, that which is given; none: it fits. */
  const pairs: readonly (readonly [string, string, RegExp | undefined])[] = [
    ["(func async)", "(func async)", undefined],
    ["(func async)", "(func)", /expected async function, found sync function/],
    ["(func)", "(func async)", /expected sync function, found async function/],
    ["(func (result (stream u8)))", "(func (result (stream u8)))", undefined],
    ["(func (result (stream u8)))", "(func (result (stream u16)))", /type mismatch in stream type: .*`u8`, .*`u16`/],
    ["(func (result (stream u8)))", "(func (result (stream)))", /expected stream type, but found none/],
    ["(func (result (future)))", "(func (result (future u8)))", /expected future type to not be present/],
    ["(func (result (future)))", "(func (result (stream)))", /expected future, found stream/],
    ["(func (result (future)))", "(func (result u32))", /expected future, found primitive `u32`/],
  ];
  for (const [wanted, given, message] of pairs) {
    it(`${given} for ${wanted}`, async () => {
      const bytes = await binary(`(component
        (component $c (import "f" ${wanted}))
        (import "g" ${given.replace("func", "func $g")})
        (instance (instantiate $c (with "f" (func $g)))))`);
      if (message === undefined) parseComponent(bytes);
      else refuses(bytes, message);
    });
  }

  /** A component that wants a stream of its resource; the resource and the stream's that it is given. */
  const instantiated = (stream: string) => `(component
    (component $c
      (import "r" (type $r (sub resource)))
      (import "f" (func (result (stream (own $r))))))
    (type $a (resource (rep i32)))
    (type $b (resource (rep i32)))
    (component $d
      (import "r" (type $r (sub resource)))
      (import "f" (func $f (result (stream (own $r)))))
      (export "f" (func $f)))
    (core module $m (func (export "f") (result i32) unreachable))
    (core instance $i (instantiate $m))
    (func $f (result (stream (own ${stream}))) (canon lift (core func $i "f")))
    (instance $e (instantiate $d (with "r" (type $a)) (with "f" (func $f))))
    (instance (instantiate $c (with "r" (type $a)) (with "f" (func $e "f")))))`;

  it("a stream of another resource is another type, and instantiation puts the given one in its place", async () => {
    parseComponent(await binary(instantiated("$a")));
    refuses(await binary(instantiated("$b")), /resource types are not the same/);
  });

  it("a stream of what has no name cannot be exported", async () => {
    const exported = (name: string) =>
      binary(`(component
        (type $e' (enum "a")) ${name}
        (core module $m (func (export "f") (result i32) unreachable))
        (core instance $i (instantiate $m))
        (func $f (result (stream $e')) (canon lift (core func $i "f")))
        (export "f" (func $f)))`);
    refuses(await exported(""), /func not valid to be used as export/);
  });
});

/** A core module that exports `f` and what options name. */
const core = (type: string) => `
  (core module $m
    (memory (export "memory") 1)
    (func (export "f") ${type} unreachable)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable)
    (func (export "post") (param i32)))
  (core instance $i (instantiate $m))`;
const CALLBACK = '(callback (core func $i "callback"))';
const MEMORY = '(memory (core memory $i "memory"))';
const REALLOC = '(realloc (core func $i "realloc"))';
const params = (count: number) => Array.from({ length: count }, (_, i) => `(param "p${i}" u32)`).join(" ");
const i32s = (count: number) => (count === 0 ? "" : `(param${" i32".repeat(count)})`);

describe("canon lift of an async function", () => {
  /** The function's type, the options, and the core function that it is made of. */
  const lifts: readonly (readonly [string, string, string, RegExp | undefined])[] = [
    ["async", "", "", undefined],
    ["async", "async", "", undefined],
    ["async", `async ${CALLBACK}`, "(result i32)", undefined],
    ["async (result u64)", "", "(result i64)", undefined],
    ["async (result u64)", "async", "", undefined],
    [`async ${params(16)}`, `async ${CALLBACK}`, `${i32s(16)} (result i32)`, undefined],
    [`async ${params(17)}`, `async ${CALLBACK} ${MEMORY} ${REALLOC}`, `${i32s(1)} (result i32)`, undefined],
    [`async (result string)`, `async ${CALLBACK} ${MEMORY}`, "(result i32)", undefined],
    [`async (param "s" (stream string)) (result (future string))`, "async", "(param i32)", undefined],
    ["", "async", "", /the `async` canonical option requires an async function type/],
    ["", `async ${CALLBACK}`, "(result i32)", /the `async` canonical option requires an async function type/],
    ["async", CALLBACK, "", /cannot specify callback without async/],
    [
      "async",
      `async (callback (core func $i "realloc"))`,
      "(result i32)",
      /`callback` uses a core function with an inc/,
    ],
    ["async", `async (post-return (core func $i "post"))`, "", /cannot specify post-return function in async/],
    ["async", `async ${CALLBACK}`, "", /lifted function's result types \[i32\] do not match the core function's \[\]/],
    ["async", "async", "(result i32)", /lifted function's result types \[\] do not match the core function's \[i32\]/],
    ["async (result u64)", "async", "(result i64)", /lifted function's result types \[\] do not match/],
    [`async ${params(17)}`, `async ${MEMORY}`, i32s(1), /canonical option `realloc` is required/],
    ["async (result string)", "async", "", /canonical option `memory` is required/],
    [`async (result (tuple ${"u8 ".repeat(16)}))`, "async", "", undefined],
    [`async (result (tuple ${"u8 ".repeat(17)}))`, "async", "", /canonical option `memory` is required/],
    [`async (param "s" string)`, "async", "(param i32 i32)", /canonical option `memory` is required/],
  ];
  for (const [type, options, coreType, message] of lifts) {
    it(`(func ${type}) with ${options || "no option"} of ${coreType || "[] -> []"}`, async () => {
      const bytes = await binary(
        `(component ${core(coreType)} (func ${type} (canon lift (core func $i "f") ${options})))`,
      );
      if (message !== undefined) return refuses(bytes, message);
      const last = parseComponent(bytes).definitions.at(-1);
      assert.equal(last?.kind, "lift");
      assert.equal(last.type.async, type.startsWith("async"));
      assert.equal(last.options.async, options.startsWith("async"));
      assert.equal(last.options.callback !== undefined, options.includes("callback"));
    });
  }
});

describe("canon lower of an async function", () => {
  /** The function's type, the options, and the core function that it becomes. */
  const lowers: readonly (readonly [string, string, string | RegExp])[] = [
    ["async", "", ""],
    ["async", "async", "(result i32)"],
    ["async (result u64)", "", "(result i64)"],
    ["async (result u64)", `async ${MEMORY}`, "(param i32) (result i32)"],
    [`async ${params(4)}`, "async", `${i32s(4)} (result i32)`],
    [`async ${params(5)}`, `async ${MEMORY}`, `${i32s(1)} (result i32)`],
    [`async ${params(5)}`, "", i32s(5)],
    [`async ${params(4)} (result u8)`, `async ${MEMORY}`, `${i32s(5)} (result i32)`],
    [`async (param "s" (stream u8)) (result (future))`, "", "(param i32) (result i32)"],
    [`async (result string)`, `async ${MEMORY} ${REALLOC}`, "(param i32) (result i32)"],
    ["", "async", /the `async` canonical option requires an async function type/],
    ["async", `async ${CALLBACK}`, /`callback` cannot be specified for lowerings/],
    [`async ${params(5)}`, "async", /canonical option `memory` is required/],
    ["async (result u64)", "async", /canonical option `memory` is required/],
    ["async (result string)", `async ${MEMORY}`, /canonical option `realloc` is required/],
    [`async (param "s" string)`, "async", /canonical option `memory` is required/],
  ];
  for (const [type, options, expected] of lowers) {
    it(`(func ${type}) with ${options || "no option"}`, async () => {
      const importing = (coreType: string) =>
        binary(`(component ${core("")}
          (import "f" (func $f ${type}))
          (core func $g (canon lower (func $f) ${options}))
          (core module $n (import "" "g" (func ${coreType})))
          (core instance (instantiate $n (with "" (instance (export "g" (func $g)))))))`);
      if (typeof expected !== "string") return refuses(await importing(""), expected);
      parseComponent(await importing(expected));
      refuses(await importing(`(param f64) ${expected}`), /type mismatch for export `g`/);
    });
  }
});
