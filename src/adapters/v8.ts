import { statSync } from "node:fs";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { flagsFor } from "./v8-flags.ts";

/** Sets V8's flags for a guest. Call it before the guest is compiled. @param level -O opt-level */
export function tuneFor(files: readonly string[], level: string | undefined): void {
  const stats = files.map((path) => statSync(path, { throwIfNoEntry: false }));
  // The size of a pipe is unknown; the run itself will report a missing file.
  if (!stats.every((each) => each?.isFile())) return;
  const size = stats.reduce((sum, each) => sum + (each?.size ?? 0), 0);
  for (const flag of flagsFor(size, level)) setFlagsFromString(flag);
}

/** Returns the heap size beyond which V8 aborts the process, bytes. */
export function heapLimit(): number {
  return getHeapStatistics().heap_size_limit;
}
