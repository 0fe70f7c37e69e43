import type { WallClock } from "./machine.ts";

/** JavaScript's own clock, which every runtime has, with ms resolution. */
export const languageClock: WallClock = {
  resolution: 1_000_000,
  now: () => BigInt(Date.now()) * 1_000_000n,
};
