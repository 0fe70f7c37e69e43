import { Exit, Trap } from "../../core/wait/errors.ts";
import { enumArgument } from "./abi/arguments.ts";
import { errno } from "./abi/errno.ts";
import type { Area } from "./context.ts";

/** Exit statuses that WASI has, from 0. The rest would be mistaken for the shell's own and for signals. */
const STATUSES = 126;

/** Signals that the witx has. */
const SIGNALS = 31;

/** `proc_*`, `sched_yield`, `random_get`. */
export const proc: Area = (cx) => ({
  proc_exit(status: number) {
    if (status >>> 0 >= STATUSES) throw new Trap("exit with invalid exit status outside of [0..126)");
    throw new Exit(status);
  },

  proc_raise(signal: number) {
    enumArgument(signal, SIGNALS, 8, "Signal");
    return errno.ENOTSUP;
  },

  sched_yield() {
    cx.poll.streak.end();
    return errno.ESUCCESS;
  },

  random_get(buffer: number, length: number) {
    const size = length >>> 0;
    const { maxRandomSize } = cx.limits;
    if (size > maxRandomSize) throw new Trap(`requested len ${size} exceeds limit ${maxRandomSize}`);
    if (size === 0) return errno.ESUCCESS;
    const start = cx.memory.check(buffer, size, 1);
    cx.machine.fillRandom(cx.memory.bytes.subarray(start, start + size));
    return errno.ESUCCESS;
  },
});
