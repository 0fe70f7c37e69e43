import type { Machine } from "../../machine/machine.ts";
import { type Source, WRITABLE } from "../../machine/selector.ts";
import { type Condition, conditionChanges, PENDING, READY, SOURCE, TIMER } from "./condition.ts";
import { NEVER, remaining } from "./deadline.ts";
import { PollList } from "./poll-list.ts";
import type { Waiting } from "./waiting.ts";

/** Something with bytes that could not be sent yet. */
export interface Draining {
  readonly source: Source;
  /** Sends what can be sent now; answers true when nothing is left to send (or nobody to send it to). */
  drain(): boolean;
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

/**
 * The netpoll: one registry of sources, one combined wait over clock and conditions.
 *
 *     poll(list) -> any ready? (one look at the kernel too) -> answer all that are
 *                   none       -> wait until the nearest deadline of the list, or for ever -> look again
 *
 * Invariants:
 * - The selector holds at most one entry a source, whose interest covers what the current list wants of it. It is made when
 *   a poll first wants it and stays until it fires unasked or its source is closed, so an idle source costs a poll no system
 *   call. One that fires while the list does not want that event is taken back (level-triggered: the wait would spin).
 * - Sinks with queued bytes are waited for and drained in every wait, whatever its list; between waits, one at a time, at calls
 *   that find nothing to do.
 * - A timer is never early: the clock is read after the wait.
 * - Three timing cases: no deadline (wait for ever), one in the future (wait no longer than that), one passed (look only).
 * - What a list wants is worked out when it is first polled and when it, a condition or a sink has changed; else a poll costs
 *   what has fired and what is not in the kernel, not what is in the list.
 *
 * How it waits is its subclasses' affair: `BlockingPoll` sleeps in the kernel, `SuspendingPoll` (suspending-poll.ts) answers
 * promises.
 */
export abstract class Poll {
  readonly #machine: Machine;
  readonly #draining = new Set<Draining>();
  readonly #open = new Set<Open>();
  readonly #single = new PollList();
  /** The list that the sources' fields speak of, and how many changes of conditions it has seen. */
  #declared: PollList | undefined;
  #changes = 0;
  /** Numbers: of the declaration, and of the look, that a source's fields belong to when they carry it. */
  #declaration = 0;
  #look = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#single.resize(1);
  }

  now(): number {
    return this.#machine.now();
  }

  /** Waits until at least one condition of the list holds. Answers how many do; their indices are in `list.ready`. */
  abstract poll(list: PollList): Waiting<number>;

  /** Waits until the condition holds. */
  abstract block(condition: Condition): Waiting<void>;

  /** Runs a call that may wait, to its end. */
  abstract run<T>(steps: Blocking<T>): Waiting<T>;

  /** One look at one condition, without waiting: at its source alone, whatever else is registered. */
  look(condition: Condition): boolean {
    this.drainNext();
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

  /** The list of one condition: always the same. */
  protected single(condition: Condition): PollList {
    this.#single.set(0, condition);
    return this.#single;
  }

  /** How long the watched list may be waited for, ns. */
  protected timeout(list: PollList): number {
    const deadline = this.#deadline(list);
    return deadline === NEVER ? NEVER : remaining(deadline, this.#machine.now());
  }

  /** Looks at the watched list, and waits at most `timeout` ns for something in it. Answers as `poll`, or 0. */
  protected find(list: PollList, timeout: number): number {
    return this.#collect(list, this.#select(timeout));
  }

  /**
   * Drains `sink`, which has queued bytes, in this and every later wait until it says that it is done. Until then `readiness`, its
   * own, does not hold: a look makes an attempt.
   */
  addDraining(sink: Draining, readiness: Condition): void {
    readiness.suspend();
    readiness.confirm ??= () => this.tryDrain(sink);
    this.#draining.add(sink);
  }

  /** One attempt to send what `sink` has queued. Answers as `Draining.drain`. */
  tryDrain(sink: Draining): boolean {
    const drained = sink.drain();
    if (drained) this.#draining.delete(sink);
    return drained;
  }

  /**
   * Drains what the next in turn of the sinks with queued bytes can take. For calls on sockets and streams: a guest that goes
   * round in them never waits. One sink a call, looked at first: the attempt alone copies what is queued.
   */
  drainNext(): void {
    if (this.#draining.size === 0) return;
    const [sink] = this.#draining;
    if (sink === undefined) return;
    this.#draining.delete(sink);
    const room = (this.#machine.selector.look(sink.source, WRITABLE) & WRITABLE) !== 0;
    if (!room || !sink.drain()) this.#draining.add(sink);
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
    for (const handle of this.#open) this.close(handle);
  }

  /** One attempt to send what is queued, without waiting: what a process does before it exits. */
  drainAll(): void {
    for (const sink of this.#draining) this.tryDrain(sink);
  }

  /** Tells the selector what this list wants, unless it knows already. Who starts or ends draining changes a condition too. */
  protected watch(list: PollList): void {
    const changes = conditionChanges();
    if (this.#declared === list && !list.stale && this.#changes === changes) return;
    this.#declared = list;
    this.#changes = changes;
    list.stale = false;
    this.#declaration++;
    const { conditions, next, unwatched } = list;
    unwatched.length = 0;
    for (let i = 0; i < list.count; i++) {
      const condition = conditions[i]!;
      const { source } = condition;
      if (condition.kind !== SOURCE || source === undefined || !this.#want(source, condition.interest)) {
        unwatched.push(i);
        continue;
      }
      next[i] = source.first;
      source.first = i;
    }
    for (const sink of this.#draining) this.#want(sink.source, WRITABLE);
  }

  /** Answers false where the machine cannot wait for the source: it is always ready. */
  #want(source: Source, interest: number): boolean {
    if (source.declaration === this.#declaration) source.wanted |= interest;
    else {
      source.declaration = this.#declaration;
      source.wanted = interest;
      source.first = -1;
    }
    const missing = source.wanted & ~source.registered;
    if (missing !== 0 && source.pollable) this.#register(source, source.registered | missing);
    return source.pollable;
  }

  #register(source: Source, interest: number): void {
    source.pollable = this.#machine.selector.setInterest(source, interest);
    source.registered = source.pollable ? interest : 0;
  }

  /** When the list's nearest timer is due; 0: something in it is ready already. */
  #deadline({ conditions, unwatched }: PollList): number {
    let deadline = NEVER;
    for (const i of unwatched) {
      const condition = conditions[i]!;
      if (condition.kind === READY || condition.kind === SOURCE) return 0;
      if (condition.kind === TIMER && condition.deadline < deadline) deadline = condition.deadline;
    }
    return deadline;
  }

  /** Answers how many sources fired; drains what can be drained. */
  #select(timeout: number): number {
    const selector = this.#machine.selector;
    const fired = selector.select(timeout);
    const look = ++this.#look;
    for (let i = 0; i < fired; i++) {
      const source = selector.sources[i]!;
      source.ready = selector.events[i]!;
      source.look = look;
      const wanted = source.declaration === this.#declaration ? source.wanted : 0;
      if ((source.ready & wanted) !== 0) continue;
      this.#register(source, wanted);
      source.unasked?.();
    }
    for (const sink of this.#draining) {
      const { source } = sink;
      if (source.look === look && (source.ready & WRITABLE) !== 0) this.tryDrain(sink);
    }
    return fired;
  }

  #collect(list: PollList, fired: number): number {
    const { conditions, unwatched, ready, next } = list;
    const { sources } = this.#machine.selector;
    let found = 0;
    let now = -1;
    for (const i of unwatched) {
      const condition = conditions[i]!;
      if (condition.kind === TIMER) {
        if (now < 0) now = this.#machine.now();
        if (condition.deadline <= now) ready[found++] = i;
      } else if (condition.kind === READY || (condition.kind === SOURCE && holds(condition))) {
        ready[found++] = i;
      }
    }
    for (let f = 0; f < fired; f++) {
      const source = sources[f]!;
      if (source.declaration !== this.#declaration) continue;
      for (let i = source.first; i >= 0; i = next[i]!) {
        const condition = conditions[i]!;
        if ((source.ready & condition.interest) !== 0 && holds(condition)) ready[found++] = i;
      }
    }
    if (found > 1) list.sortReady(found);
    return found;
  }
}

/** The blocking strategy: the thread sleeps in the kernel. */
export class BlockingPoll extends Poll {
  override poll(list: PollList): number {
    for (;;) {
      this.watch(list);
      const found = this.find(list, this.timeout(list));
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
