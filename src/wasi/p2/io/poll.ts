import { type HostInstance, mayWait, type RawContext, raw } from "../../../component/host.ts";
import { Trap } from "../../../core/wait/errors.ts";
import { PollList } from "../../../core/wait/poll-list.ts";
import { andThen, type Waiting } from "../../../core/wait/waiting.ts";
import type { WasiHost } from "../../host.ts";
import { polling, waiting } from "../../waits.ts";
import { Pollable } from "./pollable.ts";

/** Makes `wasi:io/poll`. `poll` returns the indices of the ready pollables; an empty list traps. */
export function ioPoll({ poll }: Pick<WasiHost, "poll">): HostInstance {
  function wait(list: PollList): Waiting<number> {
    if (list.count === 0) throw new Trap("empty poll list");
    return poll.poll(list);
  }

  function storeIndices(cx: RawContext, out: number, { ready }: PollList, found: number): undefined {
    const indices = cx.allocate(found * 4, 4);
    const memory = cx.view();
    for (let i = 0; i < found; i++) memory.setUint32(indices + i * 4, ready[i]!, true);
    memory.setUint32(out, indices, true);
    memory.setUint32(out + 4, found, true);
  }

  /**
   * The raw form of `poll(list<borrow<pollable>>) -> list<u32>`: flat parameters (list, length, result area). Guests
   * poll nearly the same list again and again, so it is kept and only changed entries are looked up. An entry is
   * unchanged while its word in the guest's memory is, unless its handle was removed meanwhile.
   */
  function rawPoll(cx: RawContext) {
    const list = new PollList();
    let removals = 0;

    function forgetRemoved(): void {
      for (; removals < cx.removals; removals++) {
        const index = cx.removed(removals);
        if (index === undefined) {
          list.forgetAll();
          removals = cx.removals;
          return;
        }
        list.forget(index);
      }
    }

    return (start: number, entries: number, result: number): Waiting<undefined> => {
      const count = entries >>> 0;
      const base = cx.checkList(start, count, 4, 4);
      const out = cx.check(result, 8, 4);
      const first = base / 4;
      const length = Math.min(count, cx.lendable);
      const memory = cx.words();
      list.begin(memory, first, length);
      if (removals !== cx.removals) forgetRemoved();
      for (let i = list.next(0); i < length; i = list.next(i + 1)) {
        list.place(i, (cx.borrow(memory.words[first + i]!) as Pollable).condition);
      }
      if (count > length) throw new Trap("cannot lend resource: store handle limit exceeded");
      list.finish(length);
      const found = wait(list);
      // No closure is made when nothing has to be waited for.
      return typeof found === "number"
        ? storeIndices(cx, out, list, found)
        : found.then((later) => storeIndices(cx, out, list, later));
    };
  }

  const list = new PollList();
  return {
    pollable: Pollable,
    // `ready` counts its calls, so it is not called again.
    "[method]pollable.ready": polling((self: Pollable) => self.ready(poll), {
      isNothing: (ready) => ready === false,
      again: false,
    }),
    "[method]pollable.block": waiting((self: Pollable) => self.block(poll)),
    poll: Object.assign(
      (pollables: readonly Pollable[]) => {
        list.resize(pollables.length);
        pollables.forEach((pollable, i) => {
          list.set(i, pollable.condition);
        });
        return andThen(wait(list), (found) => list.ready.subarray(0, found));
      },
      { [raw]: rawPoll, [mayWait]: true },
    ),
  };
}
