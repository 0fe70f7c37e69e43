import type { WallClock } from "./machine.ts";

/** The language's own clock, which every runtime has: ms. */
export const languageClock: WallClock = {
  resolution: 1_000_000,
  now: () => BigInt(Date.now()) * 1_000_000n,
};
