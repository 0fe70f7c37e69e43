/**
 * Ends the process from another thread: the guest's own may be in a loop or asleep in the kernel, where nothing of ours runs.
 * The main function of a worker (bin/*-watchdog.ts), which -W timeout starts.
 */
import { writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { UnsupportedRuntime } from "../../../machine/unsupported-runtime.ts";
import type { Watch } from "../../../machine/watchdog.ts";
import { Block, type Ffi } from "./ffi.ts";
import type { Os } from "./os.ts";
import { functionAddress, SIGEVENT, writeSigevent } from "./sigevent.ts";
import { exitSymbols, timerSymbols } from "./symbols.ts";

/** How long the last words may take, where nobody reads stderr, ms. */
const PATIENCE = 100;

// struct itimerspec { struct timespec interval, value; }
const ITIMERSPEC = 32;
const VALUE_NANOSECONDS = 24;
const CLOCK_MONOTONIC = 1;

export function watch<L>(ffi: Ffi, { libraries }: Pick<Os, "libraries">, lastWords: (last: L) => string): void {
  const { timeout, text, status, last }: Watch<L> = workerData;
  const { _exit } = ffi.open(libraries, exitSymbols);
  const exitSoon = exitTimer(ffi, libraries, status);
  parentPort?.postMessage("watching");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeout);
  exitSoon?.();
  try {
    writeSync(2, text + (last === undefined ? "" : lastWords(last)));
  } finally {
    _exit(status);
  }
}

/**
 * What has libc itself end the process, after the patience: this thread may be held up in write(2). Undefined where libc has no
 * such timers (macOS).
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
    time.view.setBigInt64(VALUE_NANOSECONDS, BigInt(PATIENCE) * 1_000_000n, true);
    return () => void libc.timer_settime(id, 0, time.pointer, ffi.null);
  } catch (error) {
    if (!(error instanceof UnsupportedRuntime)) throw error;
    return undefined;
  }
}
