import type { Machine } from "../../machine/machine.ts";
import type { Source } from "../../machine/selector.ts";
import type { Background, Worker } from "./background.ts";
import { type Condition, firstWatcher, READY, WATCHED } from "./condition.ts";
import { WaitSet } from "./wait-set.ts";

/**
 * What the guests of one machine share: what its selector has been told of, and who waits for it. The books are what conditions,
 * waiters and sources know of one another: a source its conditions that somebody waits for, a condition its waiters, a waiter its
 * set. Whoever changes one of them pays for that alone; a wait pays for what has changed and what has fired, not for what is there.
 *
 * Invariants:
 * - The selector holds at most one entry a source, whose interest covers what the sets that are waited for want of it. It is made
 *   before the first wait that wants it and stays until it fires unasked or its source is closed, so an idle source costs a wait
 *   no system call. One that fires while no set that is waited for wants that event is taken back (level-triggered: the wait
 *   would spin); other sets that want it have it registered again before their own next wait.
 * - Work in the background, whosesoever, is waited for and goes on in every wait. Alarms ring in every wait, too.
 * - What an owner's work throws is the owner's (`Worker.failed`), whoever waits.
 * - A timer is never early: the clock is read after the wait.
 */
export class Registry {
  readonly machine: Machine;
  /** Calls that are to be made at a point in time (alarm.ts). */
  readonly alarms = new WaitSet<() => void>();
  /** The work in the background, by its sources. */
  readonly #background = new Map<Source, Map<Background, Worker>>();
  /** That whose sources the selector may not know to be waited for. */
  readonly #unregistered = new Set<Background>();
  /** Somebody sleeps: what is to be waited for must be told to the selector at once. */
  asleep = false;
  /** Whether what fired last was for other sets than the one that was looked at, too. */
  others = false;
  /** The conditions whose sources have fired, to be asked. */
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

  /** A worker is gone: its sets no longer watch what outlives it, the standard streams. What it opened is closed. */
  leave(worker: Worker): void {
    const { stdin, stdout, stderr } = this.machine.stdio;
    for (const { source } of [stdin, stdout, stderr]) {
      if (source !== undefined) removeWaiters(source, worker);
    }
  }

  /** Whether the machine can wait for it; a regular file it cannot, which is always ready. */
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
      // One that rang before it may have put it off, or cleared it.
      if (waiter.set !== undefined && waiter.condition.deadline <= now) waiter.owner();
    }
    found.length = 0;
  }

  /** Tells the selector what of the background it does not know yet. */
  watchBackground(): void {
    if (this.#unregistered.size === 0) return;
    for (const { source, interest } of this.#unregistered) this.#want(source, interest);
    this.#unregistered.clear();
  }

  /** Tells the selector what of the set it does not know yet, and of the background. */
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
   * Waits at most `timeout` ns for something that the selector knows, lets go on what can, and finds what has fired: for one set
   * that is waited for, or for all. With one, what fires for others stays for them; `others` says whether there is any.
   *
   * @param dismisses Whether what fires unasked is taken back: not in a look among others, who will ask for it again
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

  /** Finds what else of the set is ready: what is so at once, and what is due. Returns how many it has found by now. */
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
   * The source of a condition has fired. Returns whether somebody waits for it: those who do are found, or the condition is asked
   * once all sources have been seen, for what it does may change others.
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

  /** The source has fired though no wait wants it: from now on the selector reports only what the waits under way want of it. */
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

  /** Returns whether something waited for that in the background. */
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

/** A condition that has settled when it was asked is found among what is ready at once. */
function hit(condition: Condition, only: WaitSet | undefined): void {
  for (let waiter = condition.waiters; waiter !== undefined; waiter = waiter.next) {
    const { set } = waiter;
    if (set?.awaitedBy === undefined || waiter.booking !== WATCHED) continue;
    if (only === undefined || set === only) set.hit(waiter);
  }
}

/** Asks a condition whose source has fired. What that throws is theirs who wait for it. */
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
