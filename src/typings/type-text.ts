/** Types of the component model in TypeScript, in the conventions of jco (component/host.ts). */
import { isNullable } from "../component/abi/lift-code.ts";
import { camelCase } from "../component/types/names.ts";
import type { PrimKind, ResourceId, ValType } from "../component/types/types.ts";

/** The direction of a value: the program gives it to the component, or gets it. Streams and futures differ. */
export type Direction = "given" | "got";

/** The names of types and resources. */
export interface TypeNames {
  value(type: ValType): string | undefined;
  resource(id: ResourceId): string;
}

/** The name under which the class of `error-context` values is imported from the package. */
export const ERROR_CONTEXT = "PolluxErrorContext";

const primitives: Readonly<Record<PrimKind, string>> = {
  bool: "boolean",
  s8: "number",
  u8: "number",
  s16: "number",
  u16: "number",
  s32: "number",
  u32: "number",
  s64: "bigint",
  u64: "bigint",
  f32: "number",
  f64: "number",
  char: "string",
  string: "string",
  "error-context": ERROR_CONTEXT,
};

/** The typed arrays of lists of numbers. */
const arrays: Readonly<Partial<Record<ValType["kind"], string>>> = {
  s8: "Int8Array",
  u8: "Uint8Array",
  s16: "Int16Array",
  u16: "Uint16Array",
  s32: "Int32Array",
  u32: "Uint32Array",
  s64: "BigInt64Array",
  u64: "BigUint64Array",
  f32: "Float32Array",
  f64: "Float64Array",
};

/** A type where it is used: by its name, if it has one. */
export function reference(type: ValType, names: TypeNames, direction: Direction): string {
  return names.value(type) ?? expression(type, names, direction);
}

/** Returns a type, written out. */
export function expression(type: ValType, names: TypeNames, direction: Direction): string {
  const of = (part: ValType): string => reference(part, names, direction);
  const within = (part: ValType): string =>
    isUnion(part) && names.value(part) === undefined ? `(${of(part)})` : of(part);
  switch (type.kind) {
    case "own":
    case "borrow":
      return names.resource(type.resource);
    case "record":
      return `{ ${members(type, names, direction).join(" ")} }`;
    case "flags":
      return `{ ${members(type, names, direction).join(" ")} }`;
    case "enum":
      return type.names.map(quoted).join(" | ");
    case "variant":
      return type.cases.map((each) => tagged(each.name, each.type && of(each.type))).join(" | ");
    case "result":
      return `${tagged("ok", orVoid(type.ok))} | ${tagged("err", orVoid(type.err))}`;
    case "option":
      return isNullable(type.type)
        ? `${tagged("none", undefined)} | ${tagged("some", of(type.type))}`
        : optional(type.type);
    case "tuple":
      return `[${type.types.map(of).join(", ")}]`;
    case "list": {
      const array = arrays[type.element.kind];
      if (array !== undefined) return array;
      if (type.length === undefined) return `Array<${of(type.element)}>`;
      return `Array<${of(type.element)}> & { readonly length: ${type.length} }`;
    }
    case "future":
      return `${direction === "got" ? "Promise" : "PromiseLike"}<${ofOptional(type.payload)}>`;
    case "stream":
      return stream(type.payload?.kind === "u8" ? bytes(direction) : ofOptional(type.payload), direction);
    default:
      return primitives[type.kind];
  }

  function ofOptional(part: ValType | undefined): string {
    return part === undefined ? "undefined" : of(part);
  }

  function orVoid(part: ValType | undefined): string {
    return part === undefined ? "void" : of(part);
  }

  function optional(part: ValType): string {
    return `${within(part)} | undefined`;
  }
}

/** The members of an interface, of a record or of flags. */
export function members(
  type: ValType & { readonly kind: "record" | "flags" },
  names: TypeNames,
  direction: Direction,
): readonly string[] {
  if (type.kind === "flags") return type.names.map((name) => `${property(camelCase(name))}?: boolean | undefined;`);
  return type.fields.map(({ name, type: of }) => {
    const mark = of.kind === "option" && !isNullable(of.type) ? "?" : "";
    return `${property(camelCase(name))}${mark}: ${reference(of, names, direction)};`;
  });
}

function tagged(tag: string, val: string | undefined): string {
  if (val === undefined) return `{ tag: ${quoted(tag)} }`;
  return `{ tag: ${quoted(tag)}; val: ${val} }`;
}

/** In pieces. */
function bytes(direction: Direction): string {
  return direction === "got" ? "Uint8Array<ArrayBuffer>" : "Uint8Array";
}

function stream(of: string, direction: Direction): string {
  return direction === "got"
    ? `ReadableStream<${of}>`
    : `ReadableStream<${of}> | AsyncIterable<${of}> | Iterable<${of}>`;
}

/** Whether it stands as alternatives, which something beside it must not become one of. */
function isUnion({ kind }: ValType): boolean {
  return kind === "enum" || kind === "variant" || kind === "result" || kind === "option" || kind === "stream";
}

export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The name of a property. */
export function property(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}
