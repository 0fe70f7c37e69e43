/** `pollux inspect [--json] <WASM>`. Loaded only for this. */
import { inspectComponent } from "../inspect/inspect-component.ts";
import { inspectModule } from "../inspect/inspect-module.ts";
import { inspectionText } from "../inspect/inspection-text.ts";
import { helpFlag, inspectFlags } from "./options/flags.ts";
import { missingModule, unexpectedArgument } from "./options/usage.ts";
import { writeOut } from "./output/output.ts";
import { isCoreModule, readModule } from "./run/module-file.ts";
import { demand, type Permits, toRead } from "./run/permissions.ts";

interface InspectLine {
  readonly file: string;
  readonly json: boolean;
}

/** @throws UsageError */
export function scanInspect(words: readonly string[]): InspectLine {
  const flags = [...inspectFlags, helpFlag];
  const end = words.indexOf("--");
  const options = (end < 0 ? words : words.slice(0, end)).filter((word) => word.startsWith("-") && word !== "-");
  const files = words.filter((word, i) => (end >= 0 && i > end) || (word !== "--" && !options.includes(word)));
  const given = inspectFlags.filter(({ long }) => options.includes(`--${long}`));
  const wrong = options.find((option) => option !== "--json") ?? files[1];
  if (wrong !== undefined) throw unexpectedArgument(wrong, "inspect", flags, given);
  const [file] = files;
  if (file === undefined) throw missingModule("inspect", given);
  return { file, json: given.length > 0 };
}

/** @throws Failure, ParseError: as a run does */
export function inspect({ file, json }: InspectLine, permits: Permits | undefined): void {
  demand(permits, [toRead(file)]);
  const bytes = readModule(file);
  const inspection = isCoreModule(bytes) ? inspectModule(bytes) : inspectComponent(bytes);
  writeOut(json ? `${JSON.stringify({ file, ...inspection }, undefined, 2)}\n` : inspectionText(file, inspection));
}
