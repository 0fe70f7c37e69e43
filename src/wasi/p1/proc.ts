import { Exit, Trap } from "../../core/wait/errors.ts";
import { enumArgument } from "./abi/arguments.ts";
import { errno } from "./abi/errno.ts";
import type { Area } from "./context.ts";

/**
 * The number of exit statuses that WASI allows, from 0. Higher ones could be mistaken for those of the shell and of
 * signals.
 */
const STATUS_COUNT = 126;

/** The number of signals in the witx. */
const SIGNAL_COUNT = 31;

/** `proc_*`, `sched_yield`, `random_get`. */
export const proc: Area = (cx) => ({
  /** exit(3). Throws `Exit` with the status. Traps for a status of 126 or more. */
  proc_exit(status: number) {
    if (status >>> 0 >= STATUS_COUNT) throw new Trap("exit with invalid exit status outside of [0..126)");
    throw new Exit(status);
  },

  /** raise(3), which no runtime supports. Errno: ENOTSUP. */
  proc_raise(signal: number) {
    enumArgument(signal, SIGNAL_COUNT, 8, "Signal");
    return errno.ENOTSUP;
  },

  /** sched_yield(2): only ends a streak of calls (core/wait/streak.ts). Errno: none. */
  sched_yield() {
    cx.poll.streak.end();
    return errno.ESUCCESS;
  },

  /** getrandom(2): fills `length` bytes at `buffer`. Errno: none; more than -Smax-random-size traps. */
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
