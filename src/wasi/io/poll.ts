import { type HostInstance, mayWait, type RawContext, raw } from "../../component/host.ts";
import { Trap } from "../../core/errors.ts";
import { PollList } from "../../core/poll-list.ts";
import { Pollable } from "../../core/pollable.ts";
import { then, type Waiting } from "../../core/waiting.ts";
import type { WasiHost } from "../host.ts";

/** `wasi:io/poll` */
export function ioPoll({ poll }: WasiHost): HostInstance {
  /** Guests poll the same list again and again, give or take an entry: it is kept, and only its changes are looked at. */
  const list = new PollList();
  const handles: (object | undefined)[] = [];

  function wait(): Waiting<number> {
    if (list.count === 0) throw new Trap("empty poll list");
    return poll.poll(list);
  }

  function answer(cx: RawContext, out: number, found: number): undefined {
    const indices = cx.allocate(found * 4, 4);
    const memory = cx.view();
    for (let i = 0; i < found; i++) memory.setUint32(indices + i * 4, list.ready[i]!, true);
    memory.setUint32(out, indices, true);
    memory.setUint32(out + 4, found, true);
  }

  /** `poll(list<borrow<pollable>>) -> list<u32>`: flat (list, length, result area). */
  function rawPoll(cx: RawContext) {
    return (start: number, length: number, result: number): Waiting<undefined> => {
      const count = length >>> 0;
      const base = cx.checkList(start, count, 4, 4);
      const out = cx.check(result, 8, 4);
      const view = cx.view();
      list.resize(count);
      for (let i = 0; i < count; i++) {
        const index = view.getUint32(base + i * 4, true);
        const handle = cx.handle(index);
        if (handle !== undefined && handle === handles[i]) continue;
        list.set(i, (cx.borrow(index) as Pollable).condition);
        handles[i] = handle;
      }
      const found = wait();
      // No closure where nothing is waited for.
      return typeof found === "number" ? answer(cx, out, found) : found.then((later) => answer(cx, out, later));
    };
  }

  return {
    pollable: Pollable,
    "[method]pollable.ready": (self: Pollable) => self.ready(poll),
    "[method]pollable.block": Object.assign((self: Pollable) => self.block(poll), { [mayWait]: true }),
    poll: Object.assign(
      (pollables: readonly Pollable[]) => {
        handles.length = 0;
        list.resize(pollables.length);
        pollables.forEach((pollable, i) => {
          list.set(i, pollable.condition);
        });
        return then(wait(), (found) => list.ready.subarray(0, found));
      },
      { [raw]: rawPoll, [mayWait]: true },
    ),
  };
}
