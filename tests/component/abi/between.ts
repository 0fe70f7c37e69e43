/**
 * Components of two instances, one of which passes the other what it may not, and what ends them: as wasmtime 48.0.8 says it
 * (`npm run oracle` asks it).
 */

export interface TrapCase {
  readonly what: string;
  /** A command. */
  readonly text: string;
  /** Undefined: nothing ends it. */
  readonly said: string | undefined;
}

/** Sizes of memories, bytes. */
const END = 131072;
/** Where the caller wants its result. */
const OUT = 1024;

export const UNALIGNED = "wasm trap: unaligned pointer";
const OUTSIDE = "wasm trap: out of bounds memory access";
export const LIST_OUTSIDE = "wasm trap: list content out-of-bounds";
const STRING_OUTSIDE = "wasm trap: string content out-of-bounds";
const DISCRIMINANT = "wasm trap: invalid variant discriminant";
const CHAR = "wasm trap: invalid `char` bit pattern";
const UTF8 = "invalid utf8 encoding";
const UTF16 = "invalid utf16 encoding";

type Encoding = "utf8" | "utf16" | "latin1+utf16";

interface Call {
  /** A definition of the type `$t`, which both know. */
  readonly type?: string;
  /** `(param "x" string)` or `(result $t)`. */
  readonly signature: string;
  /** What the caller stores before it calls: words from 64 on; and what it calls with. */
  readonly stored?: readonly number[];
  readonly args: readonly number[];
  /** The core type of what it calls, if that returns something. */
  readonly returns?: boolean;
  /** The core parameters of the callee, i32; what is in its memory: words from 512 on; and what it answers. */
  readonly params?: number;
  readonly has?: readonly number[];
  readonly answer?: number;
  /** Of the caller, and of the callee. */
  readonly encodings?: readonly [Encoding, Encoding];
  /** What their reallocs answer: 4096 unless given. */
  readonly reallocs?: readonly [number | undefined, number | undefined];
}

const i32s = (count: number) => (count === 0 ? "" : `(param ${"i32 ".repeat(count)})`);
const words = (at: number, values: readonly number[]) =>
  values.map((value, i) => `(i32.store (i32.const ${at + 4 * i}) (i32.const ${value}))`).join(" ");
const memory = (answer = 4096) => `(memory (export "memory") 2)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const ${answer}))`;
const options = (name: string, encoding: Encoding) =>
  `(memory (core memory $${name} "memory")) (realloc (core func $${name} "realloc")) string-encoding=${encoding}`;

function component(call: Call): string {
  const { type, signature, stored = [], args, returns = false, params = 0, has = [], answer } = call;
  const [from, to] = call.encodings ?? ["utf8", "utf8"];
  const [callerRealloc, calleeRealloc] = call.reallocs ?? [];
  return `(component
    (component $Callee
      ${type === undefined ? "" : `(type $t' ${type}) (export $t "t" (type $t'))`}
      (core module $m ${memory(calleeRealloc)}
        (func (export "f") ${i32s(params)} ${answer === undefined ? "" : "(result i32)"}
          ${words(512, has)} ${answer === undefined ? "" : `(i32.const ${answer})`}))
      (core instance $i (instantiate $m))
      (func (export "f") ${signature} (canon lift (core func $i "f") ${options("i", to)})))
    (component $Caller
      ${type === undefined ? "" : `(type $t' ${type}) (import "t" (type $t (eq $t')))`}
      (import "f" (func $f ${signature}))
      (core module $libc ${memory(callerRealloc)})
      (core instance $l (instantiate $libc))
      (core func $f (canon lower (func $f) ${options("l", from)}))
      (core module $m
        (import "l" "memory" (memory 1))
        (import "h" "f" (func $f ${i32s(args.length)} ${returns ? "(result i32)" : ""}))
        (func (export "run") (result i32)
          ${words(64, stored)}
          (call $f ${args.map((value) => `(i32.const ${value})`).join(" ")}) ${returns ? "drop" : ""}
          (i32.const 0)))
      (core instance $i (instantiate $m (with "l" (instance $l)) (with "h" (instance (export "f" (func $f))))))
      (func (export "run") (result (result)) (canon lift (core func $i "run"))))
    (instance $callee (instantiate $Callee))
    (instance $caller (instantiate $Caller
      ${type === undefined ? "" : '(with "t" (type $callee "t"))'} (with "f" (func $callee "f"))))
    (instance (export "wasi:cli/run@0.2.0") (export "run" (func $caller "run"))))`;
}

const cases: TrapCase[] = [];
function add(what: string, said: string | undefined, call: Call): void {
  cases.push({ what, said, text: component(call) });
}

/** A parameter of that type, passed as these core values. */
function pass(
  what: string,
  type: string,
  args: readonly number[],
  said: string | undefined,
  more: Partial<Call> = {},
): void {
  const signature = `(param "x" ${more.type === undefined ? type : type.replace("T", "$t")})`;
  add(`${what}: ${more.type ?? type} as ${args.join(", ")}`, said, { signature, args, params: args.length, ...more });
}

// Values that are none of their type.
for (const code of [0xd800, 0xdfff, 0x110000, -1]) pass("a char", "char", [code], CHAR);
for (const code of [0xd7ff, 0xe000, 0x10ffff]) pass("a char", "char", [code], undefined);
pass("chars", "(list char)", [64, 2], CHAR, { stored: [0x41, 0xd800] });
pass("a bool", "bool", [2], undefined);
pass("an u8", "u8", [256], undefined);
for (const tag of [2, 256, -1]) {
  pass("an option", "(option u8)", [tag, 0], DISCRIMINANT);
  pass("a result", "(result u8 (error u32))", [tag, 0], DISCRIMINANT);
  pass("a result of nothing", "(result)", [tag], DISCRIMINANT);
}
pass("options", "(list (option u8))", [64, 1], DISCRIMINANT, { stored: [2] });
pass("results", "(list (result))", [64, 1], DISCRIMINANT, { stored: [2] });
const color = '(enum "a" "b" "c")';
for (const tag of [3, 255, 256, -1]) pass("an enum", "T", [tag], DISCRIMINANT, { type: color });
pass("enums", "(list T)", [64, 1], DISCRIMINANT, { type: color, stored: [3] });
const variant = '(variant (case "a") (case "b" u32) (case "c" char))';
for (const tag of [3, 256, -1]) pass("a variant", "T", [tag, 0], DISCRIMINANT, { type: variant });
pass("variants", "(list T)", [64, 1], DISCRIMINANT, { type: variant, stored: [3] });
pass("a variant's payload", "T", [2, 0xd800], CHAR, { type: variant });
pass("what is no payload", "T", [0, 0xd800], undefined, { type: variant });
pass("a record", "T", [0xd800], CHAR, { type: '(record (field "a" char))' });
for (const set of [8, -1]) pass("flags", "T", [set], undefined, { type: '(flags "a" "b" "c")' });

// Strings: their bytes, and where they lie. Lengths are in code units.
const encodings = ["utf8", "utf16", "latin1+utf16"] as const;
for (const from of encodings) {
  for (const to of encodings) {
    const string = (
      what: string,
      args: readonly [number, number],
      said: string | undefined,
      more: Partial<Call> = {},
    ) => pass(`${from} to ${to}, ${what}`, "string", args, said, { encodings: [from, to], ...more });
    const odd = from === "utf8" ? undefined : UNALIGNED;
    string("empty at the end", [END, 0], undefined);
    string("empty behind the end", [END + 4, 0], STRING_OUTSIDE);
    string("behind the end", [END, 1], STRING_OUTSIDE);
    string("across the end", [END - 2, 4], STRING_OUTSIDE);
    string("of lying length", [16, -1], STRING_OUTSIDE);
    string("of half of all", [16, 0x7fffffff], STRING_OUTSIDE);
    string("from near 4 GiB", [-8, 4], STRING_OUTSIDE);
    string("not aligned", [17, 2], odd);
    string("not aligned, and empty", [17, 0], odd);
    string("not aligned, and outside", [END + 1, 2], odd ?? STRING_OUTSIDE);
    const malformed = { utf8: UTF8, utf16: UTF16, "latin1+utf16": undefined }[from];
    string("no text", [64, 1], malformed, { stored: [from === "utf8" ? 0xff : 0xd800] });
    string("no text in the middle", [64, 4], malformed, {
      stored: from === "utf8" ? [0x80a0ed61 | 0] : [0xdc000061 | 0, 0x610061],
    });
    string("text cut off", [64, 2], malformed, { stored: [from === "utf8" ? 0xc361 : 0xd8000061 | 0] });
    if (from === "latin1+utf16") {
      const tagged = (units: number) => units | 0x80000000;
      string("UTF-16 behind the end", [END, tagged(1)], STRING_OUTSIDE);
      string("UTF-16 not aligned", [17, tagged(1)], UNALIGNED);
      string("UTF-16 of lying length", [16, tagged(0x7fffffff)], STRING_OUTSIDE);
      string("UTF-16 that is none", [64, tagged(1)], UTF16, { stored: [0xd800] });
    }
    // What is asked of the callee.
    const stored = [0x00620061];
    string("put behind the end", [64, 2], STRING_OUTSIDE, { stored, reallocs: [undefined, END] });
    const [across, saidAcross] = (
      { utf8: [1, STRING_OUTSIDE], utf16: [2, STRING_OUTSIDE], "latin1+utf16": [2] } as const
    )[to];
    string("put near the end", [64, 2], saidAcross, { stored, reallocs: [undefined, END - across] });
    string("put at an odd place", [64, 2], to === "utf8" ? undefined : UNALIGNED, {
      stored,
      reallocs: [undefined, 17],
    });
    string("nothing put behind the end", [64, 0], STRING_OUTSIDE, { reallocs: [undefined, END + 4] });
    add(`a result from ${to} to ${from} behind the end`, STRING_OUTSIDE, {
      signature: "(result string)",
      args: [OUT],
      has: [END, 1],
      answer: 512,
      encodings: [from, to],
    });
  }
}

// Lists.
const elements: readonly (readonly [type: string, size: number, align: number])[] = [
  ["u8", 1, 1],
  ["u16", 2, 2],
  ["u32", 4, 4],
  ["u64", 8, 8],
  ["f64", 8, 8],
  ["char", 4, 4],
  ["string", 8, 4],
  ["(tuple u8 u64)", 16, 8],
  ["(list u16)", 8, 4],
];
for (const [element, size, align] of elements) {
  const type = `(list ${element})`;
  const odd = align === 1 ? undefined : UNALIGNED;
  pass("empty at the end", type, [END, 0], undefined);
  pass("empty behind the end", type, [END + 8, 0], LIST_OUTSIDE);
  pass("behind the end", type, [END, 1], LIST_OUTSIDE);
  pass("across the end", type, [END - 8, 8 / align + 1], LIST_OUTSIDE);
  pass("of lying length", type, [16, -1], LIST_OUTSIDE);
  if (size > 1) pass("that wraps around", type, [16, 2 ** 32 / size + 1], LIST_OUTSIDE);
  pass("not aligned", type, [17, 1], odd);
  pass("not aligned, and empty", type, [17, 0], odd);
  pass("not aligned, and outside", type, [END + 1, 3], odd ?? LIST_OUTSIDE);
  pass("put behind the end", type, [64, 2], LIST_OUTSIDE, { reallocs: [undefined, END] });
  pass("put near 4 GiB", type, [64, 2], LIST_OUTSIDE, { reallocs: [undefined, -8] });
  pass("put at an odd place", type, [64, 2], odd, { reallocs: [undefined, 17] });
  pass("nothing put behind the end", type, [64, 0], LIST_OUTSIDE, { reallocs: [undefined, END + 64] });
  const result = { signature: `(result ${type})`, args: [OUT], answer: 512 };
  add(`a result of ${type} behind the end`, LIST_OUTSIDE, { ...result, has: [END, 1] });
  add(`a result of ${type} not aligned`, odd, { ...result, has: [17, 1] });
  add(`a result of ${type} put behind the end`, LIST_OUTSIDE, { ...result, has: [64, 1], reallocs: [END, undefined] });
}
pass("a string in a list behind the end", "(list string)", [64, 1], STRING_OUTSIDE, { stored: [-8, 9] });
pass("a string in a list that is none", "(list string)", [64, 1], UTF8, { stored: [72, 1, -1] });
pass("a list in a list behind the end", "(list (list u16))", [64, 1], LIST_OUTSIDE, { stored: [-8, 9] });
pass("a list in a list not aligned", "(list (list u16))", [64, 1], UNALIGNED, { stored: [17, 1] });

// Parameters, and results, that are too many for core values.
const many = Array.from({ length: 17 }, (_, i) => `(param "p${i}" u32)`).join(" ");
for (const [at, said] of [
  [END - 64, OUTSIDE],
  [END, OUTSIDE],
  [-16, OUTSIDE],
  [18, UNALIGNED],
  [END + 1, UNALIGNED],
  [END - 68, undefined],
] as const) {
  add(`parameters at ${at}`, said, { signature: many, args: [at], params: 1 });
  add(`parameters put at ${at}`, said, { signature: many, args: [64], params: 1, reallocs: [undefined, at] });
}
for (const type of ["(tuple u32 u32)", "string", "(option u64)", "(result u64)"]) {
  const wide = type.includes("u64");
  for (const [at, said] of [
    [END - (wide ? 8 : 4), OUTSIDE],
    [END, OUTSIDE],
    [-16, OUTSIDE],
    [18, UNALIGNED],
    [END + 1, UNALIGNED],
  ] as const) {
    const signature = `(result ${type})`;
    add(`a result of ${type} at ${at} of the callee`, said, { signature, args: [OUT], answer: at });
    add(`a result of ${type} at ${at} of the caller`, said, { signature, args: [at], answer: 512 });
  }
}
for (const type of ["(option u64)", "(result u64)"])
  add(`a result of ${type}`, DISCRIMINANT, { signature: `(result ${type})`, args: [OUT], has: [2], answer: 512 });
add("a result of nothing", DISCRIMINANT, { signature: "(result (result))", args: [], returns: true, answer: 2 });
add("a result that is an enum", DISCRIMINANT, {
  type: color,
  signature: "(result $t)",
  args: [],
  returns: true,
  answer: 3,
});
add("a result that is a char", CHAR, { signature: "(result char)", args: [], returns: true, answer: 0xd800 });

export const trapCases: readonly TrapCase[] = cases;
