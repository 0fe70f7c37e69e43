/**
 * A thread that ends the process when a time is up (-W timeout), it grows too large, or a signal asks for it (--stats). Loaded only
 * where one is needed.
 */
import { once } from "node:events";
import { SHARE_ENV, type Worker, type WorkerOptions } from "node:worker_threads";
import { MESSAGE_WAIT_MS, type Watch, type WatchedSignals } from "../../machine/watchdog.ts";
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

/** The same for --stats: they are told of a guest that a signal ends, which then does, and every second. @throws as `startWatchdog` */
export async function startStatsWatch(
  entry: WatchdogStart,
  signals: WatchedSignals,
  live: boolean,
  stats: Omit<SharedStats, "origin">,
): Promise<void> {
  const timeout = Number.POSITIVE_INFINITY;
  await startThread(entry, { timeout, text: "", status: ABORTED, last: lastOf(stats), signals, live });
}

/**
 * A thread that says so when something takes longer.
 *
 * @param timeout ms
 * @returns What ends it
 * @throws as `startWatchdog`
 */
export async function startNotice(entry: WatchdogStart, timeout: number, text: string): Promise<() => void> {
  const over = new Int32Array(new SharedArrayBuffer(4));
  await startThread(entry, { timeout, text, status: ABORTED, last: undefined, over });
  return () => {
    Atomics.store(over, 0, 1);
    Atomics.notify(over, 0);
  };
}

function lastOf(stats: Omit<SharedStats, "origin"> | undefined): SharedStats | undefined {
  return stats && { ...stats, origin: performance.timeOrigin };
}

async function startWatching(start: WatchdogStart, workerData: Watch<SharedStats>): Promise<void> {
  const mayBeHeldUp = await startThread(start, workerData);
  const { timeout } = workerData;
  // another, that says nothing
  if (mayBeHeldUp && timeout < Number.POSITIVE_INFINITY)
    await startThread(start, { ...workerData, timeout: timeout + MESSAGE_WAIT_MS, text: "", last: undefined });
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
