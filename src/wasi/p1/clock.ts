import { enumArgument } from "./abi/arguments.ts";
import { clockid } from "./abi/constants.ts";
import { errno } from "./abi/errno.ts";
import type { Area, Preview1 } from "./context.ts";

/** ns since the guest's start. */
function monotonic({ machine, origin }: Preview1): number {
  return Math.floor(machine.now()) - origin;
}

/** `clock_*`. The clocks of CPU time are there for none (wasmtime: EBADF). */
export const clock: Area = (cx) => ({
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
