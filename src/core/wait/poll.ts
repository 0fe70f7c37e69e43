import type { Machine } from "../../machine/machine.ts";
import type { Source } from "../../machine/selector.ts";
import { type Condition, firstWatcher, PENDING, READY, TIMER, WATCHED, Waiter } from "./condition.ts";
import { NEVER, remaining } from "./deadline.ts";
import { Streak } from "./streak.ts";
import { WaitSet } from "./wait-set.ts";
import type { Waiting } from "./waiting.ts";

/** Work that goes on in every wait, whatever that is for: bytes to be sent, a connection to be made. */
export interface Background {
  /** It waits for these events (READABLE | WRITABLE) of this source. */
  readonly source: Source;
  readonly interest: number;
  /** Goes on as far as it can now; answers true when it is over. */
  advance(): boolean;
}

/** A socket or look-up that is open on the machine. */
export interface Open {
  readonly source: Source;
  close(): void;
}

/**
 * A call that may wait, written as a generator: it yields the condition that it waits for and goes on when that holds. The
 * strategy, blocking or suspending, is that of the `Poll` that runs it.
 */
export type Blocking<T> = Generator<Condition, T, void>;

/** Makes an attempt, and another each time that `readiness` holds, until one does not say would-block. Returns its result. */
export function* retried<T>(attempt: () => T | "would-block", readiness: Condition): Blocking<T> {
  for (;;) {
    const result = attempt();
    if (result !== "would-block") return result;
    yield readiness;
  }
}

/**
 * The netpoll: one registry of sources, one combined wait over clock and conditions.
 *
 *     poll(set) -> any ready? (one look at the kernel too) -> return all that are
 *                  none       -> wait until the nearest deadline of the set, or for ever -> look again
 *
 * The registry is what conditions, waiters and sources know of one another: a source its conditions that somebody waits for, a
 * condition its waiters, a waiter its set. Whoever changes one of them pays for that alone; a wait pays for what has changed and
 * what has fired, not for what is there.
 *
 * Invariants:
 * - The selector holds at most one entry a source, whose interest covers what the set of the wait under way wants of it. It is
 *   made before the first wait that wants it and stays until it fires unasked or its source is closed, so an idle source costs a
 *   wait no system call. One that fires while the set does not want that event is taken back (level-triggered: the wait would
 *   spin); other sets that want it have it registered again before their own next wait.
 * - Work in the background is waited for and goes on in every wait, whatever its set; between waits, one at a time, at calls
 *   that find nothing to do. Alarms ring in every wait, too.
 * - A timer is never early: the clock is read after the wait.
 * - Three timing cases: no deadline (wait for ever), one in the future (wait no longer than that), one passed (look only).
 *
 * How it waits is its subclasses' affair: `BlockingPoll` sleeps in the kernel, `SuspendingPoll` (suspending-poll.ts) answers
 * promises.
 */
export abstract class Poll {
  /** The subject of the guest's calls; a wait or a look ends it. */
  readonly streak = new Streak();
  readonly #machine: Machine;
  /** The work in the background, in its turn; and by its sources. */
  readonly #background = new Set<Background>();
  readonly #backgrounds = new Map<Source, Set<Background>>();
  /** Those whose sources the selector may not know to be waited for. */
  readonly #unregistered = new Set<Background>();
  /** Calls that are to be made at a point in time (alarm.ts). */
  readonly alarms = new WaitSet<() => void>();
  readonly #open = new Set<Open>();
  readonly #single = new WaitSet<undefined>();
  #singleWaiter: Waiter<undefined> | undefined;
  /** How many the wait under way has found so far; and the conditions whose sources have fired, to be asked. */
  #found = 0;
  readonly #confirming: Condition[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  now(): number {
    return this.#machine.now();
  }

  /** Waits until at least one condition of the set holds. Returns how many waiters' do: they are in `set.found`. */
  abstract poll(set: WaitSet): Waiting<number>;

  /** One look at the conditions of the set, without waiting for them. Returns as `poll`, or 0. */
  lookAll(set: WaitSet): number {
    this.watch(set);
    return this.find(set, 0);
  }

  /**
   * For a guest that goes on and on without waiting: a promise, while which it gives way to the host's event loop, where that is
   * due.
   */
  giveWay(): Promise<void> | undefined {
    return undefined;
  }

  /** Looks again at what is waited for, if somebody waits: something of the host's may have changed it. */
  wake(): void {}

  /** Waits until the condition holds. */
  abstract block(condition: Condition): Waiting<void>;

  /** Runs a call that may wait, to its end. */
  abstract run<T>(steps: Blocking<T>): Waiting<T>;

  /** One look at one condition, without waiting: at its source alone, whatever else is registered. */
  look(condition: Condition): boolean {
    this.advanceNext();
    switch (condition.kind) {
      case READY:
        return true;
      case PENDING:
        return condition.confirm?.() === true;
      case TIMER:
        return condition.deadline <= this.#machine.now();
      default:
        return this.#sees(condition) && holds(condition);
    }
  }

  #sees({ source, interest }: Condition): boolean {
    return source === undefined || (this.#machine.selector.look(source, interest) & interest) !== 0;
  }

  /** Whether the machine can wait for it; a regular file it cannot, which is always ready. */
  canWaitFor(source: Source, interest: number): boolean {
    if (source.registered === 0 && source.pollable) this.#register(source, interest);
    return source.pollable;
  }

  /** The set of one condition: always the same. */
  protected single(condition: Condition): WaitSet {
    if (this.#singleWaiter === undefined) {
      this.#singleWaiter = new Waiter(condition, undefined);
      this.#single.add(this.#singleWaiter);
    } else {
      this.#single.retarget(this.#singleWaiter, condition);
    }
    return this.#single;
  }

  /** How long the set may be waited for, ns. */
  protected timeout({ immediate, timers }: WaitSet): number {
    if (immediate.length > 0) return 0;
    const alarms = this.alarms.timers;
    if (timers.size === 0 && alarms.size === 0) return NEVER;
    const now = this.#machine.now();
    const next = Math.min(timers.next(now), alarms.next(now));
    return next === NEVER ? NEVER : remaining(next, now);
  }

  /** Looks at what the set waits for, and waits at most `timeout` ns for something of it. Returns as `poll`, or 0. */
  protected find(set: WaitSet, timeout: number): number {
    const fired = this.#machine.selector.select(timeout);
    const count = this.#collect(set, fired);
    if (count > 0) set.report(count);
    if (this.alarms.timers.size > 0) this.#ring();
    return count;
  }

  /** Calls all that are due. The next look finds what they change. */
  #ring(): void {
    const { timers, found } = this.alarms;
    const now = this.#machine.now();
    const due = timers.collect(now, found, 0);
    for (const waiter of found.slice(0, due)) {
      // One that rang before it may have put it off, or cleared it.
      if (waiter.set !== undefined && waiter.condition.deadline <= now) waiter.owner();
    }
  }

  /**
   * Drains `sink`, which has queued bytes, in the background. Until that is over `readiness`, its own, does not hold: a look makes
   * an attempt.
   */
  addDraining(sink: Background, readiness: Condition): void {
    readiness.suspend();
    readiness.confirm ??= () => this.advance(sink);
    this.begin(sink);
  }

  /** From now on it goes on in the background, until it says that it is over. */
  begin(work: Background): void {
    this.#background.add(work);
    const others = this.#backgrounds.get(work.source);
    if (others === undefined) this.#backgrounds.set(work.source, new Set([work]));
    else others.add(work);
    this.#unregistered.add(work);
  }

  /** It need not go on. */
  end(work: Background): void {
    this.#background.delete(work);
    this.#unregistered.delete(work);
    const others = this.#backgrounds.get(work.source);
    others?.delete(work);
    if (others?.size === 0) this.#backgrounds.delete(work.source);
  }

  /** One attempt of what goes on in the background. Answers as it does. */
  advance(work: Background): boolean {
    const over = work.advance();
    if (over) this.end(work);
    return over;
  }

  /** The same, if what it waits for holds. */
  tryAdvance(work: Background): boolean {
    const { source, interest } = work;
    return (this.#machine.selector.look(source, interest) & interest) !== 0 && this.advance(work);
  }

  /**
   * One attempt of the next in turn that goes on in the background. For calls on sockets and streams: a guest that goes round in
   * them never waits. One a call, looked at first: the attempt alone copies what is queued.
   */
  advanceNext(): void {
    this.streak.end();
    if (this.alarms.timers.size > 0) this.#ring();
    if (this.#background.size === 0) return;
    const [work] = this.#background;
    if (work === undefined || this.tryAdvance(work)) return;
    // Its turn is over, unless it is over itself.
    if (this.#background.delete(work)) this.#background.add(work);
  }

  /** Must be called before a source is closed. */
  forget(source: Source): void {
    this.#machine.selector.forget(source);
  }

  /** Keeps what was opened, so that it does not stay open when its guest is gone. */
  opened(handle: Open): void {
    this.#open.add(handle);
  }

  close(handle: Open): void {
    this.#open.delete(handle);
    this.forget(handle.source);
    handle.close();
  }

  closeAll(): void {
    this.streak.end();
    for (const handle of this.#open) this.close(handle);
  }

  /** One attempt of all in the background, without waiting: what a process does before it exits. */
  advanceAll(): void {
    this.streak.end();
    for (const work of [...this.#background]) this.tryAdvance(work);
  }

  /** Tells the selector what of the set it does not know yet. */
  protected watch({ unregistered }: WaitSet): void {
    this.streak.end();
    if (this.#unregistered.size > 0) {
      for (const { source, interest } of this.#unregistered) this.#want(source, interest);
      this.#unregistered.clear();
    }
    if (unregistered.length === 0) return;
    for (const waiter of unregistered) {
      waiter.queued = false;
      const { source, interest } = waiter.condition;
      if (waiter.booking !== WATCHED || source === undefined) continue;
      this.#want(source, interest);
      if (!source.pollable) waiter.set?.changed(waiter);
    }
    unregistered.length = 0;
  }

  #want(source: Source, interest: number): void {
    if ((interest & ~source.registered) !== 0 && source.pollable) this.#register(source, source.registered | interest);
  }

  #register(source: Source, interest: number): void {
    source.pollable = this.#machine.selector.setInterest(source, interest);
    source.registered = source.pollable ? interest : 0;
  }

  /** Finds what is ready of the set, after `fired` sources have fired; lets go on what can. Returns how many. */
  #collect(set: WaitSet, fired: number): number {
    const { sources, events } = this.#machine.selector;
    this.#found = 0;
    // Left by a wait that a condition's `confirm` has ended by throwing.
    this.#confirming.length = 0;
    for (let i = 0; i < fired; i++) {
      const source = sources[i]!;
      const ready = events[i]!;
      source.ready = ready;
      let asked = this.#backgrounds.size > 0 && this.#advanceBy(source, ready);
      for (let condition = firstWatcher(source); condition !== undefined; condition = condition.nextWatcher) {
        if ((ready & condition.interest) !== 0 && this.#hear(condition, set)) asked = true;
      }
      if (!asked) this.#dismiss(source, set);
    }
    if (this.#confirming.length > 0) {
      for (const condition of this.#confirming) if (holds(condition)) this.#add(condition, set);
      this.#confirming.length = 0;
    }
    const { found, immediate, timers } = set;
    for (let i = 0; i < immediate.length; i++) {
      const waiter = immediate[i]!;
      if (waiter.condition.kind === READY || holds(waiter.condition)) found[this.#found++] = waiter;
    }
    return timers.size === 0 ? this.#found : timers.collect(this.#machine.now(), found, this.#found);
  }

  /**
   * The source of a condition has fired. Returns whether the set waits for it: those who do are found, or the condition is asked
   * once all sources have been seen, for what it does may change others.
   */
  #hear(condition: Condition, set: WaitSet): boolean {
    if (condition.confirm === undefined) return this.#add(condition, set);
    for (let waiter = condition.waiters; waiter !== undefined; waiter = waiter.next) {
      if (waiter.set !== set) continue;
      this.#confirming.push(condition);
      return true;
    }
    return false;
  }

  /** A condition that has settled when it was asked is found among what is ready at once. */
  #add(condition: Condition, set: WaitSet): boolean {
    const before = this.#found;
    for (let waiter = condition.waiters; waiter !== undefined; waiter = waiter.next) {
      if (waiter.set === set && waiter.booking === WATCHED) set.found[this.#found++] = waiter;
    }
    return this.#found > before;
  }

  /** What has fired unasked: the selector is to report only what this wait wants of the source. */
  #dismiss(source: Source, set: WaitSet): void {
    let wanted = 0;
    for (const work of this.#backgrounds.get(source) ?? []) wanted |= work.interest;
    for (let condition = firstWatcher(source); condition !== undefined; condition = condition.nextWatcher) {
      for (let waiter = condition.waiters; waiter !== undefined; waiter = waiter.next) {
        if (waiter.set === set) wanted |= condition.interest;
        else waiter.set?.unregister(waiter);
      }
    }
    this.#register(source, wanted);
    source.unasked?.();
  }

  /** Returns whether something waited for that in the background. */
  #advanceBy(source: Source, ready: number): boolean {
    const works = this.#backgrounds.get(source);
    if (works === undefined) return false;
    let asked = false;
    for (const work of [...works]) {
      if ((ready & work.interest) === 0) continue;
      asked = true;
      this.advance(work);
    }
    return asked;
  }
}

/** The blocking strategy: the thread sleeps in the kernel. */
export class BlockingPoll extends Poll {
  override poll(set: WaitSet): number {
    for (;;) {
      this.watch(set);
      const found = this.find(set, this.timeout(set));
      if (found > 0) return found;
    }
  }

  override block(condition: Condition): void {
    this.poll(this.single(condition));
  }

  override run<T>(steps: Blocking<T>): T {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      this.block(step.value);
    }
  }
}

function holds({ confirm }: Condition): boolean {
  return confirm === undefined || confirm();
}
