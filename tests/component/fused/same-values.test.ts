/** What a fused call passes on is what a call by JavaScript does: of types by chance, and of core values that may be none of theirs. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { instantiateComponent } from "../../../src/component/link/instantiate.ts";
import { Trap } from "../../../src/core/wait/errors.ts";
import { makeRandom, type Random } from "../random.ts";
import { binary, exported } from "../text.ts";

interface Sample {
  /** The type, as text. */
  readonly text: string;
  /** The core values that it flattens to. */
  readonly flat: readonly string[];
}

/** Types that must have a name: their definitions, which refer to those before. */
type Named = string[];

const numbers: readonly (readonly [string, string])[] = [
  ...["bool", "u8", "s8", "u16", "s16", "u32", "s32", "char"].map((text) => [text, "i32"] as const),
  ["u64", "i64"],
  ["s64", "i64"],
  ["f32", "f32"],
  ["f64", "f64"],
];

function named(types: Named, definition: string, flat: readonly string[]): Sample {
  types.push(definition);
  return { text: `$t${types.length - 1}`, flat };
}

const labels = (count: number) => Array.from({ length: count }, (_, i) => `l${i}`);

function sample(random: Random, types: Named, depth: number): Sample {
  const kind = random(depth > 0 ? 16 : 14);
  if (kind < 10) {
    const [text, flat] = numbers[random(numbers.length)]!;
    return { text, flat: [flat] };
  }
  const some = 1 + random(40);
  const quoted = (count: number) => labels(count).map((label) => `"${label}"`);
  if (kind === 10) return named(types, `(enum ${quoted(some).join(" ")})`, ["i32"]);
  if (kind === 11) return named(types, `(flags ${quoted(Math.min(32, some)).join(" ")})`, ["i32"]);
  if (kind === 12)
    return named(
      types,
      `(variant ${quoted(some)
        .map((label) => `(case ${label})`)
        .join(" ")})`,
      ["i32"],
    );
  if (kind === 13) return { text: "(result)", flat: ["i32"] };
  const parts = labels(1 + random(3)).map((label) => ({ label, part: sample(random, types, depth - 1) }));
  const flat = parts.flatMap(({ part }) => part.flat);
  if (kind === 14) return { text: `(tuple ${parts.map(({ part }) => part.text).join(" ")})`, flat };
  return named(types, `(record ${parts.map(({ label, part }) => `(field "${label}" ${part.text})`).join(" ")})`, flat);
}

interface Signature {
  readonly types: Named;
  readonly params: readonly Sample[];
  readonly result: Sample | undefined;
}

function signature(random: Random): Signature {
  const types: Named = [];
  const params: Sample[] = [];
  for (let left = random(17); left > 0; ) {
    const param = sample(random, types, 2);
    left -= param.flat.length;
    if (left >= 0) params.push(param);
  }
  let result: Sample | undefined = sample(random, types, 2);
  if (result.flat.length > 1 || random(5) === 0) result = undefined;
  return { types, params, result };
}

const bitsOf: Readonly<Record<string, (value: string) => string>> = {
  i32: (value) => `(i64.extend_i32_u ${value})`,
  i64: (value) => value,
  f32: (value) => `(i64.extend_i32_u (i32.reinterpret_f32 ${value}))`,
  f64: (value) => `(i64.reinterpret_f64 ${value})`,
};

const ofBits: Readonly<Record<string, (bits: string) => string>> = {
  i32: (bits) => `(i32.wrap_i64 ${bits})`,
  i64: (bits) => bits,
  f32: (bits) => `(f32.reinterpret_i32 (i32.wrap_i64 ${bits}))`,
  f64: (bits) => `(f64.reinterpret_i64 ${bits})`,
};

/** Two instances that exchange core values, of which the host gives and is told the bits. @param fused Else there is a `post-return` */
function component({ types, params, result }: Signature, fused: boolean): string {
  const flat = params.flatMap((param) => param.flat);
  const returned = result?.flat[0];
  const type = `${params.map(({ text }, i) => `(param "p${i}" ${text})`).join(" ")} ${result === undefined ? "" : `(result ${result.text})`}`;
  const core = `${flat.map((each) => `(param ${each})`).join(" ")} ${returned === undefined ? "" : `(result ${returned})`}`;
  const given = flat.map((_, i) => `(param "p${i}" u64)`).join(" ");
  const answered = returned === undefined ? "" : ofBits[returned]!("(global.get $answer)");
  const call = `(call $f ${flat.map((each, i) => ofBits[each]!(`(local.get ${i})`)).join(" ")})`;
  return `(component
    (component $Callee
      ${types.map((each, i) => `(type $t${i}' ${each}) (export $t${i} "t${i}" (type $t${i}'))`).join(" ")}
      (core module $m
        ${flat.map((_, i) => `(global $seen${i} (mut i64) (i64.const 0))`).join(" ")}
        (global $answer (mut i64) (i64.const 0))
        (func (export "answer") (param i64) (global.set $answer (local.get 0)))
        (func (export "seen") (param i32) (result i64)
          ${flat.map((_, i) => `(if (i32.eq (local.get 0) (i32.const ${i})) (then (return (global.get $seen${i}))))`).join(" ")}
          unreachable)
        (func (export "f") ${core}
          ${flat.map((each, i) => `(global.set $seen${i} ${bitsOf[each]!(`(local.get ${i})`)})`).join(" ")}
          ${answered})
        (func (export "post-return") ${returned === undefined ? "" : `(param ${returned})`}))
      (core instance $i (instantiate $m))
      (func (export "answer") (param "bits" u64) (canon lift (core func $i "answer")))
      (func (export "seen") (param "i" u32) (result u64) (canon lift (core func $i "seen")))
      (func (export "f") ${type} (canon lift (core func $i "f") ${fused ? "" : '(post-return (core func $i "post-return"))'})))
    (component $Caller
      ${types.map((each, i) => `(type $t${i}' ${each}) (import "t${i}" (type $t${i} (eq $t${i}')))`).join(" ")}
      (import "f" (func $f ${type}))
      (core func $f (canon lower (func $f)))
      (core module $m
        (import "h" "f" (func $f ${core}))
        (func (export "run") ${flat.map(() => "(param i64)").join(" ")} (result i64)
          ${returned === undefined ? `${call} (i64.const 0)` : bitsOf[returned]!(call)}))
      (core instance $i (instantiate $m (with "h" (instance (export "f" (func $f))))))
      (func (export "run") ${given} (result u64) (canon lift (core func $i "run"))))
    (instance $callee (instantiate $Callee))
    (instance $caller (instantiate $Caller
      ${types.map((_, i) => `(with "t${i}" (type $callee "t${i}"))`).join(" ")} (with "f" (func $callee "f"))))
    (export "answer" (func $callee "answer"))
    (export "seen" (func $callee "seen"))
    (export "run" (func $caller "run")))`;
}

const edges = [0, 1, 2, 31, 32, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000];
const chars = [0xd7ff, 0xd800, 0xdfff, 0xe000, 0x10ffff, 0x110000];
const extremes = [0x7fffffff, 0x80000000, 0xffffffff];

function bits(random: Random, type: string): bigint {
  const word = () => BigInt(random(2 ** 32));
  if (type === "i32") {
    const list = [edges.slice(0, 3), edges, chars, extremes][random(5)];
    return list === undefined ? word() : BigInt(list[random(list.length)]!);
  }
  if (type === "i64") return (word() << 32n) | word();
  // JavaScript need not keep the bits of a NaN
  const value = [0, -0, 1.5, -1e30, Infinity, -Infinity, 1e-40][random(7)]!;
  const view = new DataView(new ArrayBuffer(8));
  if (type === "f64") {
    view.setFloat64(0, value);
    return view.getBigUint64(0);
  }
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

interface Outcome {
  readonly ended: string | undefined;
  readonly seen: readonly unknown[];
  readonly returned: unknown;
}

function outcome(component: CompiledComponent, args: readonly bigint[], answer: bigint): Outcome {
  const instance = instantiateComponent(component, {});
  exported(instance, "answer")(answer);
  try {
    const returned = exported(instance, "run")(...args);
    return { ended: undefined, seen: args.map((_, i) => exported(instance, "seen")(i)), returned };
  } catch (error) {
    assert.ok(error instanceof Trap, String(error));
    return { ended: error.message, seen: [], returned: undefined };
  }
}

const SIGNATURES = 120;
const CALLS = 12;

describe("the values of a fused call", () => {
  it(`are those of a call by JavaScript: ${SIGNATURES} signatures`, async () => {
    const ends = new Map<string | undefined, number>();
    for (let seed = 1; seed <= SIGNATURES; seed++) {
      const random = makeRandom(seed);
      const made = signature(random);
      const [fused, plain] = await Promise.all(
        [true, false].map(async (fused) => new CompiledComponent(parseComponent(await binary(component(made, fused))))),
      );
      for (let call = 0; call < CALLS; call++) {
        const args = made.params.flatMap((param) => param.flat.map((type) => bits(random, type)));
        const answer = made.result === undefined ? 0n : bits(random, made.result.flat[0]!);
        const expected = outcome(plain!, args, answer);
        assert.deepEqual(outcome(fused!, args, answer), expected, `seed ${seed}: ${component(made, true)}`);
        ends.set(expected.ended, (ends.get(expected.ended) ?? 0) + 1);
      }
    }
    assert.deepEqual(
      [...ends.keys()].sort(),
      [undefined, "wasm trap: invalid `char` bit pattern", "wasm trap: invalid variant discriminant"].sort(),
    );
    assert.ok(ends.get(undefined)! > (SIGNATURES * CALLS) / 4, `${ends.get(undefined)} calls returned`);
  });
});
