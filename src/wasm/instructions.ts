/**
 * The instructions of core WebAssembly 3.0, and of proposals that engines have: the immediates of each, so that it can be stepped
 * over.
 */
import { skipValueType } from "./core-types.ts";
import type { Reader } from "./reader.ts";

/** Returns the key of a prefixed instruction, from its prefix and its number: `prefixed(0xfc, 15)`. */
export function prefixed(prefix: number, number: number): number {
  return prefix * 0x10000 + number;
}

export const MEMORY_SIZE = 0x3f;
export const MEMORY_GROW = 0x40;
export const TABLE_GROW = prefixed(0xfc, 15);

const PREFIXES: ReadonlySet<number> = new Set([0xfb, 0xfc, 0xfd, 0xfe]);

/** Functions that step over an immediate, by its letter in the tables below. */
const immediates: Readonly<Record<string, (reader: Reader) => void>> = {
  /** an index, a label, a lane, flags */
  u: (reader) => void reader.u32(),
  /** a heap type */
  h: (reader) => void reader.s33(),
  b: skipBlockType,
  m: skipMemoryArgument,
  i: (reader) => reader.skipSigned(32),
  I: (reader) => reader.skipSigned(64),
  "1": (reader) => reader.skip(1),
  "4": (reader) => reader.skip(4),
  "8": (reader) => reader.skip(8),
  v: (reader) => reader.skip(16),
  /** labels */
  L: (reader) => void reader.vec("label", () => reader.u32()),
  /** value types */
  T: (reader) => void reader.vec("value type", () => skipValueType(reader)),
  /** catch clauses */
  C: (reader) => void reader.vec("catch clause", () => skipCatch(reader)),
};

const single: readonly (readonly [first: number, last: number, immediates: string])[] = [
  [0x00, 0x01, ""], // unreachable, nop
  [0x02, 0x04, "b"], // block, loop, if
  [0x05, 0x05, ""], // else
  [0x06, 0x06, "b"], // try
  [0x07, 0x09, "u"], // catch, throw, rethrow
  [0x0a, 0x0b, ""], // throw_ref, end
  [0x0c, 0x0d, "u"], // br, br_if
  [0x0e, 0x0e, "Lu"], // br_table
  [0x0f, 0x0f, ""], // return
  [0x10, 0x10, "u"], // call
  [0x11, 0x11, "uu"], // call_indirect
  [0x12, 0x12, "u"], // return_call
  [0x13, 0x13, "uu"], // return_call_indirect
  [0x14, 0x15, "u"], // call_ref, return_call_ref
  [0x18, 0x18, "u"], // delegate
  [0x19, 0x1b, ""], // catch_all, drop, select
  [0x1c, 0x1c, "T"], // select with types
  [0x1f, 0x1f, "bC"], // try_table
  [0x20, 0x26, "u"], // local.get to table.set
  [0x28, 0x3e, "m"], // loads and stores
  [0x3f, 0x40, "u"], // memory.size, memory.grow
  [0x41, 0x41, "i"],
  [0x42, 0x42, "I"],
  [0x43, 0x43, "4"],
  [0x44, 0x44, "8"],
  [0x45, 0xc4, ""], // numeric
  [0xd0, 0xd0, "h"], // ref.null
  [0xd1, 0xd1, ""],
  [0xd2, 0xd2, "u"], // ref.func
  [0xd3, 0xd4, ""], // ref.eq, ref.as_non_null
  [0xd5, 0xd6, "u"], // br_on_null, br_on_non_null
];

const gc: typeof single = [
  [0, 1, "u"], // struct.new
  [2, 5, "uu"], // struct.get, struct.set
  [6, 7, "u"], // array.new
  [8, 10, "uu"], // array.new_fixed, array.new_data, array.new_elem
  [11, 14, "u"], // array.get, array.set
  [15, 15, ""], // array.len
  [16, 16, "u"], // array.fill
  [17, 19, "uu"], // array.copy, array.init_data, array.init_elem
  [20, 23, "h"], // ref.test, ref.cast
  [24, 25, "1uhh"], // br_on_cast
  [26, 30, ""], // conversions, i31
];

const bulk: typeof single = [
  [0, 7, ""], // saturating conversions
  [8, 8, "uu"], // memory.init
  [9, 9, "u"], // data.drop
  [10, 10, "uu"], // memory.copy
  [11, 11, "u"], // memory.fill
  [12, 12, "uu"], // table.init
  [13, 13, "u"], // elem.drop
  [14, 14, "uu"], // table.copy
  [15, 17, "u"], // table.grow, table.size, table.fill
  [19, 22, ""], // wide arithmetic
];

const simd: typeof single = [
  [0, 11, "m"], // loads, store
  [12, 13, "v"], // v128.const, i8x16.shuffle
  [14, 20, ""],
  [21, 34, "1"], // lanes
  [35, 83, ""],
  [84, 91, "m1"], // loads and stores of lanes
  [92, 93, "m"],
  [94, 0x113, ""],
];

const atomics: typeof single = [
  [0, 2, "m"], // notify, wait
  [3, 3, "1"], // fence
  [0x10, 0x4e, "m"],
];

/** The immediates of each instruction, as letters. */
const known: ReadonlyMap<number, string> = new Map(
  (
    [
      [0, single],
      [0xfb, gc],
      [0xfc, bulk],
      [0xfd, simd],
      [0xfe, atomics],
    ] as const
  ).flatMap(([prefix, ranges]) =>
    ranges.flatMap(([first, last, letters]) =>
      Array.from({ length: last - first + 1 }, (_, i) => [prefixed(prefix, first + i), letters] as const),
    ),
  ),
);

/** Steps over the next instruction. Returns its opcode, or the key of `prefixed`. @throws ParseError if it is unknown */
export function readInstruction(reader: Reader): number {
  const offset = reader.pos;
  const byte = reader.byte();
  const instruction = PREFIXES.has(byte) ? prefixed(byte, reader.u32()) : byte;
  const letters = known.get(instruction);
  if (letters === undefined) return reader.fail(`illegal opcode: 0x${byte.toString(16)}`, offset);
  for (const letter of letters) immediates[letter]!(reader);
  return instruction;
}

/** Steps over the locals of a function's body, which stand before its instructions. */
export function skipLocals(reader: Reader): void {
  reader.vec("local", () => {
    reader.u32();
    skipValueType(reader);
  });
}

/** Steps over a block type: a type index, a value type, or 0x40. */
function skipBlockType(reader: Reader): void {
  if (reader.peek() === 0x63 || reader.peek() === 0x64) skipValueType(reader);
  else reader.s33();
}

/** Steps over a memory argument: alignment flags, the memory's index if the flags announce one, and the offset. */
function skipMemoryArgument(reader: Reader): void {
  if (reader.u32() & 0x40) reader.u32();
  reader.u64();
}

/** Steps over a catch clause. catch and catch_ref have a tag; catch_all and catch_all_ref have none. */
function skipCatch(reader: Reader): void {
  if (reader.byte() < 2) reader.u32();
  reader.u32();
}
