/** The project that `pollux dev` builds and runs: by the command line, then pollux.toml, then the files in the folder. */
import { existsSync } from "node:fs";
import { type CommandLine, type GivenOption, scan } from "../options/scan.ts";
import { isTable, type Table, TomlFile } from "../options/toml-file.ts";
import { detect, newestWasm, type Recipe } from "./detect.ts";

export interface Project {
  readonly recipe: Recipe;
  /** The file that is to run, if it is named. */
  readonly file: string | undefined;
  /** Options of `run` or `serve`. */
  readonly options: readonly GivenOption[];
  /** The guest's. */
  readonly args: readonly string[];
}

const FILE = "pollux.toml";

interface ProjectFile {
  readonly build?: string;
  readonly file?: string;
  readonly options: readonly GivenOption[];
  readonly args: readonly string[];
}

/** Reads the project in this folder. @throws Failure, UsageError */
export function readProject({ options, rest }: CommandLine): Project {
  const project = readProjectFile();
  const [named, ...args] = rest;
  const build = options.find(({ flag }) => flag.long === "build")?.value ?? project.build;
  const file = named ?? project.file;
  return {
    recipe: recipeOf(build, file),
    file,
    options: merge(
      project.options,
      options.filter(({ flag }) => flag.long !== "build"),
    ),
    args: named === undefined ? project.args : args,
  };
}

function recipeOf(build: string | undefined, file: string | undefined): Recipe {
  const recipe = build === undefined ? detect(".") : { command: build, file: () => newestWasm(".") };
  return file === undefined ? recipe : { ...recipe, file: () => file };
}

/** The command line's count, and its lists come after the file's. */
function merge(below: readonly GivenOption[], above: readonly GivenOption[]): readonly GivenOption[] {
  const kept = below.filter(({ flag }) => flag.repeats || !above.some((each) => each.flag === flag));
  return [...kept, ...above];
}

/** @throws Failure */
function readProjectFile(): ProjectFile {
  if (!existsSync(FILE)) return { options: [], args: [] };
  const file = new TomlFile(FILE, { unread: `failed to read ${FILE}`, malformed: `failed to parse ${FILE}` });
  const { dev = {}, ...others } = file.root;
  const [other] = Object.keys(others);
  if (other !== undefined) throw file.unknown(undefined, other, ["dev"]);
  if (!isTable(dev)) throw file.wrong(undefined, "dev", "value", "expected a table");
  const unknown = Object.keys(dev).find((key) => !["build", "file", "options", "args"].includes(key));
  if (unknown !== undefined) throw file.unknown("dev", unknown, ["build", "file", "options", "args"]);
  return {
    ...text(file, dev, "build"),
    ...text(file, dev, "file"),
    options: optionsOf(file, list(file, dev, "options")),
    args: list(file, dev, "args"),
  };
}

function text<K extends "build" | "file">(file: TomlFile, dev: Table, name: K): { readonly [N in K]?: string } {
  const value = dev[name];
  if (value === undefined) return {};
  if (typeof value !== "string") throw file.wrong("dev", name, "value", "expected a string");
  return { [name]: value } as { [N in K]: string };
}

function list(file: TomlFile, dev: Table, name: string): readonly string[] {
  const value = dev[name] ?? [];
  const isText = (each: unknown): each is string => typeof each === "string";
  if (!Array.isArray(value) || !value.every(isText))
    throw file.wrong("dev", name, "value", "expected an array of strings");
  return value;
}

function optionsOf(file: TomlFile, words: readonly string[]): readonly GivenOption[] {
  const { options, rest, problem } = scan(["dev", ...words]);
  const wrong = problem?.message.split("\n", 1)[0] ?? (rest.length > 0 ? `${rest[0]} is no option` : undefined);
  if (wrong !== undefined) throw file.wrong("dev", "options", "value", wrong);
  return options;
}
