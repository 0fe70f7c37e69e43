import { Condition } from "../../core/wait/condition.ts";
import { after, fromU64, fromWords } from "../../core/wait/deadline.ts";
import { PollList } from "../../core/wait/poll-list.ts";
import { clockid, eventrwflags, eventtype, subclockflags } from "./abi/constants.ts";
import { errno } from "./abi/errno.ts";
import { event, type SubscriptionLayout } from "./abi/layout.ts";
import { type Area, missesListener, type Preview1Context } from "./context.ts";

/** The fuel that wasmtime charges for a subscription, bytes of -Shostcall-fuel: the size of its own struct. */
const SUBSCRIPTION_FUEL = 64;

/**
 * `poll_oneoff`: poll(2) over clocks and descriptors, as one wait of the core's `Poll`. A descriptor has conditions of
 * its own, in the registry of sources that everything else uses; the conditions of clocks, and the list, are kept and
 * reused.
 *
 * Events come in the order of their subscriptions. `nbytes` is 1 for a descriptor and 0 for a clock. A relative clock
 * that is the only subscription has 1, as in wasmtime, which sleeps there.
 */
export const pollOneoff: Area = (cx, { subscription }) => {
  const conditions = new PollList();
  const timers: Condition[] = [];
  /** By entry of `conditions`: the tag and the descriptor that it was made from. */
  const tags: number[] = [];
  const descriptors: number[] = [];
  /**
   * The entries that still match these two arrays, and the version of the descriptor table that they were made with.
   * Entries beyond `known` belong to an earlier list.
   */
  let known = 0;
  let version = -1;

  /** Reads the subscriptions into `conditions`. Returns an errno. */
  function subscribe(list: number, count: number): number {
    const { view } = cx.memory;
    const now = cx.machine.now();
    const kept = cx.fds.version === version ? known : 0;
    // None is known if this list turns out to be invalid.
    known = 0;
    let clocks = 0;
    cx.poll.streak.end();
    conditions.resize(count);
    for (let i = 0, at = list; i < count; i++, at += subscription.size) {
      const type = view.getUint8(at + subscription.tag);
      if (type === eventtype.clock) {
        const deadline = readDeadline(cx, subscription, at, now, count === 1);
        if (deadline === undefined) return errno.EINVAL;
        timers[clocks] ??= Condition.timer(0);
        const timer = timers[clocks++]!;
        timer.retime(deadline);
        conditions.set(i, timer);
        tags[i] = type;
      } else if (type === eventtype.fdRead || type === eventtype.fdWrite) {
        const fd = view.getUint32(at + subscription.fd, true);
        if (i < kept && tags[i] === type && descriptors[i] === fd) continue;
        const descriptor = cx.fds.get(fd);
        const condition = type === eventtype.fdRead ? descriptor?.readable : descriptor?.writable;
        if (condition === undefined) {
          if (descriptor === undefined) missesListener(cx, fd);
          return errno.EBADF;
        }
        conditions.set(i, condition);
        tags[i] = type;
        descriptors[i] = fd;
      } else {
        return errno.EINVAL;
      }
    }
    // As many resources as wasmtime uses: a pollable for each subscription, and a timer for each clock.
    cx.fds.reserve(count + clocks);
    known = count;
    version = cx.fds.version;
    return errno.ESUCCESS;
  }

  /**
   * Stores the events. The guest may pass one address for both lists: an event never reaches beyond its own
   * subscription.
   */
  function report(list: number, events: number, found: number, alone: boolean, nevents: number): number {
    const { view } = cx.memory;
    for (let i = 0; i < found; i++) {
      const from = list + conditions.ready[i]! * subscription.size;
      const to = events + i * event.size;
      const type = view.getUint8(from + subscription.tag);
      const clock = type === eventtype.clock;
      const descriptor = clock ? undefined : cx.fds.get(view.getUint32(from + subscription.fd, true));
      const hungUp = descriptor?.hungUp(type === eventtype.fdRead) === true;
      const lone =
        clock && alone && (view.getUint16(from + subscription.clockFlags, true) & subclockflags.abstime) === 0;
      view.setUint32(to + event.userdata, view.getUint32(from + subscription.userdata, true), true);
      view.setUint32(to + event.userdata + 4, view.getUint32(from + subscription.userdata + 4, true), true);
      view.setUint16(to + event.error, errno.ESUCCESS, true);
      view.setUint8(to + event.type, type);
      view.setUint32(to + event.nbytes, !clock || lone ? 1 : 0, true);
      view.setUint32(to + event.nbytes + 4, 0, true);
      view.setUint16(to + event.flags, hungUp ? eventrwflags.hangup : 0, true);
    }
    cx.memory.setU32(nevents, found);
    return errno.ESUCCESS;
  }

  return {
    /**
     * Waits until at least one subscription is ready; stores its events at `events` and their count at `nevents`.
     * Errno: EINVAL without subscriptions, for an unknown type, or a clock that cannot be waited for; EBADF for a
     * descriptor that cannot be; ENOMEM for more than -Shostcall-fuel allows. Traps when it needs too many resources.
     */
    poll_oneoff(subscriptions: number, events: number, nsubscriptions: number, nevents: number) {
      const count = nsubscriptions >>> 0;
      // wasip1 has no way to sleep for ever.
      if (count === 0) return errno.EINVAL;
      if (count * SUBSCRIPTION_FUEL > cx.limits.hostcallFuel) return errno.ENOMEM;
      const list = cx.memory.check(subscriptions, count * subscription.size, subscription.align);
      const out = cx.memory.check(events, count * event.size, event.align);
      const failure = subscribe(list, count);
      if (failure !== errno.ESUCCESS) return failure;
      const found = cx.poll.poll(conditions);
      // No closure is made when nothing has to be waited for.
      if (typeof found === "number") return report(list, out, found, count === 1, nevents);
      return found.then((later) => report(list, out, later, count === 1, nevents));
    },
  };
};

/**
 * Returns the time on the machine's clock that a clock's subscription waits for, in ns; undefined for a clock that
 * cannot be waited for. A single relative wait may name any clock (POSIX: setting a clock does not affect relative
 * sleeps).
 */
function readDeadline(
  { memory, machine, origin }: Preview1Context,
  layout: SubscriptionLayout,
  at: number,
  now: number,
  alone: boolean,
): number | undefined {
  const { view } = memory;
  const id = view.getUint32(at + layout.clockId, true);
  const timeout = fromWords(view.getUint32(at + layout.timeout, true), view.getUint32(at + layout.timeout + 4, true));
  const flags = view.getUint16(at + layout.clockFlags, true);
  if (id > clockid.threadCputime || (flags & ~subclockflags.abstime) !== 0) return undefined;
  const absolute = (flags & subclockflags.abstime) !== 0;
  if (!absolute && alone) return after(now, timeout);
  if (id === clockid.monotonic) return after(absolute ? origin : now, timeout);
  if (id !== clockid.realtime) return undefined;
  if (!absolute) return after(now, timeout);
  // Unix time in ns has more bits than a number.
  const left = view.getBigUint64(at + layout.timeout, true) - machine.wallClock.now();
  // Counted from when the wall clock was read, not earlier: the wait must not end too soon.
  return after(machine.now(), left > 0n ? fromU64(left) : 0);
}
