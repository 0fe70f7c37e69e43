import { contentOf, prims } from "../component/types/layout.ts";
import type { ResourceId, ValType } from "../component/types/types.ts";

/** The keywords of WIT: a name that is one gets a `%` (WIT.md, "Keywords" and "Explicit identifiers"). */
const keywords: ReadonlySet<string> = new Set(
  (
    "use type func u8 u16 u32 u64 s8 s16 s32 s64 f32 f64 float32 float64 char resource own borrow record flags variant enum " +
    "union bool string option result future stream error-context list map _ as from static interface tuple world import " +
    "export package constructor include with async"
  ).split(" "),
);

export function identifier(name: string): string {
  return keywords.has(name) ? `%${name}` : name;
}

/**
 * Returns an object that is the same for each use of a type: a resource's root, or a nominal type's content. Returns
 * undefined for a primitive type, which has no name of its own.
 */
export function identity(type: ValType): object | undefined {
  if (type.kind === "own" || type.kind === "borrow" || Object.values(prims).includes(type)) return undefined;
  return contentOf(type) ?? type;
}

/** The names of types in an interface or world. */
export interface TypeNames {
  value(type: ValType): string | undefined;
  resource(id: ResourceId): string;
}

/** Returns a type as a signature refers to it: by its name, if it has one. */
export function reference(type: ValType, names: TypeNames): string {
  return names.value(type) ?? expression(type, names);
}

/** Returns a type written out; for a nominal type, which cannot be, its kind. */
export function expression(type: ValType, names: TypeNames): string {
  const of = (part: ValType): string => reference(part, names);
  switch (type.kind) {
    case "own":
      return names.resource(type.resource);
    case "borrow":
      return `borrow<${names.resource(type.resource)}>`;
    case "tuple":
      return `tuple<${type.types.map(of).join(", ")}>`;
    case "option":
      return `option<${of(type.type)}>`;
    case "stream":
    case "future":
      return type.payload === undefined ? type.kind : `${type.kind}<${of(type.payload)}>`;
    case "list":
      return type.length === undefined ? `list<${of(type.element)}>` : `list<${of(type.element)}, ${type.length}>`;
    case "result": {
      if (type.err !== undefined) return `result<${type.ok === undefined ? "_" : of(type.ok)}, ${of(type.err)}>`;
      return type.ok === undefined ? "result" : `result<${of(type.ok)}>`;
    }
    default:
      return type.kind;
  }
}

/** Returns the lines that define a type under a name. */
export function definition(name: string, type: ValType, names: TypeNames): readonly string[] {
  switch (type.kind) {
    case "record":
      return block(
        `record ${identifier(name)}`,
        type.fields.map((field) => `${identifier(field.name)}: ${reference(field.type, names)},`),
      );
    case "variant":
      return block(
        `variant ${identifier(name)}`,
        type.cases.map((item) => {
          const payload = item.type === undefined ? "" : `(${reference(item.type, names)})`;
          return `${identifier(item.name)}${payload},`;
        }),
      );
    case "enum":
    case "flags":
      return block(
        `${type.kind} ${identifier(name)}`,
        type.names.map((item) => `${identifier(item)},`),
      );
    default:
      return [`type ${identifier(name)} = ${expression(type, names)};`];
  }
}

/** Returns the lines of `head { lines }`, indented. */
export function block(head: string, lines: readonly string[]): readonly string[] {
  return [`${head} {`, ...lines.map((line) => (line === "" ? "" : `  ${line}`)), "}"];
}
