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
 * A guest's netpoll: the one place where it waits, over clock and conditions.
 *
 *     poll(set) -> any ready? (one look at the kernel too) -> return all that are
 *                  none       -> wait until the nearest deadline of the set, or for ever -> look again
 *
 * What is the machine's, its registry (registry.ts), may be shared with other guests; what is here is one guest's: its streak,
 * what it has opened, its work in the background and its alarms.
 *
 * - Its work in the background goes on between waits, too: one attempt at a time, at calls that find nothing to do.
 * - Three timing cases: no deadline (wait for ever), one in the future (wait no longer than that), one passed (look only).
 *
 * How it waits is its subclasses' affair: `BlockingPoll` sleeps in the kernel, `SuspendingPoll` (suspending-poll.ts) answers
 * promises.
 */
export abstract class Poll implements Worker {
  /** The subject of the guest's calls; a wait or a look ends it. */
  readonly streak = new Streak();
  protected readonly registry: Registry;
  /** Its work in the background, in its turn. */
  readonly #background = new Set<Background>();
  readonly #alarms = new Set<Waiter<() => void>>();
  readonly #open = new Set<Open>();
  /** Whether it has ever opened anything. */
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

  /** Waits until at least one condition of the set holds. Returns how many waiters' do: they are in `set.found`. */
  abstract poll(set: WaitSet): Waiting<number>;

  /** One look at the conditions of the set, without waiting for them. Returns as `poll`, or 0. */
  lookAll(set: WaitSet): number {
    this.watch(set);
    return this.find(set, 0);
  }

  /**
   * For a guest that goes on and on without waiting: a promise, while which it yields to the host's event loop, where that is
   * due.
   */
  yieldTurn(): Promise<void> | undefined {
    return undefined;
  }

  /** Resolves when the host's event loop has had its turn; undefined: there is none. */
  turn(): Promise<void> | undefined {
    return undefined;
  }

  /** Does that once those have gone on that can now, before anybody waits for more. */
  soon(work: () => void): void {
    queueMicrotask(work);
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
        return condition.deadline <= this.registry.machine.now();
      default:
        return this.#sees(condition) && holds(condition);
    }
  }

  #sees({ source, interest }: Condition): boolean {
    return source === undefined || (this.registry.machine.selector.look(source, interest) & interest) !== 0;
  }

  /** Whether the machine can wait for it; a regular file it cannot, which is always ready. */
  canWaitFor(source: Source, interest: number): boolean {
    return this.registry.canWaitFor(source, interest);
  }

  /** Whether what fires unasked in a look is taken back (registry.ts). */
  protected get dismisses(): boolean {
    return true;
  }

  /** Whether the set of one condition is being waited for. */
  protected get blocked(): boolean {
    return this.#single.awaitedBy !== undefined;
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

  /**
   * Looks at what the set waits for, and waits at most `timeout` ns for something of it; undefined: asks the clock and what the
   * machine cannot watch, and not the machine. Returns as `poll`, or 0.
   *
   * @throws what its own work has thrown, in whosoever's wait
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

  /** Its next wait throws this, or the one under way. */
  failed(error: unknown): void {
    this.#failure ??= { error };
  }

  /** The error of work in the background: returned once. */
  protected takeFailure(): { readonly error: unknown } | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /**
   * Drains `sink`, which has queued bytes, in the background. Until that is over `readiness`, its own, does not hold: a look makes
   * an attempt.
   */
  addDraining(sink: Background, readiness: Condition): void {
    readiness.markPending();
    readiness.confirm ??= () => this.advance(sink);
    this.begin(sink);
  }

  /** From now on it goes on in the background, until it says that it is over. */
  begin(work: Background): void {
    this.#background.add(work);
    this.registry.begin(work, this);
  }

  /** It need not go on. */
  end(work: Background): void {
    this.#background.delete(work);
    this.registry.end(work);
  }

  /** One attempt of what goes on in the background. Returns as it does. */
  advance(work: Background): boolean {
    const over = work.advance();
    if (over) this.end(work);
    return over;
  }

  /** The same, if what it waits for holds. */
  tryAdvance(work: Background): boolean {
    const { source, interest } = work;
    return (this.registry.machine.selector.look(source, interest) & interest) !== 0 && this.advance(work);
  }

  /**
   * One attempt of the next in turn that goes on in the background. For calls on sockets and streams: a guest that goes round in
   * them never waits. One a call, looked at first: the attempt alone copies what is queued.
   */
  advanceNext(): void {
    this.streak.end();
    this.registry.ring();
    if (this.#background.size === 0) return;
    const [work] = this.#background;
    if (work === undefined || this.tryAdvance(work)) return;
    // Its turn is over, unless it is over itself.
    if (this.#background.delete(work)) this.#background.add(work);
  }

  /** Must be called before a source is closed. */
  forget(source: Source): void {
    this.registry.machine.selector.forget(source);
  }

  /** Keeps what was opened, so that it does not stay open when its guest is gone. */
  opened(handle: Open): void {
    this.hasOpened = true;
    this.#open.add(handle);
  }

  close(handle: Open): void {
    this.#open.delete(handle);
    this.forget(handle.source);
    handle.close();
  }

  /** Closes what it has opened, and ends its work and its alarms: nothing of it stays in the registry. */
  closeAll(): void {
    this.streak.end();
    for (const handle of this.#open) this.close(handle);
    for (const work of this.#background) this.end(work);
    for (const alarm of this.#alarms) this.clearAlarm(alarm);
    if (this.#singleWaiter !== undefined) this.#single.remove(this.#singleWaiter);
    this.#singleWaiter = undefined;
    this.registry.leave(this);
  }

  /** From now on its owner is called when its condition is due: in every wait, whosesoever. */
  setAlarm(alarm: Waiter<() => void>): void {
    this.#alarms.add(alarm);
    this.registry.alarms.add(alarm);
  }

  clearAlarm(alarm: Waiter<() => void>): void {
    this.#alarms.delete(alarm);
    this.registry.alarms.remove(alarm);
  }

  /** One attempt of all in the background, without waiting: what a process does before it exits. */
  advanceAll(): void {
    this.streak.end();
    for (const work of [...this.#background]) this.tryAdvance(work);
  }

  /** Tells the selector what of the set it does not know yet. */
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

  /** How long the set may be waited for, ns. */
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
