/** --config: options of the groups from a TOML file, a table a group. Loaded only when asked for. */
import { quoted } from "../output/failure.ts";
import type { Group, Key } from "./groups/group.ts";
import { type GroupValues, groups } from "./groups/groups.ts";
import { type TomlType, ValueError } from "./groups/value.ts";
import type { Settings } from "./settings.ts";
import { isTable, type Table, TomlFile } from "./toml-file.ts";

/** The settings with those of the file behind them: the command line's count, and its lists come after the file's. */
export function withConfig(given: Settings, path: string): Settings {
  const config = readConfig(path);
  const merged = Object.values(groups).map(({ long }) => [long, merge(config[long], given[long])]);
  return { ...given, ...Object.fromEntries(merged) };
}

function merge(below: Table, above: Table): Table {
  const merged: Table = { ...below, ...above };
  for (const [name, value] of Object.entries(below)) {
    const over = above[name];
    if (Array.isArray(value) && Array.isArray(over)) merged[name] = [...value, ...over];
  }
  return merged;
}

/** @throws Failure */
function readConfig(path: string): GroupValues {
  const file = new TomlFile(path, {
    unread: `failed to read config file: ${quoted(path)}`,
    malformed: `failed to parse TOML config file ${quoted(path)}`,
  });
  const out: GroupValues = { optimize: {}, codegen: {}, debug: {}, wasm: {}, wasi: {}, record: {} };
  for (const [name, table] of Object.entries(file.root)) {
    const group: Group | undefined = Object.values(groups).find(({ long }) => long === name);
    if (group === undefined) throw file.unknown(undefined, name, Object.keys(groups));
    if (!isTable(table)) {
      const expected = `struct ${name[0]!.toUpperCase()}${name.slice(1)}Options`;
      throw file.wrong(undefined, name, "value", wrongType(table, expected));
    }
    const into: Table = out[name as keyof GroupValues];
    for (const [field, value] of Object.entries(table)) {
      const key = Object.hasOwn(group.keys, field) ? group.keys[field]! : undefined;
      if (key?.kind.toml === undefined) {
        const known = Object.keys(group.keys).filter((each) => group.keys[each]!.kind.toml !== undefined);
        throw file.unknown(name, field, known);
      }
      try {
        into[field] = readValue(key, value);
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        throw file.wrong(name, field, "value", error.message);
      }
    }
  }
  return out;
}

/** @throws ValueError */
function readValue({ kind, repeats }: Key, value: unknown): unknown {
  const type = kind.toml!;
  if (!repeats) return kind.parse(textOf(type, value));
  if (!Array.isArray(value)) throw new ValueError(wrongType(value, "a sequence"));
  return value.map((each: unknown) => kind.parse(textOf(type, each)));
}

/** As it would stand on the command line. @throws ValueError */
function textOf(type: TomlType, value: unknown): string {
  if (type === "a boolean" && typeof value === "boolean") return value ? "y" : "n";
  if (type === "a string" && typeof value === "string") return value;
  if (type === "&str, u64, or i64" && (typeof value === "string" || typeof value === "bigint")) return String(value);
  if (type === "struct Duration" && isTable(value)) return `${nanoseconds(value)}ns`;
  const counts = type === "usize" || type === "u64" || type === "u32";
  if (counts && typeof value === "bigint") {
    if (value < 0n) throw new ValueError(`invalid value: integer \`${value}\`, expected ${type}`);
    return String(value);
  }
  throw new ValueError(wrongType(value, type));
}

/** `{ secs = 1, nanos = 0 }`. */
function nanoseconds({ secs, nanos, ...others }: Table): bigint {
  const [other] = Object.keys(others);
  if (other !== undefined) throw new ValueError(`unknown field \`${other}\`, expected \`secs\` or \`nanos\``);
  if (secs === undefined || nanos === undefined)
    throw new ValueError(`missing field \`${secs === undefined ? "secs" : "nanos"}\``);
  return BigInt(textOf("u64", secs)) * 1_000_000_000n + BigInt(textOf("u32", nanos));
}

function wrongType(value: unknown, expected: string): string {
  return `invalid type: ${described(value)}, expected ${expected}`;
}

function described(value: unknown): string {
  if (typeof value === "string") return `string ${quoted(value)}`;
  if (typeof value === "bigint") return `integer \`${value}\``;
  if (typeof value === "boolean") return `boolean \`${value}\``;
  if (typeof value === "number") return `floating point \`${value}\``;
  return Array.isArray(value) ? "sequence" : "map";
}
