import { runOf } from "../wasi/worlds.ts";
import { printable } from "../wasm/printable.ts";
import { DIRECTORY, LISTENER } from "./host-needs.ts";
import type { Inspection } from "./inspect-component.ts";
import type { ModuleInspection } from "./inspect-module.ts";

/** Returns the text of an inspection, for people. */
export function inspectionText(file: string, inspection: Inspection | ModuleInspection): string {
  return inspection.kind === "component" ? componentText(file, inspection) : moduleText(file, inspection);
}

function moduleText(file: string, inspection: ModuleInspection): string {
  const { size, name, imports, exports } = inspection;
  const rows = imports.map((item) => [
    `${item.module}.${item.name}`,
    item.type,
    item.status,
    item.problem ?? item.flags.map((flag) => `grant: ${flag}`).join(""),
  ]);
  const sections = [
    `${file}: core module${name === undefined ? "" : ` ${printable(name)}`}, ${count(size)} bytes\n`,
    section("imports, and what a run gives for them", table(rows)),
    section("exports", table(exports.map((item) => [item.name, item.type]))),
    verdict("run", file, inspection) + apart("run", file, inspection),
  ];
  return sections.filter((text) => text !== "").join("\n");
}

interface Needs {
  readonly flags: readonly string[];
  /** The reason if the command cannot be used. */
  readonly problem?: string;
}

/** Returns the line for a command, to be pasted, or why there is none. */
function verdict(command: "run" | "serve", file: string, { flags, problem }: Needs): string {
  if (problem !== undefined) return `pollux ${command} cannot ${command} it: ${printable(problem)}\n`;
  return line(command, given(flags), file);
}

/** Each of these flags is apart: who runs it must say what they shall give. */
const apartFlags: ReadonlyMap<string, string> = new Map([
  [DIRECTORY, "with the files of this folder"],
  [LISTENER, "with a listening socket from its host"],
]);

/** The commands that give more, after the one that gives the rest. */
function apart(command: "run" | "serve", file: string, { flags, problem }: Needs): string {
  if (problem !== undefined) return "";
  return flags
    .flatMap((flag) => {
      const what = apartFlags.get(flag);
      return what === undefined ? [] : [`${what}:\n  ${line(command, [...given(flags), flag], file)}`];
    })
    .join("");
}

function given(flags: readonly string[]): readonly string[] {
  return flags.filter((flag) => !apartFlags.has(flag));
}

function line(command: string, flags: readonly string[], file: string): string {
  return `pollux ${command}${flags.map((flag) => ` ${flag}`).join("")} ${shellWord(file)}\n`;
}

/** Returns a file's name as a word for the shell that is not an option. */
function shellWord(file: string): string {
  const name = file.startsWith("-") && file !== "-" ? `./${file}` : file;
  return /^[\w./-][\w./+:@%,=-]*$/.test(name) ? name : quoted(name);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Nobody types a longer one, characters. */
const LONGEST_CALL = 100;

function componentText(file: string, inspection: Inspection): string {
  const { size, imports, modules, wit, exports, server, calls, flags } = inspection;
  // That a server is not a command is not worth a line.
  const runs = server === undefined || runOf(exports) !== undefined;
  const sections = [
    `${file}: component, ${count(size)} bytes\n`,
    wit,
    section("core modules", table(modules.map(moduleRow))),
    section("what a run gives for its imports", table(imports.map(importRow))),
    (runs ? verdict("run", file, inspection) : "") + (server === undefined ? "" : verdict("serve", file, server)),
    (runs ? apart("run", file, inspection) : "") + (server === undefined ? "" : apart("serve", file, server)),
    section(
      "its functions",
      calls
        .filter((call) => call.length <= LONGEST_CALL)
        .map((call) => line("run", [...given(flags), `--invoke ${quoted(call)}`], file).trimEnd()),
    ),
  ];
  return sections.filter((text) => text !== "").join("\n");
}

function moduleRow({ path, name, offset, size }: Inspection["modules"][number]): readonly string[] {
  return [path.join("."), name ?? "", `${count(size)} bytes`, `at 0x${offset.toString(16)}`];
}

function importRow({ name, status, missing, flags, problem = "" }: Inspection["imports"][number]): readonly string[] {
  const lacks = missing.filter((item) => item !== name).join(", ");
  const grant = flags.length === 0 ? "" : `grant: ${flags.join(" ")}`;
  return [name, status, [problem, lacks, grant].filter(Boolean).join("; ")];
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${title}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

/** Formats rows in columns, each as wide as its widest cell. */
function table(given: readonly (readonly string[])[]): readonly string[] {
  const rows = given.map((row) => row.map(printable));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** Formats a number with thousands separators. */
function count(value: number): string {
  return value.toLocaleString("en-US");
}
