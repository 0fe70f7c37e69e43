/**
 * Ends the process from another thread: the guest's own may be in a loop or asleep in the kernel, where nothing of ours runs.
 * The main function of a worker (bin/*-watchdog.ts), which -W timeout starts.
 */
import { writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import type { Watch } from "../../../machine/watchdog.ts";
import type { Ffi } from "./ffi.ts";
import type { Os } from "./os.ts";
import { exitSymbols } from "./symbols.ts";

export function watch<L>(ffi: Ffi, { libraries }: Pick<Os, "libraries">, lastWords: (last: L) => string): void {
  const { timeout, text, status, last }: Watch<L> = workerData;
  const { _exit } = ffi.open(libraries, exitSymbols);
  parentPort?.postMessage("watching");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeout);
  try {
    writeSync(2, text + (last === undefined ? "" : lastWords(last)));
  } finally {
    _exit(status);
  }
}
