import type { HostInstance } from "../../../component/host.ts";
import { Condition } from "../../../core/wait/condition.ts";
import { after, fromU64 } from "../../../core/wait/deadline.ts";
import type { Blocking } from "../../../core/wait/poll.ts";
import type { WasiHost } from "../../host.ts";

/**
 * Makes `wasi:clocks/monotonic-clock`, clock_gettime(2) with CLOCK_MONOTONIC: marks are ns since the guest started,
 * durations ns.
 */
export function monotonicClock(host: WasiHost): HostInstance {
  const { machine, poll } = host;
  function* passed(deadline: number): Blocking<void> {
    yield Condition.timer(deadline);
  }

  return {
    now: () => {
      poll.streak.end();
      return BigInt(Math.floor(machine.now()) - host.started);
    },
    "get-resolution": () => 1n,
    /** Returns at once if the mark has passed. */
    "wait-until": (mark: bigint) => {
      const deadline = after(host.started, fromU64(mark));
      return deadline <= machine.now() ? undefined : passed(deadline);
    },
    "wait-for": (duration: bigint) => (duration === 0n ? undefined : passed(after(machine.now(), fromU64(duration)))),
  };
}
