import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { flags, SMALL } from "./v8-flags.ts";

/** Must be called before a guest of `size` bytes is compiled. */
export function optimizeSmallGuest(size: number): void {
  if (size <= SMALL) for (const flag of flags) setFlagsFromString(flag);
}

/** Bytes beyond which V8 aborts the process. */
export function heapLimit(): number {
  return getHeapStatistics().heap_size_limit;
}
