import type { Reader } from "./reader.ts";
import type { CoreExternType, CoreFuncType, CoreLimits, CoreValType } from "./types.ts";

/**
 * Types of core WebAssembly 3.0, as far as linking a component depends on them. A concrete type is known by a number. Equal types
 * have the same number, whichever module they stand in.
 */
export interface CoreTypeSpace {
  readonly types: CoreTypeEntry[];
  readonly interned: Interned;
}

export interface CoreTypeEntry {
  readonly id: number;
  /** Undefined for a struct or an array. */
  readonly func: CoreFuncType | undefined;
}

/** Gives each text of a type a number. */
export class Interned {
  readonly #ids = new Map<string, number>();

  id(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(text, id);
    }
    return id;
  }
}

const numberTypes: ReadonlyMap<number, string> = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
]);

const heapTypes: ReadonlyMap<number, string> = new Map([
  [0x75, "noexn"],
  [0x74, "noexn"],
  [0x73, "nofunc"],
  [0x72, "noextern"],
  [0x71, "none"],
  [0x70, "func"],
  [0x6f, "extern"],
  [0x6e, "any"],
  [0x6d, "eq"],
  [0x6c, "i31"],
  [0x6b, "struct"],
  [0x6a, "array"],
  [0x69, "exn"],
  [0x68, "cont"],
]);

/** A recursive group of types: references inside it are by position. */
interface Group {
  readonly first: number;
  readonly size: number;
}

function heapType(reader: Reader, space: CoreTypeSpace, group?: Group): string {
  const offset = reader.pos;
  if (reader.peek() === 0x65) {
    reader.byte();
    return `shared ${heapType(reader, space, group)}`;
  }
  const index = reader.s33();
  if (index < 0) return heapTypes.get(index + 0x80) ?? reader.fail("invalid heap type", offset);
  if (group !== undefined && index >= group.first && index < group.first + group.size)
    return `rec ${index - group.first}`;
  const type = space.types[index];
  if (type === undefined) return reader.fail(`unknown type ${index}: type index out of bounds`, offset);
  return `#${type.id}`;
}

export function readCoreValType(reader: Reader, space: CoreTypeSpace, group?: Group): CoreValType {
  const number = numberTypes.get(reader.peek());
  if (number !== undefined) {
    reader.byte();
    return number;
  }
  return readRefType(reader, space, group);
}

export function readRefType(reader: Reader, space: CoreTypeSpace, group?: Group): CoreValType {
  const offset = reader.pos;
  const byte = reader.peek();
  if (byte === 0x63 || byte === 0x64) {
    reader.byte();
    return `(ref ${byte === 0x63 ? "null " : ""}${heapType(reader, space, group)})`;
  }
  if (!heapTypes.has(byte) && byte !== 0x65) reader.fail("invalid value type", offset);
  return `(ref null ${heapType(reader, space, group)})`;
}

/**
 * Steps over a value type. Returns the heap type of a reference as its s33: a type index, or a negative number for an abstract
 * type. Shorthands have the same number: `exnref` and `(ref exn)` are both -0x17.
 */
export function skipValueType(reader: Reader): number {
  const byte = reader.byte();
  return byte === 0x63 || byte === 0x64 ? reader.s33() : byte - 0x80;
}

/** Reads a function type, after its `0x60`. */
export function readCoreFuncType(reader: Reader, space: CoreTypeSpace, group?: Group): CoreFuncType {
  const params = reader.vec("function parameter", () => readCoreValType(reader, space, group));
  const results = reader.vec("function result", () => readCoreValType(reader, space, group));
  return { params, results };
}

function readField(reader: Reader, space: CoreTypeSpace, group: Group): string {
  const packed = reader.peek();
  let text: string;
  if (packed === 0x78 || packed === 0x77) {
    reader.byte();
    text = packed === 0x78 ? "i8" : "i16";
  } else {
    text = readCoreValType(reader, space, group);
  }
  return reader.flag("mutability") ? `mut ${text}` : text;
}

interface SubType {
  readonly text: string;
  readonly func: CoreFuncType | undefined;
}

function readSubType(reader: Reader, space: CoreTypeSpace, group: Group): SubType {
  const offset = reader.pos;
  let opcode = reader.byte();
  let prefix = "";
  if (opcode === 0x50 || opcode === 0x4f) {
    const supers = reader.vec("supertype", () => {
      const index = reader.u32();
      return index >= group.first
        ? `rec ${index - group.first}`
        : `#${space.types[index]?.id ?? reader.fail("unknown type")}`;
    });
    prefix = `${opcode === 0x50 ? "open" : "final"} ${supers.join()} `;
    opcode = reader.byte();
  }
  if (opcode === 0x65) {
    prefix += "shared ";
    opcode = reader.byte();
  }
  switch (opcode) {
    case 0x60: {
      const func = readCoreFuncType(reader, space, group);
      return { text: `${prefix}func ${func.params.join()} -> ${func.results.join()}`, func };
    }
    case 0x5f:
      return {
        text: `${prefix}struct ${reader.vec("field", () => readField(reader, space, group)).join()}`,
        func: undefined,
      };
    case 0x5e:
      return { text: `${prefix}array ${readField(reader, space, group)}`, func: undefined };
    case 0x5d:
      return { text: `${prefix}cont ${heapType(reader, space, group)}`, func: undefined };
    default:
      return reader.fail(`invalid leading byte (0x${opcode.toString(16)}) for core type`, offset);
  }
}

/** Reads a recursive group or a single type, and appends it to `space`. */
export function readRecType(reader: Reader, space: CoreTypeSpace): void {
  const first = space.types.length;
  const isGroup = reader.peek() === 0x4e;
  if (isGroup) reader.byte();
  const size = isGroup ? reader.count("recursive type") : 1;
  const group: Group = { first, size };
  const members: SubType[] = [];
  for (let left = size; left > 0; left--) members.push(readSubType(reader, space, group));
  const whole = members.map((member) => member.text).join("; ");
  members.forEach((member, i) => {
    space.types.push({ id: space.interned.id(`${i} of ${whole}`), func: member.func });
  });
}

export function readLimits(reader: Reader): { limits: CoreLimits; pageSize: number } {
  const offset = reader.pos;
  const flags = reader.byte();
  if (flags > 0x0f) reader.fail("invalid flags of limits", offset);
  const is64 = (flags & 4) !== 0;
  const bound = (): number => (is64 ? reader.u64() : reader.u32());
  const min = bound();
  const max = flags & 1 ? bound() : undefined;
  const pageSize = flags & 8 ? 2 ** reader.u32() : 65536;
  return { limits: { min, max, shared: (flags & 2) !== 0, is64 }, pageSize };
}

export function readTableType(reader: Reader, space: CoreTypeSpace): CoreExternType {
  const element = readRefType(reader, space);
  return { kind: "table", element, limits: readLimits(reader).limits };
}

export function readMemoryType(reader: Reader): CoreExternType {
  const offset = reader.pos;
  const type = readLimits(reader);
  const { min, max, is64 } = type.limits;
  const most = (is64 ? 2 ** 64 : 2 ** 32) / type.pageSize;
  if (Math.max(min, max ?? 0) > most) reader.fail(`memory size must be at most ${most} pages`, offset);
  return { kind: "memory", ...type };
}

export function readGlobalType(reader: Reader, space: CoreTypeSpace): CoreExternType {
  const type = readCoreValType(reader, space);
  const offset = reader.pos;
  const flags = reader.byte();
  if (flags > 3) reader.fail("malformed mutability", offset);
  return { kind: "global", type, mutable: (flags & 1) !== 0 };
}

export function readTagType(reader: Reader, space: CoreTypeSpace): CoreExternType {
  const offset = reader.pos;
  if (reader.byte() !== 0) reader.fail("invalid tag attribute", offset);
  return { kind: "tag", type: readFuncTypeIndex(reader, space) };
}

export function readFuncTypeIndex(reader: Reader, space: CoreTypeSpace): CoreFuncType {
  const offset = reader.pos;
  const index = reader.u32();
  const type = space.types[index];
  if (type === undefined) return reader.fail(`unknown type ${index}: type index out of bounds`, offset);
  return type.func ?? reader.fail(`type index ${index} is not a function type`, offset);
}

/** Reads the type of a core import, or of an export in a module type. */
export function readCoreExternType(reader: Reader, space: CoreTypeSpace): CoreExternType {
  const offset = reader.pos;
  const kind = reader.byte();
  switch (kind) {
    case 0x00:
    // a function imported with its exact type (custom descriptors proposal)
    case 0x20:
      return { kind: "func", type: readFuncTypeIndex(reader, space) };
    case 0x01:
      return readTableType(reader, space);
    case 0x02:
      return readMemoryType(reader);
    case 0x03:
      return readGlobalType(reader, space);
    case 0x04:
      return readTagType(reader, space);
    default:
      return reader.fail(`malformed import kind: 0x${kind.toString(16)}`, offset);
  }
}
