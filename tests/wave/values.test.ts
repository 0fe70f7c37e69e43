/** WAVE values: what is read of each type, how it is printed, and that printing and reading are inverse. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  enumeration,
  flags,
  list,
  option,
  prims,
  readable,
  record,
  result,
  tuple,
  variant,
} from "../../src/component/types/layout.ts";
import { camelCase } from "../../src/component/types/names.ts";
import type { ValType } from "../../src/component/types/types.ts";
import { parseValue } from "../../src/wave/parse.ts";
import { printValue } from "../../src/wave/print.ts";
import { readValue } from "../../src/wave/read.ts";

const { bool, u8, s8, u16, s16, u32, s32, u64, s64, f32, f64, char, string } = prims;
const point = record([
  { name: "x-pos", type: u8 },
  { name: "note", type: option(string) },
]);
const loose = record([{ name: "a", type: option(option(u8)) }]);
const side = enumeration(["near", "far", "true"]);
const shape = variant([
  { name: "dot", type: undefined },
  { name: "path", type: list(u8) },
  { name: "err", type: string },
]);
const rights = flags(["read", "write-all"]);

function read(type: ValType, text: string): unknown {
  return readValue(type, text, parseValue(text));
}

/** Type, text, value, and how it is printed where that is not the text. */
const good: readonly (readonly [ValType, string, unknown, string?])[] = [
  [bool, "true", true],
  [bool, "false", false],
  [u8, "255", 255],
  [s8, "-128", -128],
  [s16, "-0", 0, "0"],
  [u16, "65535", 65535],
  [u32, "4294967295", 4294967295],
  [s32, "-2147483648", -2147483648],
  [u64, "18446744073709551615", 2n ** 64n - 1n],
  [s64, "-9223372036854775808", -(2n ** 63n)],
  [f32, "0.5", 0.5],
  [f32, "1e39", Infinity, "inf"],
  [f32, "16777217", 16777216, "16777216"],
  [f64, "-0", -0],
  [f64, "2.5E+2", 250, "250"],
  [f64, "1e21", 1e21, "1000000000000000000000"],
  [f64, "1e-7", 1e-7, "0.0000001"],
  [f64, "nan", Number.NaN],
  [f64, "inf", Infinity],
  [f64, "-inf", -Infinity],
  [char, "'x'", "x"],
  [char, "'🌊'", "🌊"],
  [char, "'\"'", '"', "'\\\"'"],
  [char, String.raw`'\u{41}'`, "A", "'A'"],
  [string, '""', ""],
  [string, String.raw`"\t\n\r\\\'\""`, "\t\n\r\\'\""],
  [string, '"é\\u{301}"', "é\u0301"],
  [string, String.raw`"\u{0}\u{a0}\u{200b}"`, "\0\u00a0\u200b"],
  [string, '"""\n"""', "", '""'],
  [string, '"""\n  one\n    two\n\n  """'.replace("\n\n", "\n  \n"), "one\n  two\n", String.raw`"one\n  two\n"`],
  [string, '"""\r\n say ""\\"\r\n """', 'say """', String.raw`"say \"\"\""`],
  [list(u8), "[1, 2,]", [1, 2], "[1, 2]"],
  [list(list(bool)), "[[], [true]]", [[], [true]]],
  [tuple([u8, string]), '(1, "a",)', [1, "a"], '(1, "a")'],
  [point, '{note: some("n"), x-pos: 1}', { xPos: 1, note: "n" }, '{x-pos: 1, note: some("n")}'],
  [point, '{%x-pos: 1, note: "n"}', { xPos: 1, note: "n" }, '{x-pos: 1, note: some("n")}'],
  [point, "{x-pos: 1, more: 2}", { xPos: 1, note: undefined }, "{x-pos: 1}"],
  [loose, "{:}", { a: { tag: "none" } }],
  [loose, "{a: some(none)}", { a: { tag: "some", val: undefined } }],
  [side, "far", "far"],
  [side, "%near", "near", "near"],
  [side, "%true", "true"],
  [shape, "dot", { tag: "dot", val: undefined }],
  [shape, "path([7])", { tag: "path", val: [7] }],
  [shape, '%err("e")', { tag: "err", val: "e" }],
  [rights, "{}", { read: false, writeAll: false }],
  [rights, "{write-all, read,}", { read: true, writeAll: true }, "{read, write-all}"],
  [option(u8), "none", undefined],
  [option(u8), "5", 5, "some(5)"],
  [option(option(u8)), "some(some(5))", { tag: "some", val: 5 }],
  [result(u8, string), "5", { tag: "ok", val: 5 }, "ok(5)"],
  [result(u8, string), 'err("e")', { tag: "err", val: "e" }],
  [result(undefined, undefined), "ok", { tag: "ok", val: undefined }],
  [u8, " // first\n 1 // last", 1, "1"],
];

/** Type, text, and what is said. */
const bad: readonly (readonly [ValType, string, string])[] = [
  [u8, "", "unexpected end of input at 0..0"],
  [u8, "256", "invalid value at 0..3"],
  [u8, "-0", "invalid value at 0..2"],
  [s8, "-129", "invalid value at 0..4"],
  [u64, "18446744073709551616", "invalid value at 0..20"],
  [u8, "1.0", "invalid value at 0..3"],
  [u8, "1e0", "invalid value at 0..3"],
  [u8, "nan", "invalid value at 0..3"],
  [u8, "true", "invalid value type at 0..4"],
  [u8, "1 1", "trailing characters after value at 2..3"],
  [u8, "01", "trailing characters after value at 1..2"],
  [f32, "-nan", "invalid token at 0..1"],
  [f32, "infinity", "invalid value type at 0..8"],
  [bool, "%true", "invalid value type at 0..5"],
  [char, '"x"', "invalid value type at 0..3"],
  [char, "''", "invalid token at 0..1"],
  [char, String.raw`'\u{d800}'`, "invalid character escape at 0..10"],
  [string, '"a', "invalid token at 0..1"],
  [string, '"é\\u{110000}"', "invalid character escape at 3..4"],
  [string, String.raw`"\q"`, "invalid token at 0..1"],
  [string, '"""a\n"""', 'invalid multiline string: opening """ must be followed immediately by newline at 3..4'],
  [string, '"""\na"""', 'invalid multiline string: closing """ must be on a line preceded only by spaces at 2..5'],
  [
    string,
    '"""\n a\n  """',
    'invalid multiline string: lines must be indented at least as much as closing """ at 4..5',
  ],
  [string, '"""\n\\j\n"""', "invalid character escape at 4..5"],
  [list(u8), "[,]", "unexpected token: Comma at 1..2"],
  [list(u8), "[1 2]", "unexpected token: Number at 3..4"],
  [list(u8), "[1", "unexpected end of input at 2..2"],
  [list(u8, 2), "[1, 2]", "error converting Wasm value: unsupported type list<_, N> at 0..6"],
  [tuple([u8]), "()", "empty tuple at 0..2"],
  [tuple([u8, u8]), "(1)", "error converting Wasm value: expected 2 tuple elements; got 1 at 0..3"],
  [point, "{note: none}", 'error converting Wasm value: missing field "x-pos" at 0..12'],
  [point, "{x-pos: 1, x-pos: 2}", 'duplicate field: "x-pos" at 11..16'],
  [point, "{x-pos: 1,,}", "unexpected token: Comma at 10..11"],
  [point, "{}", "invalid value type at 0..2"],
  [side, "up", "error converting Wasm value: expected a enum { near, far, true }; got up at 0..2"],
  [side, "true", "invalid value type at 0..4"],
  [shape, "dot(1)", 'error converting Wasm value: unexpected payload for "dot" case at 0..6'],
  [shape, "path", 'error converting Wasm value: missing payload for "path" case at 0..4'],
  [shape, "other(1)", 'error converting Wasm value: unknown case "other" at 0..8'],
  [rights, "{read, read}", 'duplicate flag: "read" at 7..11'],
  [rights, "{run}", "error converting Wasm value: expected a flags { read, write-all }; got {run} at 0..5"],
  [option(u8), "some", "unexpected end of input at 4..4"],
  [option(option(u8)), "5", "invalid value type at 0..1"],
  [result(undefined, u8), "5", "invalid value type at 0..1"],
  [result(u8, undefined), "ok", 'error converting Wasm value: missing payload for "ok" case at 0..2'],
  [readable("stream", u8), "1", "error converting Wasm value: unsupported type <<UNSUPPORTED>> at 0..1"],
  [prims["error-context"], "1", "error converting Wasm value: unsupported type <<UNSUPPORTED>> at 0..1"],
  [readable("future", undefined), "1", "error converting Wasm value: unsupported type <<UNSUPPORTED>> at 0..1"],
  [list(u8), `${"[".repeat(200)}`, "value nesting too deep at 99..100"],
];

describe("WAVE values", () => {
  for (const [type, text, value, printed = text] of good) {
    it(`${type.kind} ${JSON.stringify(text)}`, () => {
      assert.deepEqual(read(type, text), value);
      assert.equal(printValue(type, value), printed);
    });
  }
  for (const [type, text, message] of bad) {
    it(`no ${type.kind}: ${JSON.stringify(text.slice(0, 40))}`, () =>
      assert.throws(() => read(type, text), { name: "WaveError", message }));
  }

  it("any value of any type is read as it was printed", () => {
    fc.assert(
      fc.property(typed, ({ type, value }) => {
        const text = printValue(type, value);
        const again = read(type, text);
        assert.deepEqual(again, value);
        assert.equal(printValue(type, again), text);
      }),
      { numRuns: 2_000 },
    );
  });

  it("no text makes it throw anything but its own errors", () => {
    const pieces = fc.constantFrom(
      ...`{}()[]:,"'\\% -/0123456789.eE_abnot\n`,
      '"""',
      "some",
      "ok",
      "inf",
      "{:}",
      "u{",
      "é",
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 12 }),
        fc.constantFrom(...good.map(([type]) => type)),
        (parts, type) => {
          try {
            read(type, parts.join(""));
          } catch (error) {
            if (!(error instanceof Error) || error.name !== "WaveError") throw error;
          }
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

interface Typed {
  readonly type: ValType;
  readonly value: unknown;
}

type Values = readonly [ValType, fc.Arbitrary<unknown>];

const text = fc.string({ unit: "binary", maxLength: 8 });
const leaves: readonly Values[] = [
  [bool, fc.boolean()],
  [u8, fc.integer({ min: 0, max: 255 })],
  [s32, fc.integer()],
  [u64, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  [s64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [f32, fc.float()],
  [f64, fc.double()],
  [char, fc.string({ unit: "binary", minLength: 1, maxLength: 1 })],
  [string, text],
  [side, fc.constantFrom("near", "far", "true")],
  [rights, fc.record({ read: fc.boolean(), writeAll: fc.boolean() }, { noNullPrototype: true })],
];

/** A type around others, with its values. */
function around(inner: fc.Arbitrary<Values>): fc.Arbitrary<Values> {
  const tagged = (tag: string, val: fc.Arbitrary<unknown>) => val.map((value) => ({ tag, val: value }));
  const nullable = (type: ValType): boolean => type.kind === "option" && !nullable(type.type);
  return fc.oneof(
    inner.map(([type, values]): Values => [list(type), fc.array(values, { maxLength: 4 })]),
    inner.map(([type, values]): Values => {
      if (!nullable(type)) return [option(type), fc.option(values, { nil: undefined })];
      return [option(type), fc.oneof(fc.constant({ tag: "none" }), tagged("some", values))];
    }),
    fc.tuple(inner, inner).map(([[a, as], [b, bs]]): Values => [tuple([a, b]), fc.tuple(as, bs)]),
    fc
      .tuple(inner, inner)
      .map(([[a, as], [b, bs]]): Values => [result(a, b), fc.oneof(tagged("ok", as), tagged("err", bs))]),
    fc.tuple(inner, inner).map(([[a, as], [b, bs]]): Values => {
      const names = ["some", "x-2"];
      const fields = [as, bs].map((values, i) => [camelCase(names[i]!), values] as const);
      return [
        record([a, b].map((type, i) => ({ name: names[i]!, type }))),
        fc.record(Object.fromEntries(fields), { noNullPrototype: true }),
      ];
    }),
    inner.map(
      ([type, values]): Values => [
        variant([
          { name: "none", type: undefined },
          { name: "b", type },
        ]),
        fc.oneof(fc.constant({ tag: "none", val: undefined }), tagged("b", values)),
      ],
    ),
  );
}

const one = fc.constantFrom(...leaves);
const two = fc.oneof(one, around(one));
const typed: fc.Arbitrary<Typed> = fc
  .oneof(two, around(two))
  .chain(([type, values]) => values.map((value) => ({ type, value })));
