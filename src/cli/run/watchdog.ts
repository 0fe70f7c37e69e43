/** A thread that ends the process when a time is up (-W timeout) or it grows too large. Loaded only where one is needed. */
import { once } from "node:events";
import { SHARE_ENV, Worker } from "node:worker_threads";
import { MESSAGE_WAIT_MS, type Watch } from "../../machine/watchdog.ts";
import { coloured } from "../output/colours.ts";
import type { Environment } from "../output/environment.ts";
import { Failure, formatChain, mainFailure } from "../output/failure.ts";
import { ABORTED } from "../report/report.ts";
import type { SharedStats } from "../stats/final-report.ts";

/** A module that runs as a worker, beside the one that the process was started with. */
export interface WorkerEntry {
  /** Its file's name, without its suffix, which is that of `from`. */
  readonly name: string;
  /** The URL of the module that it lies beside; the standalone binary's own has no suffix. */
  readonly from: string;
}

/**
 * Resolves when the time has begun. On Node V8's flags must not be changed before: a worker that starts up with others than
 * the process crashes.
 *
 * @param timeout nanoseconds
 * @param stats Those that are told of then.
 */
export async function startWatchdog(
  entry: WorkerEntry,
  timeout: bigint,
  environment: Environment,
  stats: Omit<SharedStats, "origin"> | undefined,
): Promise<void> {
  const text = formatChain("timed out after deadline has elapsed", ["wasm trap: interrupt"]);
  await startWorker(entry, {
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
  entry: WorkerEntry,
  most: number,
  file: string,
  environment: Environment,
  stats: Omit<SharedStats, "origin"> | undefined,
): Promise<void> {
  const text = formatChain(mainFailure(file), [`GC heap out of memory: no capacity beyond ${most} bytes`]);
  await startWorker(entry, {
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

async function startWorker({ name, from }: WorkerEntry, workerData: Watch<SharedStats>): Promise<void> {
  const file = new URL(`./${name}${from.endsWith(".js") ? ".js" : ".ts"}`, from);
  const mayBeHeldUp = await startThread(file, workerData);
  const { timeout } = workerData;
  // another, that says nothing
  if (mayBeHeldUp && timeout < Number.POSITIVE_INFINITY)
    await startThread(file, { ...workerData, timeout: timeout + MESSAGE_WAIT_MS, text: "", last: undefined });
}

/** Returns what the thread says when it watches. @throws Failure where none can start: there are no descriptors for it, perhaps */
async function startThread(file: URL, workerData: Watch<SharedStats>): Promise<boolean> {
  try {
    const worker = new Worker(file, { workerData, env: SHARE_ENV });
    const [mayBeHeldUp] = await once(worker, "message");
    // The process ends with its guest, whatever the watchdog does.
    worker.unref();
    return mayBeHeldUp;
  } catch (error) {
    throw new Failure("no thread that watches the guest", [error instanceof Error ? error.message : String(error)]);
  }
}
