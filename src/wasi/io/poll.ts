import { type HostInstance, type RawContext, raw } from "../../component/host.ts";
import type { Condition } from "../../core/condition.ts";
import { Trap } from "../../core/errors.ts";
import { Pollable } from "../../core/pollable.ts";
import type { WasiHost } from "../host.ts";

/** `wasi:io/poll` */
export function ioPoll({ poll }: WasiHost): HostInstance {
  /** The conditions of the list being polled: reused, so that a poll over thousands allocates nothing. */
  const conditions: Condition[] = [];

  function wait(count: number): Uint32Array {
    if (count === 0) throw new Trap("empty poll list");
    return poll.ready.subarray(0, poll.poll(conditions, count));
  }

  /** `poll(list<borrow<pollable>>) -> list<u32>`: flat (list, length, result area). */
  function rawPoll(cx: RawContext) {
    return (list: number, length: number, result: number): undefined => {
      const count = length >>> 0;
      const base = cx.check(list, count * 4, 4);
      const out = cx.check(result, 8, 4);
      const view = cx.view();
      for (let i = 0; i < count; i++)
        conditions[i] = (cx.borrow(view.getUint32(base + i * 4, true)) as Pollable).condition;
      const ready = wait(count);
      const indices = cx.allocate(ready.length * 4, 4);
      const memory = cx.view();
      for (let i = 0; i < ready.length; i++) memory.setUint32(indices + i * 4, ready[i]!, true);
      memory.setUint32(out, indices, true);
      memory.setUint32(out + 4, ready.length, true);
    };
  }

  return {
    pollable: Pollable,
    "[method]pollable.ready": (self: Pollable) => self.ready(poll),
    "[method]pollable.block": (self: Pollable) => poll.block(self.condition),
    poll: Object.assign(
      (list: readonly Pollable[]) => {
        list.forEach((pollable, i) => {
          conditions[i] = pollable.condition;
        });
        return wait(list.length);
      },
      { [raw]: rawPoll },
    ),
  };
}
