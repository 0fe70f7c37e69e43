import { statSync } from "node:fs";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { flagsFor } from "./v8-flags.ts";

/** Must be called before a guest is compiled. @param level -O opt-level */
export function tuneFor(files: readonly string[], level: string | undefined): void {
  const stats = files.map((path) => statSync(path, { throwIfNoEntry: false }));
  // Nobody knows the size of a pipe; the run itself will say what is not there.
  if (!stats.every((each) => each?.isFile())) return;
  const size = stats.reduce((sum, each) => sum + (each?.size ?? 0), 0);
  for (const flag of flagsFor(size, level)) setFlagsFromString(flag);
}

/** Bytes beyond which V8 aborts the process. */
export function heapLimit(): number {
  return getHeapStatistics().heap_size_limit;
}
