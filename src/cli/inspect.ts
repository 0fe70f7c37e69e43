/** `pollux inspect`. Loaded only for this. */
import { allFeatures } from "../component/binary/features.ts";
import { parseComponent } from "../component/binary/parse.ts";
import { coreModules, moduleBytes } from "../component/link/compiled.ts";
import { inspectComponent } from "../inspect/inspect-component.ts";
import { inspectModule } from "../inspect/inspect-module.ts";
import { inspectionText } from "../inspect/inspection-text.ts";
import type { CommandLine } from "./options/scan.ts";
import { missingOperand } from "./options/usage.ts";
import { writeErr, writeOut } from "./output/output.ts";
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
  if (!asks("check")) return 0;
  if (!isCompiled(bytes)) {
    writeErr("the engine of this runtime refuses its code\n");
    return 1;
  }
  return works(inspection) ? 0 : 1;
}

/** Whether the engine takes all of its core modules: not every engine has every proposal. */
function isCompiled(bytes: Uint8Array<ArrayBuffer>): boolean {
  if (isCoreModule(bytes)) return WebAssembly.validate(bytes);
  const component = parseComponent(bytes, allFeatures);
  return [...coreModules(component)].every((module) => WebAssembly.validate(moduleBytes(component, module)));
}

/** Whether it can be run or served. */
function works(inspection: ReturnType<typeof inspectModule | typeof inspectComponent>): boolean {
  return inspection.runs || (inspection.kind === "component" && inspection.serves);
}
