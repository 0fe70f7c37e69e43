import type { Machine } from "../../machine/machine.ts";
import type { Source } from "../../machine/selector.ts";
import type { Background, Worker } from "./background.ts";
import { type Condition, firstWatcher, READY, WATCHED } from "./condition.ts";
import { WaitSet } from "./wait-set.ts";

/**
 * The state that the guests of one machine share: the interests registered with its selector, and the waiters. It consists of
 * links: from a source to its conditions with waiters, from a condition to its waiters, from a waiter to its set. A change costs
 * only its own update. A wait costs what has changed and what has fired, not what there is.
 *
 * Invariants:
 * - The selector has at most one entry per source. Its interest covers what the sets that are waited for need. It is made before
 *   the first wait that needs it, and stays until the source fires without a waiter or is closed, so an idle source costs a wait no
 *   system call. If a source fires for an event that no set which is waited for needs, the entry is reduced (level-triggered: the
 *   wait would spin). Other sets that need it register it again before their next wait.
 * - Background work, of any guest, is waited for and goes on in every wait. Alarms ring in every wait, too.
 * - An exception of an owner's work goes to the owner (`Worker.failed`), whichever wait it occurs in.
 * - A timer is never early: the clock is read after the wait.
 */
export class Registry {
  readonly machine: Machine;
  /** Calls that are due at a point in time (alarm.ts). */
  readonly alarms = new WaitSet<() => void>();
  /** The background work by source. */
  readonly #background = new Map<Source, Map<Background, Worker>>();
  /** Background work whose sources the selector may not watch yet. */
  readonly #unregistered = new Set<Background>();
  /** Whether a thread sleeps in the selector, so that new interests must be registered at once. */
  asleep = false;
  /** Whether the last select fired for other sets, too. */
  others = false;
  /** Conditions whose sources have fired, and whose `confirm` is to be asked. */
  readonly #confirming: Condition[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
  }

  begin(work: Background, worker: Worker): void {
    const works = this.#background.get(work.source);
    if (works === undefined) this.#background.set(work.source, new Map([[work, worker]]));
    else works.set(work, worker);
    if (this.asleep) this.#want(work.source, work.interest);
    else this.#unregistered.add(work);
  }

  end(work: Background): void {
    this.#unregistered.delete(work);
    const works = this.#background.get(work.source);
    works?.delete(work);
    if (works?.size === 0) this.#background.delete(work.source);
  }

  /** Removes a worker's waiters from the standard streams, which outlive it. All that it opened is closed already. */
  leave(worker: Worker): void {
    const { stdin, stdout, stderr } = this.machine.stdio;
    for (const { source } of [stdin, stdout, stderr]) {
      if (source !== undefined) removeWaiters(source, worker);
    }
  }

  /** Whether the machine can wait for the source. It cannot for a regular file, which is always ready. */
  canWaitFor(source: Source, interest: number): boolean {
    if (source.registered === 0 && source.pollable) this.#register(source, interest);
    return source.pollable;
  }

  /** Calls all alarms that are due. The next look finds what they change. */
  ring(): void {
    const { timers, found } = this.alarms;
    if (timers.size === 0) return;
    const now = this.machine.now();
    const due = timers.collect(now, found, 0);
    if (due === 0) return;
    for (const waiter of found.slice(0, due)) {
      // An earlier one may have put it off, or cleared it.
      if (waiter.set !== undefined && waiter.condition.deadline <= now) waiter.owner();
    }
    found.length = 0;
  }

  /** Registers new background work with the selector. */
  watchBackground(): void {
    if (this.#unregistered.size === 0) return;
    for (const { source, interest } of this.#unregistered) this.#want(source, interest);
    this.#unregistered.clear();
  }

  /** Registers new waiters of the set, and new background work, with the selector. */
  watch({ unregistered }: WaitSet): void {
    this.watchBackground();
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
    source.pollable = this.machine.selector.setInterest(source, interest);
    source.registered = source.pollable ? interest : 0;
  }

  /**
   * Waits at most `timeout` ns for registered sources, advances background work, and finds the waiters whose sources have fired: of
   * one set that is waited for, or of all. With one, events for others stay pending; `others` says whether there are any.
   *
   * @param dismisses Whether sources that fire without a waiter are unregistered. Not in a look among several guests, who will need
   * them again
   */
  select(timeout: number, only?: WaitSet, dismisses = true): void {
    const { selector } = this.machine;
    const fired = selector.select(timeout);
    const { sources, events } = selector;
    this.others = false;
    for (let i = 0; i < fired; i++) {
      const source = sources[i]!;
      const ready = events[i]!;
      source.ready = ready;
      let asked = this.#background.size > 0 && this.#advanceBy(source, ready);
      for (let condition = firstWatcher(source); condition !== undefined; condition = condition.nextWatcher) {
        if ((ready & condition.interest) !== 0 && this.#hear(condition, only)) asked = true;
      }
      if (!asked && dismisses) this.#dismiss(source);
    }
    if (this.#confirming.length === 0) return;
    for (const condition of this.#confirming) if (holds(condition)) hit(condition, only);
    this.#confirming.length = 0;
  }

  /**
   * Finds the other ready waiters of the set: those that are always ready, and timers that are due. Returns the number found in
   * all.
   */
  collect(set: WaitSet): number {
    const { found, immediate, timers } = set;
    for (let i = 0; i < immediate.length; i++) {
      const waiter = immediate[i]!;
      if (waiter.condition.kind === READY || holds(waiter.condition)) found[set.hits++] = waiter;
    }
    if (timers.size > 0) set.hits = timers.collect(this.machine.now(), found, set.hits);
    return set.hits;
  }

  /**
   * Handles a condition whose source has fired. Returns whether any wait needs it. The waiters are found, or `confirm` is asked
   * after all sources were handled, as it may change others.
   */
  #hear(condition: Condition, only: WaitSet | undefined): boolean {
    let asked = false;
    for (let waiter = condition.waiters; waiter !== undefined; waiter = waiter.next) {
      const { set } = waiter;
      if (set === undefined || set.awaitedBy === undefined) continue;
      if (only !== undefined && set !== only) {
        asked = true;
        this.others = true;
      } else if (condition.confirm !== undefined) {
        this.#confirming.push(condition);
        return true;
      } else if (waiter.booking === WATCHED) {
        set.hit(waiter);
        asked = true;
      }
    }
    return asked;
  }

  /** Reduces the interest in a source that fired without a waiter to what the current waits need. */
  #dismiss(source: Source): void {
    let wanted = 0;
    for (const work of this.#background.get(source)?.keys() ?? []) wanted |= work.interest;
    for (let condition = firstWatcher(source); condition !== undefined; condition = condition.nextWatcher) {
      for (let waiter = condition.waiters; waiter !== undefined; waiter = waiter.next) {
        if (waiter.set?.awaitedBy !== undefined) wanted |= condition.interest;
        else waiter.set?.unregister(waiter);
      }
    }
    this.#register(source, wanted);
    source.onUnawaited?.();
  }

  /** Advances background work that waits for the source. Returns whether there was any. */
  #advanceBy(source: Source, ready: number): boolean {
    const works = this.#background.get(source);
    if (works === undefined) return false;
    let asked = false;
    for (const [work, worker] of [...works]) {
      if ((ready & work.interest) === 0) continue;
      asked = true;
      try {
        worker.advance(work);
      } catch (error) {
        worker.failed(error);
      }
    }
    return asked;
  }
}

function removeWaiters(source: Source, worker: Worker): void {
  let condition = firstWatcher(source);
  while (condition !== undefined) {
    const { nextWatcher } = condition;
    let waiter = condition.waiters;
    while (waiter !== undefined) {
      const { next, set } = waiter;
      if (set?.lastAwaitedBy === worker) set.remove(waiter);
      waiter = next;
    }
    condition = nextWatcher;
  }
}

/** Finds the waiters of a condition that was confirmed. One that has become ready meanwhile is found by `collect`. */
function hit(condition: Condition, only: WaitSet | undefined): void {
  for (let waiter = condition.waiters; waiter !== undefined; waiter = waiter.next) {
    const { set } = waiter;
    if (set?.awaitedBy === undefined || waiter.booking !== WATCHED) continue;
    if (only === undefined || set === only) set.hit(waiter);
  }
}

/** Asks a condition whose source has fired. An exception goes to those who wait for it. */
function holds(condition: Condition): boolean {
  try {
    return condition.confirm === undefined || condition.confirm();
  } catch (error) {
    for (let waiter = condition.waiters; waiter !== undefined; waiter = waiter.next) {
      waiter.set?.awaitedBy?.failed(error);
    }
    return false;
  }
}
