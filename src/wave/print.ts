/** Prints values as WAVE, from the form in which the linker passes them (component/host.ts). */
import { isNullable } from "../component/abi/lift-code.ts";
import { camelCase } from "../component/types/names.ts";
import type { ValType } from "../component/types/types.ts";
import { formatFloat } from "./float.ts";
import { isKeyword } from "./parse.ts";

/** Returns a value as WAVE. @param value of that type */
export function printValue(type: ValType, value: unknown): string {
  switch (type.kind) {
    case "bool":
      return String(value);
    case "f32":
    case "f64": {
      const number = Number(value);
      return Number.isNaN(number) ? "nan" : formatFloat(number, type.kind === "f32");
    }
    case "char":
      return `'${escaped(String(value))}'`;
    case "string":
      return `"${escaped(String(value))}"`;
    case "list":
      return `[${Array.from(value as Iterable<unknown>, (item) => printValue(type.element, item)).join(", ")}]`;
    case "tuple":
      return `(${type.types.map((item, i) => printValue(item, (value as readonly unknown[])[i])).join(", ")})`;
    case "record": {
      const record = value as Readonly<Record<string, unknown>>;
      const given = type.fields.filter((field) => !isNone(field.type, record[camelCase(field.name)]));
      const fields = given.map((field) => `${field.name}: ${printValue(field.type, record[camelCase(field.name)])}`);
      return fields.length === 0 ? "{:}" : `{${fields.join(", ")}}`;
    }
    case "flags": {
      const flags = value as Readonly<Record<string, boolean>>;
      return `{${type.names.filter((name) => flags[camelCase(name)]).join(", ")}}`;
    }
    case "enum":
      return label(String(value));
    case "variant": {
      const { tag, val } = value as Tagged;
      return withPayload(label(tag), type.cases.find(({ name }) => name === tag)?.type, val);
    }
    case "option":
      if (isNone(type, value)) return "none";
      return withPayload("some", type.type, isNullable(type.type) ? (value as Tagged).val : value);
    case "result": {
      const { tag, val } = value as Tagged;
      return withPayload(tag, tag === "ok" ? type.ok : type.err, val);
    }
    case "own":
    case "borrow":
    case "stream":
    case "future":
    case "error-context":
      return "<<UNSUPPORTED>>";
    default:
      return String(value);
  }
}

interface Tagged {
  readonly tag: string;
  readonly val: unknown;
}

function isNone(type: ValType, value: unknown): boolean {
  if (type.kind !== "option") return false;
  return isNullable(type.type) ? (value as Tagged).tag === "none" : value === undefined;
}

function label(name: string): string {
  return isKeyword(name) ? `%${name}` : name;
}

function withPayload(name: string, type: ValType | undefined, payload: unknown): string {
  return type === undefined ? name : `${name}(${printValue(type, payload)})`;
}

const named: Readonly<Record<string, string>> = { "\t": "t", "\n": "n", "\r": "r", "'": "'", '"': '"', "\\": "\\" };

/** Escapes quotes, the backslash, control characters, and characters that cannot be seen by themselves. */
function escaped(text: string): string {
  return text.replace(/['"\\]|[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}|\p{Grapheme_Extend}/gu, (char) => {
    const name = named[char];
    return name === undefined ? `\\u{${char.codePointAt(0)!.toString(16)}}` : `\\${name}`;
  });
}
