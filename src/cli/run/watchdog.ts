/** A thread that ends the process when a time is up (-W timeout) or it grows too large. Loaded only where one is needed. */
import { once } from "node:events";
import { SHARE_ENV, type Worker, type WorkerOptions } from "node:worker_threads";
import { PATIENCE, type Watch } from "../../machine/watchdog.ts";
import { coloured } from "../output/colours.ts";
import type { Environment } from "../output/environment.ts";
import { Failure, formatChain, mainFailure } from "../output/failure.ts";
import { ABORTED } from "../report/report.ts";
import type { SharedStats } from "../stats/final-report.ts";

/** Starts the runtime's thread that watches (bin/*-watchdog.ts). @throws Error if there can be no thread */
export type WatchdogStart = (options: WorkerOptions) => Promise<Worker>;

/**
 * Resolves when the time has begun. On Node V8's flags must not be changed before: a worker that starts up with others than
 * the process crashes.
 *
 * @param timeout nanoseconds
 * @param stats Those that are told of then.
 */
export async function startWatchdog(
  start: WatchdogStart,
  timeout: bigint,
  environment: Environment,
  stats: Omit<SharedStats, "origin"> | undefined,
): Promise<void> {
  const text = formatChain("timed out after deadline has elapsed", ["wasm trap: interrupt"]);
  await startWatching(start, {
    timeout: Number(timeout) / 1e6,
    text: coloured(text, environment),
    status: ABORTED,
    last: lastOf(stats),
  });
}

/**
 * The same for a guest with objects that the engine collects, of which it may have 4 GiB as in wasmtime. How many there are no
 * engine says, and V8 aborts a little beyond its own limit: what the process grows by is looked at from beside it.
 *
 * @param most Bytes
 * @throws as `startWatchdog`
 */
export async function startHeapWatch(
  start: WatchdogStart,
  most: number,
  file: string,
  environment: Environment,
  stats: Omit<SharedStats, "origin"> | undefined,
): Promise<void> {
  const text = formatChain(mainFailure(file), [`GC heap out of memory: no capacity beyond ${most} bytes`]);
  await startWatching(start, {
    timeout: Number.POSITIVE_INFINITY,
    growth: most,
    text: coloured(text, environment),
    status: 1,
    last: lastOf(stats),
  });
}

function lastOf(stats: Omit<SharedStats, "origin"> | undefined): SharedStats | undefined {
  return stats && { ...stats, origin: performance.timeOrigin };
}

async function startWatching(start: WatchdogStart, workerData: Watch<SharedStats>): Promise<void> {
  const mayBeHeldUp = await startThread(start, workerData);
  const { timeout } = workerData;
  // another, that says nothing
  if (mayBeHeldUp && timeout < Number.POSITIVE_INFINITY)
    await startThread(start, { ...workerData, timeout: timeout + PATIENCE, text: "", last: undefined });
}

/** Returns what the thread says when it watches. @throws Failure where none can start: there are no descriptors for it, perhaps */
async function startThread(start: WatchdogStart, workerData: Watch<SharedStats>): Promise<boolean> {
  try {
    const worker = await start({ workerData, env: SHARE_ENV });
    const [mayBeHeldUp] = await once(worker, "message");
    // The process ends with its guest, whatever the watchdog does.
    worker.unref();
    return mayBeHeldUp;
  } catch (error) {
    throw new Failure("no thread that watches the guest", [error instanceof Error ? error.message : String(error)]);
  }
}
