/** --stats of a run that the watchdog ends: its thread reads them where the guest's has left them (stats-numbers.ts). */
import { type StatsFormat, statsReport } from "./stats.ts";

export interface SharedStats {
  readonly numbers: SharedArrayBuffer;
  readonly format: StatsFormat;
  /** `performance.timeOrigin` of the guest's thread: each thread's clock begins with it. */
  readonly origin: number;
}

export function finalReport({ numbers, format, origin }: SharedStats): string {
  return statsReport(numbers, performance.timeOrigin + performance.now() - origin, format);
}
