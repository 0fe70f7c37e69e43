/** `pollux new`: a project that builds and runs. Loaded only for this. */
import { accessSync, constants, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { type Language, languages, newFlags } from "../options/project-flags.ts";
import type { CommandLine } from "../options/scan.ts";
import { invalidOperand, missingOperand, usageWith } from "../options/usage.ts";
import type { Environment } from "../output/environment.ts";
import { Failure } from "../output/failure.ts";
import { codeOf, osError } from "../output/os-error.ts";
import { writeOut } from "../output/output.ts";
import { UsageError } from "../output/usage-error.ts";
import { demand, type Permits, toRead } from "../run/permissions.ts";
import { templates } from "./languages.ts";
import { filesOf, type Template, type Tool } from "./template.ts";

/** The names of programs that every language's tools take. */
const NAME = /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/;

interface NewHost {
  readonly environment: Environment;
  readonly permits?: Permits;
}

/** @throws UsageError, Failure */
export function newProject({ options, rest }: CommandLine, { environment, permits }: NewHost): void {
  const [name] = rest;
  const found = pathLookup(environment, permits);
  if (name === undefined) {
    const given = options.map(({ flag }) => flag);
    throw given.length > 0 ? missingOperand("new", given) : whichLanguage("NAME", found);
  }
  if (!NAME.test(name))
    throw invalidOperand(name, "<NAME>", "expected letters, digits, - and _, of which the first is a letter");
  const [lang] = options;
  if (lang === undefined) throw whichLanguage(name, found);
  const template = templates[lang.value as Language](name);
  if (template.reserved?.includes(name) === true)
    throw invalidOperand(name, "<NAME>", `${template.language}'s tools have something of that name`);
  demand(permits, [toRead(name), ["making a project", "write", name]]);
  write(name, filesOf(name, template));
  writeOut(told(name, template, found));
}

/** @throws Failure if something is in its way */
function write(folder: string, files: Readonly<Record<string, string>>): void {
  try {
    mkdirSync(folder, { recursive: true });
    if (readdirSync(folder).length > 0) throw new Failure(`${folder} is there already, and not empty`);
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { flag: "wx" });
    }
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw new Failure(`${folder} is there already, and no directory`);
    if (error instanceof Error && codeOf(error) !== undefined)
      throw new Failure(`failed to make ${folder}`, [osError(error)]);
    throw error;
  }
}

/** Whether a program is on PATH. */
type Found = (program: string) => boolean;

/** Where PATH may not be read, everything counts as found. */
function pathLookup(environment: Environment, permits: Permits | undefined): Found {
  if (permits?.("env", "PATH") === false || permits?.("read") === false) return () => true;
  const folders = (environment("PATH") ?? "").split(delimiter).filter((folder) => folder !== "");
  return (program) => folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false;
  }
}

function lacks(tool: Tool, found: Found): boolean {
  return !tool.programs.some(found);
}

function whichLanguage(name: string, found: Found): UsageError {
  const rows = languages.map((word) => {
    const { language, what, tools } = templates[word](name);
    const missing = tools.find((tool) => lacks(tool, found));
    return `  ${word.padEnd(8)}${language}: ${what}${missing === undefined ? "" : ` (needs ${missing.name})`}`;
  });
  return new UsageError(`which language shall it be in?\n\n${rows.join("\n")}\n\n${usageWith("new", newFlags)}`);
}

function told(name: string, template: Template, found: Found): string {
  const missing = template.tools.find((tool) => lacks(tool, found));
  const steps: readonly (readonly [command: string, what: string])[] = [
    [`cd ${name}`, ""],
    ...(template.setup === undefined ? [] : [[template.setup, ""] as const]),
    ["pollux dev", "builds it and runs it, and again whenever you save a file"],
    [template.client, "in another terminal"],
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, what]) =>
    `  ${command.padEnd(width)}  ${what === "" ? "" : `# ${what}`}`.trimEnd(),
  );
  const need = missing === undefined ? "" : `\nIt needs ${missing.name}: ${missing.from.replaceAll(/[<>`]/g, "")}\n`;
  return `made ${name}, in ${template.language}: ${template.what}\n\n${lines.join("\n")}\n${need}`;
}
