import type { Environment } from "../output/environment.ts";
import { writeErr } from "../output/output.ts";
import type { ReportOptions } from "./report.ts";

/** Tells of a run's failure, on stderr. @param file, options as for `report` @returns The exit status */
export async function fail(
  error: unknown,
  file: string,
  environment: Environment,
  options?: ReportOptions,
): Promise<number> {
  const { report } = await import("./report.ts");
  const { text, status } = report(error, file, options);
  await say(text, environment);
  return status;
}

/** Text with labels (colours.ts), on stderr. */
export async function say(text: string, environment: Environment): Promise<void> {
  const { coloured } = await import("../output/colours.ts");
  writeErr(text, (plain) => coloured(plain, environment));
}
