import { isatty } from "node:tty";
import { printable } from "../../wasm/printable.ts";
import { startNotice, type WatchdogStart } from "./watchdog.ts";

/** ms */
const LONG = 1000;

/** On a terminal: a line when the guest's code takes long to be ready. Returns what says that it is; undefined: there is no terminal. */
export async function tellOfSlow(watchdog: WatchdogStart, file: string): Promise<(() => void) | undefined> {
  return isatty(2) ? startNotice(watchdog, LONG, `pollux: compiling ${printable(file)} ...\n`) : undefined;
}
