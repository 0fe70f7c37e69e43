import { enumArgument } from "./abi/arguments.ts";
import { clockid } from "./abi/constants.ts";
import { errno } from "./abi/errno.ts";
import type { Area, Preview1Context } from "./context.ts";

/** Returns the guest's monotonic time: ns since its start. */
function monotonic({ machine, origin }: Preview1Context): number {
  return Math.floor(machine.now()) - origin;
}

/** `clock_*`: clock_getres(2), clock_gettime(2). The CPU-time clocks do not exist (EBADF, as in wasmtime). */
export const clock: Area = (cx) => ({
  /** Stores the resolution of clock `id`, in ns, at `resolution`. Errno: EBADF for a CPU-time clock. */
  clock_res_get(id: number, resolution: number) {
    switch (enumArgument(id, 4, 32, "Clockid")) {
      case clockid.realtime:
        cx.memory.setCount(resolution, cx.machine.wallClock.resolution);
        return errno.ESUCCESS;
      case clockid.monotonic:
        cx.memory.setCount(resolution, 1);
        return errno.ESUCCESS;
      default:
        return errno.EBADF;
    }
  },

  /**
   * Stores the time of clock `id`, in ns (since 1970, or since the guest's start), at `time`. Errno: EBADF for a
   * CPU-time clock.
   */
  clock_time_get(id: number, _precision: bigint, time: number) {
    cx.poll.streak.end();
    switch (enumArgument(id, 4, 32, "Clockid")) {
      case clockid.realtime:
        cx.memory.setU64(time, cx.machine.wallClock.now());
        return errno.ESUCCESS;
      case clockid.monotonic:
        cx.memory.setCount(time, monotonic(cx));
        return errno.ESUCCESS;
      default:
        return errno.EBADF;
    }
  },
});
