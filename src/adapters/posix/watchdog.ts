/**
 * The main function of a worker (bin/*-watchdog.ts) that -W timeout starts. It ends the process from there: the guest's
 * own thread may be in a loop or asleep in the kernel, where no code of ours runs.
 */
import { writeSync } from "node:fs";
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import { UnsupportedRuntime } from "../../machine/unsupported-runtime.ts";
import { MESSAGE_WAIT_MS, type Reports, type Watch, type WatchedSignals } from "../../machine/watchdog.ts";
import { Block, type Ffi } from "./libc/ffi.ts";
import type { Platform } from "./libc/platform.ts";
import { exitSymbols, timerSymbols } from "./libc/symbols.ts";
import type { Syscalls } from "./libc/syscalls.ts";
import { functionAddress, SIGEVENT, writeSigevent } from "./lookup/sigevent.ts";

// struct itimerspec { struct timespec interval, value; }
const ITIMERSPEC = 32;
const VALUE_NANOSECONDS = 24;
const CLOCK_MONOTONIC = 1;

/** The ways in which a worker can end its process. */
interface Ending {
  exit(status: number): void;
  /** Makes the process exit after the patience, even if this thread is held up in write(2) by then. */
  exitSoon?: (() => void) | undefined;
}

/** Watches the process. Tells the thread that started it whether this one may be held up. */
export function watch<L>(platform: () => Platform, reports: Reports<L>): void {
  const { timeout, growth, text, status, last, signals, live = false, over }: Watch<L> = workerData;
  if (over !== undefined) {
    parentPort?.postMessage(false);
    if (Atomics.wait(over, 0, 0, timeout) === "timed-out") writeSync(2, text);
    return;
  }
  const { exit, exitSoon } = findEnding(platform, status);
  const first = process.memoryUsage.rss();
  const arrived = signals && signalWatch(platform, signals);
  const isFull = () => growth !== undefined && process.memoryUsage.rss() - first > growth;
  parentPort?.postMessage(exitSoon === undefined);
  const end = performance.now() + timeout;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const pause =
    growth !== undefined
      ? CHECK_INTERVAL_MS
      : live || arrived !== undefined
        ? SIGNAL_INTERVAL_MS
        : Number.POSITIVE_INFINITY;
  let signal: number | undefined;
  let next = performance.now() + SECOND;
  for (let left = timeout; left > 0 && !isFull(); left = end - performance.now()) {
    Atomics.wait(sleeper, 0, 0, Math.min(left, pause));
    signal = arrived?.();
    if (signal !== undefined) break;
    if (!live || last === undefined || performance.now() < next) continue;
    writeSync(2, reports.live(last));
    next += SECOND;
  }
  const said = text + (last === undefined ? "" : reports.final(last));
  exitSoon?.();
  try {
    if (said !== "") writeSync(2, said);
  } finally {
    if (signal === undefined) exit(status);
    else process.kill(process.pid, signal);
  }
}

/** How often the size of a process with a limit is checked, ms: a guest grows by some MiB in that time. */
const CHECK_INTERVAL_MS = 10;

/** How often it is looked whether a signal has come, or a second is over, ms. */
const SIGNAL_INTERVAL_MS = 50;

const SECOND = 1000;

/** Returns a function that returns a signal that has come. Undefined where that cannot be seen. */
function signalWatch(
  platform: () => Platform,
  { numbers, handled }: WatchedSignals,
): (() => number | undefined) | undefined {
  const isDefault = findActions(platform);
  return isDefault && (() => (Atomics.load(handled, 0) === 0 ? undefined : numbers.find(isDefault)));
}

function findActions(platform: () => Platform): Syscalls["isDefault"] {
  try {
    const { ffi, os } = platform();
    return os.open(ffi).isDefault;
  } catch (error) {
    if (!(error instanceof UnsupportedRuntime)) throw error;
    return undefined;
  }
}

/** Returns a way to end the process. Without FFI only a signal can do it: the one that the status stands for. */
function findEnding(platform: () => Platform, status: number): Ending {
  try {
    const { ffi, os } = platform();
    const { _exit } = ffi.open(os.libraries, exitSymbols);
    return { exit: _exit, exitSoon: exitTimer(ffi, os.libraries, status) };
  } catch (error) {
    if (!(error instanceof UnsupportedRuntime)) throw error;
    return { exit: () => process.kill(process.pid, "SIGABRT") };
  }
}

/**
 * Returns a function that makes libc itself end the process after the patience, since this thread may be held up in
 * write(2). Undefined if libc has no such timers (macOS).
 */
function exitTimer(ffi: Ffi, libraries: readonly string[], status: number): (() => void) | undefined {
  try {
    const libc = ffi.open(libraries, timerSymbols);
    const allocate = (size: number) => new Block(ffi, libc.calloc(1, size), size);
    const [event, timer, time] = [allocate(SIGEVENT), allocate(8), allocate(ITIMERSPEC)];
    writeSigevent(event.view, 0, status, functionAddress(ffi, libc.dlsym, "_exit", time));
    if (libc.timer_create(CLOCK_MONOTONIC, event.pointer, timer.pointer) !== 0) return undefined;
    const id = timer.view.getBigInt64(0, true);
    time.bytes.fill(0);
    time.view.setBigInt64(VALUE_NANOSECONDS, BigInt(MESSAGE_WAIT_MS) * 1_000_000n, true);
    return () => void libc.timer_settime(id, 0, time.pointer, ffi.null);
  } catch (error) {
    if (!(error instanceof UnsupportedRuntime)) throw error;
    return undefined;
  }
}
