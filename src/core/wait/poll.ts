import type { Machine } from "../../machine/machine.ts";
import type { Source } from "../../machine/selector.ts";
import type { Background, Worker } from "./background.ts";
import { type Condition, PENDING, READY, TIMER, Waiter } from "./condition.ts";
import { NEVER, remaining } from "./deadline.ts";
import { Registry } from "./registry.ts";
import { Streak } from "./streak.ts";
import { WaitSet } from "./wait-set.ts";
import type { Waiting } from "./waiting.ts";

/** A socket or look-up that is open on the machine. */
export interface Open {
  readonly source: Source;
  close(): void;
}

/**
 * A call that may wait, as a generator: it yields the condition that it waits for, and resumes when that holds. The `Poll` that
 * runs it determines how it waits, blocking or suspending.
 */
export type Blocking<T> = Generator<Condition, T, void>;

/** Makes attempts, one whenever `readiness` holds, until one does not return would-block. Returns its result. */
export function* retried<T>(attempt: () => T | "would-block", readiness: Condition): Blocking<T> {
  for (;;) {
    const result = attempt();
    if (result !== "would-block") return result;
    yield readiness;
  }
}

/**
 * A guest's netpoll: the one place where it waits, for time and conditions.
 *
 *     poll(set) -> any ready? (one look at the kernel too) -> return all that are
 *                  none       -> wait until the nearest deadline of the set, or for ever -> look again
 *
 * The registry (registry.ts) belongs to the machine, and may be shared with other guests. This object belongs to one guest: its
 * streak, its open handles, its background work and its alarms.
 *
 * - Background work goes on between waits, too: one attempt at a time, at calls that find nothing to do.
 * - Three timing cases: no deadline (waits for ever), one in the future (waits no longer), one in the past (looks only).
 *
 * Subclasses determine how it waits: `BlockingPoll` sleeps in the kernel, `SuspendingPoll` (suspending-poll.ts) returns promises.
 */
export abstract class Poll implements Worker {
  /** Follows the subject of the guest's calls. A wait or a look ends the streak. */
  readonly streak = new Streak();
  protected readonly registry: Registry;
  /** The background work, in the order of its turns. */
  readonly #background = new Set<Background>();
  readonly #alarms = new Set<Waiter<() => void>>();
  readonly #open = new Set<Open>();
  /** Whether it has ever opened a handle. */
  hasOpened = false;
  readonly #single = new WaitSet<undefined>();
  #singleWaiter: Waiter<undefined> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(registry: Registry) {
    this.registry = registry;
  }

  now(): number {
    return this.registry.machine.now();
  }

  /** Waits until at least one condition of the set holds. Returns the number of waiters that do; they are in `set.found`. */
  abstract poll(set: WaitSet): Waiting<number>;

  /** Looks once at the conditions of the set, without waiting. Returns as `poll`, or 0. */
  lookAll(set: WaitSet): number {
    this.watch(set);
    return this.find(set, 0);
  }

  /**
   * Yields to the host's event loop if that is due, for a guest that runs on without waiting. Returns a promise to wait for;
   * undefined if it is not due.
   */
  yieldTurn(): Promise<void> | undefined {
    return undefined;
  }

  /** Resolves after a turn of the host's event loop; undefined if there is none. */
  turn(): Promise<void> | undefined {
    return undefined;
  }

  /** Does work after all that can run now has run, before the next wait. */
  soon(work: () => void): void {
    queueMicrotask(work);
  }

  /** Makes a wait that is under way look again, as the host may have changed a condition. */
  wake(): void {}

  /** Waits until the condition holds. */
  abstract block(condition: Condition): Waiting<void>;

  /** Runs a call that may wait, to its end. */
  abstract run<T>(steps: Blocking<T>): Waiting<T>;

  /** Looks once at one condition, without waiting. Only its own source is asked. */
  look(condition: Condition): boolean {
    this.advanceNext();
    switch (condition.kind) {
      case READY:
        return true;
      case PENDING:
        return condition.confirm?.() === true;
      case TIMER:
        return condition.deadline <= this.registry.machine.now();
      default:
        return this.#sees(condition) && holds(condition);
    }
  }

  #sees({ source, interest }: Condition): boolean {
    return source === undefined || (this.registry.machine.selector.look(source, interest) & interest) !== 0;
  }

  /** Whether the machine can wait for the source. It cannot for a regular file, which is always ready. */
  canWaitFor(source: Source, interest: number): boolean {
    return this.registry.canWaitFor(source, interest);
  }

  /** Whether a look unregisters sources that fire without a waiter (registry.ts). */
  protected get dismisses(): boolean {
    return true;
  }

  /** Whether a wait for one condition is under way. */
  protected get blocked(): boolean {
    return this.#single.awaitedBy !== undefined;
  }

  /** Returns the set for one condition, which is always the same. */
  protected single(condition: Condition): WaitSet {
    if (this.#singleWaiter === undefined) {
      this.#singleWaiter = new Waiter(condition, undefined);
      this.#single.add(this.#singleWaiter);
    } else {
      this.#single.retarget(this.#singleWaiter, condition);
    }
    return this.#single;
  }

  /**
   * Looks at the set, and waits at most `timeout` ns. If it is undefined, the selector is not asked, only the clock and conditions
   * that the machine cannot watch. Returns as `poll`, or 0.
   *
   * @throws the exception of its own background work, in whichever wait that occurred
   */
  protected find(set: WaitSet, timeout: number | undefined): number {
    const { registry } = this;
    const before = set.awaitedBy;
    let count: number;
    set.awaitedBy = this;
    set.hits = 0;
    try {
      if (timeout !== undefined) registry.select(timeout, set, this.dismisses);
      count = registry.collect(set);
    } finally {
      set.awaitedBy = before;
      set.hits = 0;
    }
    const failure = this.takeFailure();
    if (failure !== undefined) throw failure.error;
    if (count > 0) set.report(count);
    registry.ring();
    return count;
  }

  /** Records an exception. Its next wait throws it, or the one under way. */
  failed(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Returns the exception of background work, once. */
  protected takeFailure(): { readonly error: unknown } | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /**
   * Drains `sink`, which has queued bytes, in the background. Until that is over, its `readiness` is pending; a look makes an
   * attempt.
   */
  addDraining(sink: Background, readiness: Condition): void {
    readiness.markPending();
    readiness.confirm ??= () => this.advance(sink);
    this.begin(sink);
  }

  /** Begins background work. It goes on until it says that it is over. */
  begin(work: Background): void {
    this.#background.add(work);
    this.registry.begin(work, this);
  }

  /** Ends background work. */
  end(work: Background): void {
    this.#background.delete(work);
    this.registry.end(work);
  }

  /** Makes one attempt of background work. Returns whether it is over. */
  advance(work: Background): boolean {
    const over = work.advance();
    if (over) this.end(work);
    return over;
  }

  /** As `advance`, if the work's source is ready. */
  tryAdvance(work: Background): boolean {
    const { source, interest } = work;
    return (this.registry.machine.selector.look(source, interest) & interest) !== 0 && this.advance(work);
  }

  /**
   * Makes one attempt of the background work whose turn it is. For calls on sockets and streams: a guest that loops over them never
   * waits. One attempt a call, and only if its source is ready: an attempt alone copies what is queued.
   */
  advanceNext(): void {
    this.streak.end();
    this.registry.ring();
    if (this.#background.size === 0) return;
    const [work] = this.#background;
    if (work === undefined || this.tryAdvance(work)) return;
    // It goes to the end of the queue, unless it is over.
    if (this.#background.delete(work)) this.#background.add(work);
  }

  /** Must be called before a source is closed. */
  forget(source: Source): void {
    this.registry.machine.selector.forget(source);
  }

  /** Records an open handle, to be closed when the guest ends. */
  opened(handle: Open): void {
    this.hasOpened = true;
    this.#open.add(handle);
  }

  close(handle: Open): void {
    this.#open.delete(handle);
    this.forget(handle.source);
    handle.close();
  }

  /** Closes its handles, and ends its work and its alarms: nothing of it stays in the registry. */
  closeAll(): void {
    this.streak.end();
    for (const handle of this.#open) this.close(handle);
    for (const work of this.#background) this.end(work);
    for (const alarm of this.#alarms) this.clearAlarm(alarm);
    if (this.#singleWaiter !== undefined) this.#single.remove(this.#singleWaiter);
    this.#singleWaiter = undefined;
    this.registry.leave(this);
  }

  /** Calls the alarm's owner when it is due: in every wait, of any guest. */
  setAlarm(alarm: Waiter<() => void>): void {
    this.#alarms.add(alarm);
    this.registry.alarms.add(alarm);
  }

  clearAlarm(alarm: Waiter<() => void>): void {
    this.#alarms.delete(alarm);
    this.registry.alarms.remove(alarm);
  }

  /** Makes one attempt of all background work, without waiting, before a process exits. */
  advanceAll(): void {
    this.streak.end();
    for (const work of [...this.#background]) this.tryAdvance(work);
  }

  /** Tells the selector which sources of the set to watch. */
  protected watch(set: WaitSet): void {
    this.streak.end();
    set.lastAwaitedBy = this;
    this.registry.watch(set);
  }
}

/** The blocking strategy: the thread sleeps in the kernel. */
export class BlockingPoll extends Poll {
  constructor(machine: Machine) {
    super(new Registry(machine));
  }

  override poll(set: WaitSet): number {
    for (;;) {
      this.watch(set);
      const found = this.find(set, this.#timeout(set));
      if (found > 0) return found;
    }
  }

  /** Returns how long the set may be waited for, ns. */
  #timeout({ immediate, timers }: WaitSet): number {
    if (immediate.length > 0) return 0;
    const alarms = this.registry.alarms.timers;
    if (timers.size === 0 && alarms.size === 0) return NEVER;
    const now = this.now();
    const next = Math.min(timers.next(now), alarms.next(now));
    return next === NEVER ? NEVER : remaining(next, now);
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
