/** `pollux types [OPTIONS] <WASM>`. Loaded only for this. */
import { componentTypings, type TypingsOptions } from "../typings/component-typings.ts";
import { helpFlag, typesFlags } from "./options/flags.ts";
import {
  invalidValue,
  missingModule,
  missingValue,
  unexpectedArgument,
  unexpectedOperand,
  usageWith,
  usedTwice,
} from "./options/usage.ts";
import { writeOut } from "./output/output.ts";
import { readModule } from "./run/module-file.ts";
import { demand, type Permits, toRead } from "./run/permissions.ts";

interface TypesLine extends TypingsOptions {
  readonly file: string;
}

/** @throws UsageError */
export function scanTypes(words: readonly string[]): TypesLine {
  const given = new Map<string, string>();
  const files: string[] = [];
  const rest = [...words];
  const used = () => typesFlags.filter(({ long }) => given.has(long));
  for (let word = rest.shift(), open = true; word !== undefined; word = rest.shift()) {
    if (open && word === "--") open = false;
    else if (!open || !word.startsWith("-") || word === "-") files.push(word);
    else {
      const [, long = "", inline] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      const flag = typesFlags.find((each) => each.long === long);
      if (flag === undefined) throw unexpectedArgument(word, "types", [...typesFlags, helpFlag], used());
      const spelled = `--${long} <${flag.value}>`;
      if (given.has(long)) throw usedTwice(spelled, usageWith("types", []));
      const value = inline ?? rest.shift();
      if (value === undefined) throw missingValue(spelled);
      const wrong = flag.wrong?.(value);
      if (wrong !== undefined) throw invalidValue(value, spelled, wrong);
      given.set(long, value);
    }
  }
  const [file, another] = files;
  if (another !== undefined) throw unexpectedOperand(another, "types");
  if (file === undefined) throw missingModule("types", used());
  return { file, name: given.get("name"), suspending: given.get("wait") === "suspending" };
}

/** @throws Failure, ParseError: as a run does */
export function types({ file, ...options }: TypesLine, permits: Permits | undefined): void {
  demand(permits, [toRead(file)]);
  writeOut(componentTypings(file, readModule(file), options));
}
