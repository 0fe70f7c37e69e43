import type { HostInstance } from "../../../component/host.ts";
import type { WasiHost } from "../../host.ts";

const NS_PER_SECOND = 1_000_000_000n;

/**
 * Makes `wasi:clocks/system-clock`, clock_gettime(2) with CLOCK_REALTIME: instants since 1970, the resolution in ns.
 */
export function systemClock({ machine, poll }: WasiHost): HostInstance {
  return {
    now: () => {
      poll.streak.end();
      return instant(machine.wallClock.now());
    },
    "get-resolution": () => BigInt(machine.wallClock.resolution),
  };
}

/**
 * Returns a `system-clock.instant`. Before 1970, nanoseconds count up from the whole second before it.
 *
 * @param ns since 1970
 */
export function instant(ns: bigint): { readonly seconds: bigint; readonly nanoseconds: number } {
  const nanoseconds = ((ns % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  return { seconds: (ns - nanoseconds) / NS_PER_SECOND, nanoseconds: Number(nanoseconds) };
}
