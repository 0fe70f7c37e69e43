/**
 * --stats of a guest that a signal ends, as most servers end, and --stats=live. The guest's thread may be asleep in the kernel then:
 * another one tells. Loaded only for --stats.
 */
import { constants } from "node:os";
import process from "node:process";
import { isatty } from "node:tty";
import type { Settings } from "../options/settings.ts";
import { writeErr } from "../output/output.ts";
import type { Chosen } from "./machine.ts";
import { type Measured, sharedStats } from "./surroundings.ts";
import { startStatsWatch, type WatchdogStart } from "./watchdog.ts";

const endSignals = ["SIGINT", "SIGTERM"] as const;

/**
 * Starts that thread, before V8's flags are changed.
 *
 * @param signals Those that the guest does not handle itself
 * @returns What has the signals handled, once there is a machine
 * @throws as `startStatsWatch`
 */
export async function watchStats(
  watchdog: WatchdogStart,
  given: Settings,
  measured: Measured,
  signals: readonly (typeof endSignals)[number][] = endSignals,
): Promise<(chosen: Chosen) => void> {
  const live = given.stats === "live" && isatty(2);
  const { stats } = measured;
  const numbers = signals.map((signal) => constants.signals[signal]);
  const handled = new Int32Array(new SharedArrayBuffer(4));
  await startStatsWatch(watchdog, { numbers, handled }, live, sharedStats(given, stats));
  stats.resume();
  return ({ wait, machine: { handleOnce } }) => {
    // Nobody would hear of one: it ends the process as it is.
    if (wait === "blocking" && handleOnce === undefined) return;
    for (const signal of signals) {
      const handler = () => {
        if (handleOnce !== undefined) return;
        writeErr(stats.report(given.stats ?? "text"));
        process.off(signal, handler);
        process.kill(process.pid, signal);
      };
      process.on(signal, handler);
      handleOnce?.(constants.signals[signal]);
    }
    if (handleOnce !== undefined) Atomics.store(handled, 0, 1);
  };
}
