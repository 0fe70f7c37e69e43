import type { Reader } from "../../wasm/reader.ts";
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
} from "../types/layout.ts";
import { isLabel } from "../types/names.ts";
import type { Named, PrimKind, ResourceId, ValType } from "../types/types.ts";
import { entry, type Scope } from "./scope.ts";

export const maxDepth = 100;
const maxSize = 2 ** 28;

const primKinds: ReadonlyMap<number, PrimKind> = new Map([
  [0x7f, "bool"],
  [0x7e, "s8"],
  [0x7d, "u8"],
  [0x7c, "s16"],
  [0x7b, "u16"],
  [0x7a, "s32"],
  [0x79, "u32"],
  [0x78, "s64"],
  [0x77, "u64"],
  [0x76, "f32"],
  [0x75, "f64"],
  [0x74, "char"],
  [0x73, "string"],
  [0x64, "error-context"],
]);

/** Refuses a type that is too deep or too large. Charges its weight. */
export function checkSize(type: ValType, reader: Reader, scope: Scope, offset: number): ValType {
  const { depth, size64, weight } = type.info;
  if (depth > maxDepth) reader.fail(`type nesting is too deep: the limit is ${maxDepth}`, offset);
  if (size64 >= maxSize) reader.fail("type exceeds maximum byte size of 2^28 - 1", offset);
  scope.budget.spend(reader, weight);
  return type;
}

export function readDefValType(reader: Reader, scope: Scope): ValType {
  const offset = reader.pos;
  const opcode = reader.byte();
  const value = (): ValType => readValType(reader, scope);
  switch (opcode) {
    case 0x72:
      return record(named(reader, "record field", value, true));
    case 0x71:
      return variant(readCases(reader, scope));
    case 0x70:
      return list(value());
    case 0x67: {
      const element = value();
      const length = reader.u32();
      if (length === 0) reader.fail("fixed-length lists must have more than 0 elements", offset);
      return list(element, length);
    }
    case 0x6f: {
      const types = reader.vec("tuple type", value);
      if (types.length === 0) reader.fail("tuple type must have at least one type", offset);
      return tuple(types);
    }
    case 0x6e: {
      const names = labels(reader, "flag");
      if (names.length > 32) reader.fail("cannot have more than 32 flags", offset);
      return flags(names);
    }
    case 0x6d:
      return enumeration(labels(reader, "enum tag"));
    case 0x6b:
      return option(value());
    case 0x6a: {
      const ok = reader.flag("result type") ? value() : undefined;
      const err = reader.flag("result type") ? value() : undefined;
      return result(ok, err);
    }
    case 0x69:
    case 0x68:
      return handle(opcode === 0x69 ? "own" : "borrow", readResourceIndex(reader, scope));
    case 0x66:
    case 0x65: {
      const kind = opcode === 0x66 ? "stream" : "future";
      scope.budget.need("async", reader, `\`${kind}\` requires`, offset);
      const payload = reader.flag(`${kind} type`) ? value() : undefined;
      if (payload?.info.borrows) reader.fail(`\`${kind}\` payload cannot contain a \`borrow\` type`, offset);
      if (kind === "stream" && payload?.kind === "char")
        reader.fail("`stream<char>` is not valid at this time", offset);
      return readable(kind, payload);
    }
    default:
      return readPrim(opcode, reader, scope, offset);
  }
}

function readPrim(opcode: number, reader: Reader, scope: Scope, offset: number): ValType {
  const kind = primKinds.get(opcode);
  if (kind === "error-context") scope.budget.need(kind, reader, "`error-context` requires", offset);
  if (kind !== undefined) return prims[kind];
  return reader.fail(
    opcode === 0x63
      ? "the `map` type is not supported"
      : `invalid leading byte (0x${opcode.toString(16)}) for component defined type`,
    offset,
  );
}

export function readResourceIndex(reader: Reader, scope: Scope): ResourceId {
  const offset = reader.pos;
  const index = reader.u32();
  const def = entry(scope.types, index, "type", reader, offset);
  if (def.kind !== "resource") return reader.fail(`type index ${index} is not a resource type`, offset);
  return def.resource;
}

export function readValType(reader: Reader, scope: Scope): ValType {
  const offset = reader.pos;
  const index = reader.s33();
  if (index < 0) return readPrim(index + 0x80, reader, scope, offset);
  const def = entry(scope.types, index, "type", reader, offset);
  if (def.kind !== "value") return reader.fail(`type index ${index} is not a defined type`, offset);
  return def.type;
}

/** Reads the result of a function type. @param what The name of the function in errors */
export function readResult(reader: Reader, scope: Scope, what: string): ValType | undefined {
  const offset = reader.pos;
  const form = reader.byte();
  if (form === 0) {
    const returned = readValType(reader, scope);
    if (returned.info.borrows) reader.fail(`${what} cannot contain a \`borrow\` type`, offset);
    return returned;
  }
  if (form !== 1) reader.fail(`invalid leading byte (0x${form.toString(16)}) for component function results`, offset);
  const end = reader.pos;
  if (reader.u32() !== 0) reader.fail("invalid result list: named results are not supported", end);
  return undefined;
}

function readLabel(reader: Reader, what: string): string {
  const offset = reader.pos;
  const name = reader.name();
  if (name === "") reader.fail(`${what} name cannot be empty`, offset);
  if (!isLabel(name)) reader.fail(`${what} name \`${name}\` is not in kebab case`, offset);
  return name;
}

/** Checks that a name is new. Names that differ only in case are not strongly unique. */
function unique(names: Set<string>, name: string, what: string, reader: Reader, offset: number): void {
  const key = name.toLowerCase();
  if (names.has(key)) reader.fail(`${what} name \`${name}\` conflicts with previous name`, offset);
  names.add(key);
}

export function named(reader: Reader, what: string, value: () => ValType, some: boolean): Named[] {
  const offset = reader.pos;
  const seen = new Set<string>();
  const items = reader.vec(what, () => {
    const at = reader.pos;
    const name = readLabel(reader, what);
    unique(seen, name, what, reader, at);
    return { name, type: value() };
  });
  if (some && items.length === 0) reader.fail(`${what.split(" ")[0]} type must have at least one field`, offset);
  return items;
}

function labels(reader: Reader, what: string): string[] {
  const offset = reader.pos;
  const seen = new Set<string>();
  const names = reader.vec(what, () => {
    const at = reader.pos;
    const name = readLabel(reader, what);
    unique(seen, name, what, reader, at);
    return name;
  });
  if (names.length === 0)
    reader.fail(`${what === "flag" ? "flags" : "enum type"} must have at least one entry`, offset);
  return names;
}

function readCases(reader: Reader, scope: Scope): { name: string; type: ValType | undefined }[] {
  const offset = reader.pos;
  const seen = new Set<string>();
  const cases = reader.vec("variant case", () => {
    const at = reader.pos;
    const name = readLabel(reader, "variant case");
    unique(seen, name, "variant case", reader, at);
    const type = reader.flag("variant case type") ? readValType(reader, scope) : undefined;
    const end = reader.pos;
    if (reader.byte() !== 0) reader.fail("variant case refinement is not supported", end);
    return { name, type };
  });
  if (cases.length === 0) reader.fail("variant type must have at least one case", offset);
  return cases;
}
