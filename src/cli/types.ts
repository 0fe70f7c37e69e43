/** `pollux types`. Loaded only for this. */
import { componentTypings } from "../typings/component-typings.ts";
import type { CommandLine } from "./options/scan.ts";
import { missingOperand } from "./options/usage.ts";
import { Failure } from "./output/failure.ts";
import { writeOut } from "./output/output.ts";
import { isCoreModule, readModule } from "./run/module-file.ts";
import { demand, type Permits, toRead } from "./run/permissions.ts";

/** @throws UsageError; Failure, ParseError: as a run does */
export function types({ options, rest: [file] }: CommandLine, permits: Permits | undefined): void {
  if (file === undefined)
    throw missingOperand(
      "types",
      options.map(({ flag }) => flag),
    );
  const given = (name: string) => options.find(({ flag }) => flag.long === name)?.value;
  demand(permits, [toRead(file)]);
  const bytes = readModule(file);
  if (isCoreModule(bytes)) throw new Failure("types are of components: a core module has none");
  writeOut(componentTypings(file, bytes, { name: given("name"), suspending: given("wait") === "suspending" }));
}
