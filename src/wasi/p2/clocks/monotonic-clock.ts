import type { HostInstance } from "../../../component/host.ts";
import { Condition } from "../../../core/wait/condition.ts";
import { after, fromU64 } from "../../../core/wait/deadline.ts";
import type { WasiHost } from "../../host.ts";
import { Pollable } from "../io/pollable.ts";

/**
 * Makes `wasi:clocks/monotonic-clock`, clock_gettime(2) with CLOCK_MONOTONIC: instants are ns since the guest started,
 * durations are ns.
 */
export function monotonicClock(host: WasiHost): HostInstance {
  const { machine, poll } = host;
  const timer = (deadline: number, now: number): Pollable => new Pollable(Condition.timer(deadline), now);

  return {
    now: () => {
      poll.streak.end();
      return BigInt(Math.floor(machine.now()) - host.started);
    },
    resolution: () => 1n,
    "subscribe-instant": (when: bigint) => timer(after(host.started, fromU64(when)), machine.now()),
    "subscribe-duration": (duration: bigint) => {
      const now = machine.now();
      return timer(after(now, fromU64(duration)), now);
    },
  };
}
