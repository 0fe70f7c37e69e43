import { type HostInstance, mayWait, type RawContext, raw } from "../../../component/host.ts";
import { Trap } from "../../../core/wait/errors.ts";
import { PollList } from "../../../core/wait/poll-list.ts";
import { then, type Waiting } from "../../../core/wait/waiting.ts";
import type { WasiHost } from "../../host.ts";
import { Pollable } from "./pollable.ts";

/** `wasi:io/poll` */
export function ioPoll({ poll }: Pick<WasiHost, "poll">): HostInstance {
  /** Guests poll the same list again and again, give or take an entry: it is kept, and only its changes are looked at. */
  const list = new PollList();
  /** Whose handles the list's keys are, and after how many changes to them. */
  let owner: RawContext | undefined;
  let changes = 0;

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
    return (start: number, entries: number, result: number): Waiting<undefined> => {
      const count = entries >>> 0;
      const base = cx.checkList(start, count, 4, 4);
      const out = cx.check(result, 8, 4);
      const words = cx.words();
      const first = base / 4;
      const { lendable } = cx;
      const known = cx === owner && cx.changes === changes ? Math.min(count, list.count) : 0;
      const length = Math.min(count, lendable);
      list.resize(length);
      const { keys } = list;
      for (let i = 0; ; i++) {
        while (i < known && words[first + i] === keys[i]) i++;
        if (i >= length) break;
        const index = words[first + i]!;
        keys[i] = index;
        list.set(i, (cx.borrow(index) as Pollable).condition);
      }
      if (count > length) throw new Trap("cannot lend resource: store handle limit exceeded");
      owner = cx;
      changes = cx.changes;
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
        owner = undefined;
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
