/** `pollux inspect`. Loaded only for this. */
import { inspectComponent } from "../inspect/inspect-component.ts";
import { inspectModule } from "../inspect/inspect-module.ts";
import { inspectionText } from "../inspect/inspection-text.ts";
import type { CommandLine } from "./options/scan.ts";
import { missingOperand } from "./options/usage.ts";
import { writeOut } from "./output/output.ts";
import { isCoreModule, readModule } from "./run/module-file.ts";
import { demand, type Permits, toRead } from "./run/permissions.ts";

/** Returns the exit status. @throws UsageError; Failure, ParseError: as a run does */
export function inspect({ options, rest: [file] }: CommandLine, permits: Permits | undefined): number {
  if (file === undefined)
    throw missingOperand(
      "inspect",
      options.map(({ flag }) => flag),
    );
  const asks = (name: string) => options.some(({ flag }) => flag.long === name);
  demand(permits, [toRead(file)]);
  const bytes = readModule(file);
  const inspection = isCoreModule(bytes) ? inspectModule(bytes) : inspectComponent(bytes);
  writeOut(
    asks("json") ? `${JSON.stringify({ file, ...inspection }, undefined, 2)}\n` : inspectionText(file, inspection),
  );
  return asks("check") && !works(inspection) ? 1 : 0;
}

/** Whether it can be run or served. */
function works(inspection: ReturnType<typeof inspectModule | typeof inspectComponent>): boolean {
  return inspection.runs || (inspection.kind === "component" && inspection.serves);
}
