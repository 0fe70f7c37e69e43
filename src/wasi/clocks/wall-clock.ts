import type { HostInstance } from "../../component/host.ts";

const MS_PER_SECOND = 1000;
const NS_PER_MS = 1_000_000;

/** `wasi:clocks/wall-clock`: Unix time, at the resolution of the language's own clock. */
export function wallClock(): HostInstance {
  return {
    now: () => {
      const ms = Date.now();
      return { seconds: BigInt(Math.floor(ms / MS_PER_SECOND)), nanoseconds: (ms % MS_PER_SECOND) * NS_PER_MS };
    },
    resolution: () => ({ seconds: 0n, nanoseconds: NS_PER_MS }),
  };
}
