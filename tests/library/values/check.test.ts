import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ErrorContext } from "../../../src/component/error-context.ts";
import {
  enumeration,
  flags,
  handle,
  list,
  option,
  prims,
  readable,
  record,
  result,
  tuple,
  variant,
} from "../../../src/component/types/layout.ts";
import { camelCase } from "../../../src/component/types/names.ts";
import { resourceId, type ValType } from "../../../src/component/types/types.ts";
import { checkOf } from "../../../src/library/values/check.ts";

const { u8, s8, u32, u64, s64, f64, bool, char, string } = prims;
const point = record([
  { name: "x-axis", type: u32 },
  { name: "label", type: option(string) },
]);
const shape = variant([
  { name: "dot", type: undefined },
  { name: "line", type: tuple([point, point]) },
]);

/** A type, a value of it, and what is said of it; undefined: it is right. */
const cases: readonly (readonly [what: string, type: ValType, value: unknown, wrong: string | undefined])[] = [
  ["a byte", u8, 255, undefined],
  ["too large a byte", u8, 256, "an integer from 0 to 255 was expected, not 256"],
  ["a negative byte", s8, -128, undefined],
  ["a fraction", u32, 1.5, "an integer from 0 to 4294967295 was expected, not 1.5"],
  ["no number", u32, Number.NaN, "an integer from 0 to 4294967295 was expected, not NaN"],
  ["a bigint for 32 bits", u32, 5n, "an integer from 0 to 4294967295 was expected, not 5n"],
  ["64 bits", u64, 2n ** 64n - 1n, undefined],
  ["more than 64 bits", u64, 2n ** 64n, "a bigint within u64 was expected, not 18446744073709551616n"],
  ["a number for 64 bits", s64, 5, "a bigint within s64 was expected, not 5"],
  ["a float", f64, Number.NaN, undefined],
  ["text for a float", f64, "1", 'a number was expected, not "1"'],
  ["a boolean", bool, true, undefined],
  ["a number for a boolean", bool, 1, "a boolean was expected, not 1"],
  ["a char", char, "🦀", undefined],
  ["two chars", char, "ab", 'a string of one Unicode scalar value was expected, not "ab"'],
  ["half a char", char, "\ud800", 'a string of one Unicode scalar value was expected, not "\\ud800"'],
  ["a string", string, "", undefined],
  ["a long one for a number", u8, "x".repeat(50), `an integer from 0 to 255 was expected, not "${"x".repeat(40)}"...`],
  ["a record", point, { xAxis: 1, label: undefined, more: 2 }, undefined],
  [
    "a field by its WIT name",
    point,
    { "x-axis": 1 },
    "`xAxis`: an integer from 0 to 4294967295 was expected, not undefined",
  ],
  ["null for an option", point, { xAxis: 1, label: null }, undefined],
  ["no record", point, null, "an object was expected, not null"],
  ["a tuple", tuple([u8, string]), [1, "a"], undefined],
  ["a short tuple", tuple([u8, string]), [1], "an array of 2 was expected, not an array"],
  ["an item of a tuple", tuple([u8, string]), [1, 2], "item 1: a string was expected, not 2"],
  ["a list", list(u8), Uint8Array.of(1), undefined],
  [
    "an item of a list",
    list(point),
    [{ xAxis: 1 }, {}],
    "item 1: `xAxis`: an integer from 0 to 4294967295 was expected, not undefined",
  ],
  ["a list of a length", list(u8, 2), [1], "an array of 2 was expected, not an array"],
  ["text for a list", list(char), "ab", 'an array was expected, not "ab"'],
  ["a case", shape, { tag: "dot" }, undefined],
  ["no case", shape, { tag: "dash" }, "an object whose `tag` is one of dot, line was expected, not an object (Object)"],
  ["a case's payload", shape, { tag: "line", val: [] }, "`val` of line: an array of 2 was expected, not an array"],
  ["an option of an option", option(option(u8)), { tag: "some", val: undefined }, undefined],
  [
    "its payload",
    option(option(u8)),
    { tag: "some", val: "a" },
    '`val` of some: an integer from 0 to 255 was expected, not "a"',
  ],
  ["a result", result(u8, string), { tag: "err", val: "no" }, undefined],
  [
    "a result's payload",
    result(undefined, string),
    { tag: "err" },
    "`val` of err: a string was expected, not undefined",
  ],
  ["an enum", enumeration(["a", "b"]), "b", undefined],
  ["no enum", enumeration(["a", "b"]), "c", 'one of a, b was expected, not "c"'],
  ["flags", flags(["a", "b"]), { a: true }, undefined],
  ["no flags", flags(["a"]), "a", 'an object of flags was expected, not "a"'],
  ["a resource", handle("own", resourceId()), new Map(), undefined],
  ["no resource", handle("own", resourceId()), 5, "a resource was expected, not 5"],
  ["a stream", readable("stream", u8), [], undefined],
  ["an error context", prims["error-context"], new ErrorContext("oops"), undefined],
  ["no error context", prims["error-context"], "oops", 'an ErrorContext was expected, not "oops"'],
  ["no promise", readable("future", u8), 5, "a promise was expected, not 5"],
];

describe("a value of a program's", () => {
  for (const [what, type, value, wrong] of cases)
    it(`${what}: ${wrong ?? "right"}`, () => assert.equal(checkOf(type)(value), wrong));

  it("one of many cases names some of them", () => {
    const names = Array.from({ length: 30 }, (_, i) => `case${i}`);
    assert.match(checkOf(enumeration(names))("none") ?? "", /case19 \.\.\. was expected/);
  });

  it("of any type is right; with a part of it that no type has, it is wrong, and that is told", () => {
    const nothing = Symbol("of no type");
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = numbers(seed);
        const type = typeBy(random, 3);
        assert.equal(checkOf(type)(valueBy(random, type, undefined)), undefined);
        const spoilt = { with: nothing, used: false };
        const value = valueBy(random, type, spoilt);
        if (spoilt.used) assert.match(checkOf(type)(value) ?? "", /was expected, not (Symbol|an object)/);
      }),
      { numRuns: 500 },
    );
  });
});

type Random = (below: number) => number;

function numbers(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) % below;
  };
}

const plain = [u8, s8, u32, u64, s64, f64, bool, char, string];

function typeBy(random: Random, depth: number): ValType {
  const inner = () => typeBy(random, depth - 1);
  if (depth === 0) return plain[random(plain.length)]!;
  switch (random(7)) {
    case 0:
      return record([
        { name: "first-one", type: inner() },
        { name: "b", type: inner() },
      ]);
    case 1:
      return tuple([inner(), inner()]);
    case 2:
      return list(inner());
    case 3:
      return option(inner());
    case 4:
      return result(inner(), undefined);
    case 5:
      return variant([
        { name: "none-of-it", type: undefined },
        { name: "some", type: inner() },
      ]);
    default:
      return plain[random(plain.length)]!;
  }
}

/** A value of the type. @param spoil What one leaf of it is in its place, where there is one */
function valueBy(random: Random, type: ValType, spoil: { readonly with: symbol; used: boolean } | undefined): unknown {
  const value = (of: ValType) => valueBy(random, of, spoil);
  switch (type.kind) {
    case "record":
      return Object.fromEntries(type.fields.map(({ name, type: of }) => [camelCase(name), value(of)]));
    case "tuple":
      return type.types.map(value);
    case "list":
      return Array.from({ length: random(4) }, () => value(type.element));
    case "option":
      return isTagged(type) ? { tag: "some", val: value(type.type) } : value(type.type);
    case "result":
      return { tag: "ok", val: type.ok && value(type.ok) };
    case "variant":
      return { tag: "some", val: value(type.cases[1]!.type!) };
    default:
      if (spoil !== undefined && !spoil.used && random(3) === 0) {
        spoil.used = true;
        return spoil.with;
      }
      return { u64: 7n, s64: -7n, f64: 0.5, bool: false, char: "c", string: "text" }[type.kind as string] ?? 7;
  }
}

function isTagged(type: ValType): boolean {
  return type.kind === "option" && type.type.kind === "option" && !isTagged(type.type);
}
