import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { camelCase } from "../../../src/component/types/names.ts";
import { canonOptions, exported, instantiateText, libc } from "../text.ts";

/** A type as text, what it flattens to, and values of it in JS. */
interface Sample {
  readonly text: string;
  readonly flat: readonly string[];
  readonly values: fc.Arbitrary<unknown>;
}

type Array = { readonly from: (items: readonly never[]) => unknown };

const number = (text: string, min: number, max: number, array: Array): Sample & { array: Array } => ({
  text,
  flat: ["i32"],
  values: fc.integer({ min, max }),
  array,
});

/** Any value but NaN has one pattern of bits; deepStrictEqual holds NaN equal to itself. */
const numbers: readonly (Sample & { readonly array: Array })[] = [
  number("u8", 0, 0xff, Uint8Array as Array),
  number("s8", -0x80, 0x7f, Int8Array as Array),
  number("u16", 0, 0xffff, Uint16Array as Array),
  number("s16", -0x8000, 0x7fff, Int16Array as Array),
  number("u32", 0, 0xffff_ffff, Uint32Array as Array),
  number("s32", -0x8000_0000, 0x7fff_ffff, Int32Array as Array),
  { text: "u64", flat: ["i64"], values: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), array: BigUint64Array as Array },
  {
    text: "s64",
    flat: ["i64"],
    values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    array: BigInt64Array as Array,
  },
  { text: "f32", flat: ["f32"], values: fc.float(), array: Float32Array as Array },
  { text: "f64", flat: ["f64"], values: fc.double(), array: Float64Array as Array },
];

const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom("a", "é", "ÿ", "Ā", "☃", "𝄞", "\0"),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    ),
    maxLength: 40,
  })
  .map((value) => value.toWellFormed());

const leaves: readonly Sample[] = [
  ...numbers,
  { text: "bool", flat: ["i32"], values: fc.boolean() },
  { text: "char", flat: ["i32"], values: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
  { text: "string", flat: ["i32", "i32"], values: text },
  ...numbers.map(({ text, values, array }) => ({
    text: `(list ${text})`,
    flat: ["i32", "i32"],
    values: fc.array(values, { maxLength: 20 }).map((items) => array.from(items as never[])),
  })),
];

function join(a: string | undefined, b: string): string {
  if (a === undefined || a === b) return b;
  return (a === "i32" && b === "f32") || (a === "f32" && b === "i32") ? "i32" : "i64";
}

function unionFlat(payloads: readonly (Sample | undefined)[]): string[] {
  const joined: string[] = [];
  for (const payload of payloads) {
    payload?.flat.forEach((type, i) => {
      joined[i] = join(joined[i], type);
    });
  }
  return ["i32", ...joined];
}

const isNullable = (sample: Sample): boolean => nullable.has(sample);
function objects(fields: readonly (readonly [string, fc.Arbitrary<unknown>])[]): fc.Arbitrary<unknown> {
  return fc.record(Object.fromEntries(fields), { noNullPrototype: true });
}

const nullable = new WeakSet<Sample>();

function option(inner: Sample): Sample {
  const sample: Sample = {
    text: `(option ${inner.text})`,
    flat: unionFlat([undefined, inner]),
    values: isNullable(inner)
      ? fc.oneof(
          fc.constant({ tag: "none" }),
          inner.values.map((val) => ({ tag: "some", val })),
        )
      : fc.option(inner.values, { nil: undefined }),
  };
  if (!isNullable(inner)) nullable.add(sample);
  return sample;
}

/** Types in the text format, where records, variants, enums and flags are named: `declare` makes a name. */
function types(declare: (text: string) => string): fc.Arbitrary<Sample> {
  const names = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => `case-${String.fromCharCode(97 + (i % 26))}${i}`);
  const { type } = fc.letrec<{ type: Sample; leaf: Sample }>((tie) => ({
    leaf: fc.constantFrom(...leaves),
    type: fc.oneof(
      { maxDepth: 3, depthIdentifier: "type" },
      tie("leaf"),
      tie("type").map(option),
      fc.tuple(tie("type"), tie("type")).map(
        ([ok, err]): Sample => ({
          text: `(result ${ok.text} (error ${err.text}))`,
          flat: unionFlat([ok, err]),
          values: fc.oneof(
            ok.values.map((val) => ({ tag: "ok", val })),
            err.values.map((val) => ({ tag: "err", val })),
          ),
        }),
      ),
      fc.array(tie("type"), { minLength: 1, maxLength: 4 }).map(
        (items): Sample => ({
          text: `(tuple ${items.map((item) => item.text).join(" ")})`,
          flat: items.flatMap((item) => item.flat),
          values: fc.tuple(...items.map((item) => item.values)),
        }),
      ),
      fc.array(tie("type"), { minLength: 1, maxLength: 5 }).map(
        (items): Sample => ({
          text: declare(
            `(record ${items.map((item, i) => `(field "${names(items.length)[i]}" ${item.text})`).join(" ")})`,
          ),
          flat: items.flatMap((item) => item.flat),
          values: objects(items.map((item, i) => [camelCase(names(items.length)[i]!), item.values])),
        }),
      ),
      fc.array(fc.option(tie("type"), { nil: undefined }), { minLength: 1, maxLength: 4 }).map(
        (items): Sample => ({
          text: declare(
            `(variant ${items.map((item, i) => `(case "${names(items.length)[i]}" ${item?.text ?? ""})`).join(" ")})`,
          ),
          flat: unionFlat(items),
          values: fc.oneof(
            ...items.map((item, i) =>
              (item?.values ?? fc.constant(undefined)).map((val) => ({ tag: names(items.length)[i], val })),
            ),
          ),
        }),
      ),
      fc.constantFrom(1, 3, 300).map(
        (count): Sample => ({
          text: declare(
            `(enum ${names(count)
              .map((name) => `"${name}"`)
              .join(" ")})`,
          ),
          flat: ["i32"],
          values: fc.constantFrom(...names(count)),
        }),
      ),
      fc.constantFrom(1, 8, 9, 17, 32).map(
        (count): Sample => ({
          text: declare(
            `(flags ${names(count)
              .map((name) => `"${name}"`)
              .join(" ")})`,
          ),
          flat: ["i32"],
          values: objects(names(count).map((name) => [camelCase(name), fc.boolean()])),
        }),
      ),
      tie("type")
        .filter((element) => !numbers.some((leaf) => leaf.text === element.text))
        .map(
          (element): Sample => ({
            text: `(list ${element.text})`,
            flat: ["i32", "i32"],
            values: fc.array(element.values, { maxLength: 5 }),
          }),
        ),
    ),
  }));
  return type;
}

/** A core function that hands its arguments to the import `f` and answers what that answers. */
function forwarder(params: readonly string[], results: readonly string[]): string {
  const direct = results.length <= 1;
  const list = params.map((type, i) => `(param $p${i} ${type})`).join(" ");
  const gets = params.map((_, i) => `(local.get $p${i})`).join(" ");
  return direct
    ? `(core module $m
        (import "l" "f" (func $f (param ${params.join(" ")}) ${results.length ? `(result ${results[0]})` : ""}))
        (func (export "e") ${list} ${results.length ? `(result ${results[0]})` : ""} (call $f ${gets})))`
    : `(core module $m
        (import "l" "f" (func $f (param ${params.join(" ")} i32)))
        (func (export "e") ${list} (result i32) (call $f ${gets} (i32.const 512)) (i32.const 512)))`;
}

const encodings = ["utf8", "utf16", "latin1+utf16"] as const;

/** A component that imports `f` and exports `e`, both `(sample) -> sample`, the second calling the first. */
function component(sample: Sample, declarations: readonly string[], importing: string, exporting: string): string {
  const params = sample.flat.length > 16 ? ["i32"] : sample.flat;
  const { text } = sample;
  return `(component
    ${declarations.join("\n    ")}
    (import "f" (func $f (param "x" ${text}) (result ${text})))
    ${libc}
    (core func $lowered (canon lower (func $f) ${canonOptions} string-encoding=${importing}))
    ${forwarder(params, sample.flat)}
    (core instance $i (instantiate $m (with "l" (instance (export "f" (func $lowered))))))
    (func (export "e") (param "x" ${text}) (result ${text})
      (canon lift (core func $i "e") ${canonOptions} string-encoding=${exporting})))`;
}

/** As `component`, but the calls go through a second component of another encoding. */
function composed(sample: Sample, declarations: readonly string[], outer: string, inner: string): string {
  const indented = (encoding: string): string =>
    component(sample, declarations, encoding, encoding).replace("(component", "(component $NAME");
  const { text } = sample;
  const args = declarations.map((_, i) => `(with "type-${i}" (type $t${i}))`).join(" ");
  return `(component
    ${declarations.join("\n    ")}
    (import "f" (func $f (param "x" ${text}) (result ${text})))
    ${indented(inner).replace("$NAME", "$Inner")}
    ${indented(outer).replace("$NAME", "$Outer")}
    (instance $inner (instantiate $Inner ${args} (with "f" (func $f))))
    (instance $outer (instantiate $Outer ${args} (with "f" (func $inner "e"))))
    (export "e" (func $outer "e")))`;
}

interface Case {
  readonly sample: Sample;
  readonly declarations: readonly string[];
}

/** Types with the imports that name their records, variants, enums and flags. */
const cases: fc.Arbitrary<Case> = fc.constant(undefined).chain(() => {
  const known = new Map<string, string>();
  const declare = (text: string): string => {
    let name = known.get(text);
    if (name === undefined) {
      name = `$t${known.size}`;
      known.set(text, name);
    }
    return name;
  };
  return types(declare).map((sample): Case => {
    const declarations = [...known].map(
      ([text, name], i) => `(type ${name}-made ${text}) (import "type-${i}" (type ${name} (eq ${name}-made)))`,
    );
    return { sample, declarations };
  });
});

async function check({ sample }: Case, text: string): Promise<void> {
  let given: unknown;
  const imports = {
    f: (value: unknown) => {
      given = value;
      if (typeof value === "object" && value !== null && sample.text.startsWith("(result")) {
        const { tag, val } = value as { tag: string; val: unknown };
        if (tag === "err") throw Object.assign(new Error("the error case"), { payload: val });
        return val;
      }
      return value;
    },
  };
  const call = exported(await instantiateText(text, imports), "e");
  for (const value of fc.sample(sample.values, { numRuns: 8, seed: 7 })) {
    let answer: unknown;
    try {
      answer = call(value);
      if (sample.text.startsWith("(result")) answer = { tag: "ok", val: answer };
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "ComponentError" || !("payload" in error)) throw error;
      answer = { tag: "err", val: error.payload };
    }
    assert.deepStrictEqual(given, value);
    assert.deepStrictEqual(answer, value);
  }
}

describe("values through a component and back", () => {
  for (const encoding of encodings) {
    it(`in ${encoding}`, { timeout: 300_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(cases, (sample) =>
          check(sample, component(sample.sample, sample.declarations, encoding, encoding)),
        ),
        { numRuns: 150, seed: 1 },
      );
    });
  }
  for (const [outer, inner] of [
    ["utf8", "utf16"],
    ["utf16", "latin1+utf16"],
    ["latin1+utf16", "utf8"],
  ] as const) {
    it(`from ${outer} to ${inner}, between two components`, { timeout: 300_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(cases, (sample) => check(sample, composed(sample.sample, sample.declarations, outer, inner))),
        { numRuns: 60, seed: 2 },
      );
    });
  }
});
