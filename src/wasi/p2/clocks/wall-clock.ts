import type { HostInstance } from "../../../component/host.ts";
import type { WasiHost } from "../../host.ts";

const NS_PER_SECOND = 1_000_000_000n;

/** Makes `wasi:clocks/wall-clock`, clock_gettime(2) with CLOCK_REALTIME: seconds and ns since 1970. */
export function wallClock({ machine, poll }: WasiHost): HostInstance {
  return {
    now: () => {
      poll.streak.end();
      const ns = machine.wallClock.now();
      return { seconds: ns / NS_PER_SECOND, nanoseconds: Number(ns % NS_PER_SECOND) };
    },
    resolution: () => ({ seconds: 0n, nanoseconds: machine.wallClock.resolution }),
  };
}
