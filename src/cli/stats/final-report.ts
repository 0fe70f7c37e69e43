/** --stats of a run that another thread ends, or tells of every second: it reads them where the guest's has left them (stats-numbers.ts). */
import type { Reports } from "../../machine/watchdog.ts";
import { liveReport, type StatsFormat, statsReport } from "./stats.ts";

export interface SharedStats {
  readonly numbers: SharedArrayBuffer;
  readonly format: StatsFormat;
  /** `performance.timeOrigin` of the guest's thread: each thread's clock begins with it. */
  readonly origin: number;
}

export const statsReports: Reports<SharedStats> = {
  final: ({ numbers, format, origin }) => statsReport(numbers, sinceStart(origin), format),
  live: ({ numbers, origin }) => liveReport(numbers, sinceStart(origin)),
};

/** On the clock of the guest's thread. */
function sinceStart(origin: number): number {
  return performance.timeOrigin + performance.now() - origin;
}
