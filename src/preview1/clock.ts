import { clockid } from "./constants.ts";
import { type Area, enumArgument, type Preview1 } from "./context.ts";
import { errno } from "./errno.ts";

const NS_PER_MS = 1_000_000n;

/** Unix time, ns, at the resolution of the language's own clock. */
export function realtime(): bigint {
  return BigInt(Date.now()) * NS_PER_MS;
}

/** ns since the guest's start. */
export function monotonic({ machine, origin }: Preview1): bigint {
  return BigInt(Math.floor(machine.now()) - origin);
}

/** `clock_*`. The clocks of CPU time are there for none (wasmtime: EBADF). */
export const clock: Area = (cx) => ({
  clock_res_get(id: number, resolution: number) {
    switch (enumArgument(id, 4, 32, "Clockid")) {
      case clockid.realtime:
        cx.memory.setU64(resolution, NS_PER_MS);
        return errno.ESUCCESS;
      case clockid.monotonic:
        cx.memory.setU64(resolution, 1n);
        return errno.ESUCCESS;
      default:
        return errno.EBADF;
    }
  },

  clock_time_get(id: number, _precision: bigint, time: number) {
    switch (enumArgument(id, 4, 32, "Clockid")) {
      case clockid.realtime:
        cx.memory.setU64(time, realtime());
        return errno.ESUCCESS;
      case clockid.monotonic:
        cx.memory.setU64(time, monotonic(cx));
        return errno.ESUCCESS;
      default:
        return errno.EBADF;
    }
  },
});
