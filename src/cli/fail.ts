import { writeErr } from "./output.ts";
import type { Contexts } from "./report.ts";

/** Tells of a run's failure, on stderr. @param file, contexts as for `report` @returns The exit status */
export async function fail(error: unknown, file: string, contexts?: Contexts): Promise<number> {
  const { report } = await import("./report.ts");
  const { text, status } = report(error, file, contexts);
  writeErr(text);
  return status;
}
