import type { SuspendingMachine } from "../../machine/machine.ts";
import type { SuspendingSelector } from "../../machine/selector.ts";
import type { Worker } from "./background.ts";
import { Condition, Waiter } from "./condition.ts";
import { NEVER, remaining } from "./deadline.ts";
import { eventLoopTurn } from "./event-loop-turn.ts";
import { Members } from "./members.ts";
import { Registry } from "./registry.ts";
import { TimerHeap } from "./timer-heap.ts";
import type { Listener, WaitSet } from "./wait-set.ts";

/** The most waits that end in one turn of the event loop, which should take at most 2 ms. */
const BATCH = 16;

/** A guest whose waits the pump ends. */
export interface Sleeper extends Worker {
  /** Whether its waits are to reject with an error. */
  readonly ending: boolean;
  /** Returns that error, to be thrown now. */
  takeEnding(): unknown;
  /** Called for each wait that ends. */
  readonly onWaitEnded: (() => void) | undefined;
}

/** A wait whose promise is pending. */
class PendingWait implements Listener {
  readonly #pump: Pump;
  readonly sleeper: Sleeper;
  readonly set: WaitSet;
  readonly resolve: (found: number) => void;
  readonly reject: (error: unknown) => void;
  /** Its entry in the heap of deadlines, once it has one. */
  timer: Waiter<PendingWait> | undefined = undefined;
  /** Whether it is queued to be looked at, or to be resolved. */
  queued = false;

  constructor(
    pump: Pump,
    sleeper: Sleeper,
    set: WaitSet,
    resolve: (found: number) => void,
    reject: (error: unknown) => void,
  ) {
    this.#pump = pump;
    this.sleeper = sleeper;
    this.set = set;
    this.resolve = resolve;
    this.reject = reject;
  }

  touched(): void {
    this.#pump.queue(this);
  }
}

/** A guest that yields. */
interface Yielder {
  readonly sleeper: Sleeper;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Resolves the waits of all guests of a registry: sleeps until something can be ready for any of them, looks once, and resolves the
 * waits whose sets have something.
 *
 *     none waits          nothing is under way
 *     some wait           asleep: in `selector.wait`, until the nearest deadline or an event
 *     resolved some       a turn of the event loop for them, then asleep again: they have probably waited again by then
 *     more than a batch   the others are resolved in the turns that follow, before the selector is asked again
 *
 * The cost of a wait depends on the changes of its set. Sets report them (`Listener`), so a wait is not looked at because of
 * others.
 */
export class Pump {
  readonly registry: Registry;
  readonly #selector: SuspendingSelector;
  readonly #waits = new Members<PendingWait>();
  /** The deadline of the first timer of each wait that has any. */
  readonly #deadlines = new TimerHeap();
  readonly #due: Waiter<PendingWait>[] = [];
  /** The waits to be looked at, and those to be resolved. */
  #queued: PendingWait[] = [];
  readonly #found: PendingWait[] = [];
  readonly #yielders: Yielder[] = [];
  /** The work for the beginning of the next turn. */
  readonly #soon: (() => void)[] = [];
  #running = false;
  /** The end of the sleep, ns on the machine's clock; undefined while it does not sleep. */
  #until: number | undefined;
  /** Whether to look again before the next sleep. */
  #again = false;
  /** Whether several guests run in this turn of the event loop: the selector is left to the next turn. */
  selectDeferred = false;

  constructor(machine: SuspendingMachine) {
    this.registry = new Registry(machine);
    this.#selector = machine.selector;
    this.registry.alarms.listener = { touched: () => this.#endSleepBefore(this.registry.alarms.timers) };
  }

  /**
   * Waits until a condition of the set holds. Returns the number of waiters that do; they are in `set.found`.
   *
   * @param looked Whether a look at the selector has just found nothing
   * @throws the error that ends the sleeper's waits
   */
  wait(sleeper: Sleeper, set: WaitSet, looked: boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      const wait = new PendingWait(this, sleeper, set, resolve, reject);
      this.#waits.add(wait);
      set.awaitedBy = sleeper;
      set.hits = 0;
      set.listener = wait;
      // An alarm that rang at the end of that look may have made something ready.
      if (looked && set.immediate.length === 0) this.#attend(wait);
      else this.queue(wait);
      this.#ensureRunning();
    });
  }

  /**
   * Yields to the event loop. Guests that yield resume one a turn, in order.
   *
   * @throws the error that ends the sleeper's waits
   */
  yieldTurn(sleeper: Sleeper): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#yielders.push({ sleeper, resolve, reject });
      this.endSleep();
      this.#ensureRunning();
    });
  }

  /** Does work in the next turn of the event loop; during a sleep, in a microtask. */
  soon(work: () => void): void {
    if (this.#until !== undefined) {
      queueMicrotask(work);
      return;
    }
    this.#soon.push(work);
    this.#ensureRunning();
  }

  /** Queues a wait to be looked at. */
  queue(wait: PendingWait): void {
    if (!wait.queued) {
      wait.queued = true;
      this.#queued.push(wait);
    }
    if (this.#until === undefined) return;
    // A timer that is due after the end of the sleep need not shorten it.
    if (wait.set.timers.size === 0 || wait.set.immediate.length > 0 || wait.set.unregistered.length > 0)
      this.endSleep();
    else this.#endSleepBefore(wait.set.timers);
  }

  /** Queues all waits of the sleeper, as they are to reject now. */
  queueAll(sleeper: Sleeper): void {
    for (const wait of this.#waits.all()) if (wait.sleeper === sleeper) this.queue(wait);
    this.endSleep();
  }

  /** Removes the waits of a sleeper that is gone. They reject if they were to end with an error, and stay pending otherwise. */
  drop(sleeper: Sleeper): void {
    for (const wait of this.#waits.all()) {
      if (wait.sleeper !== sleeper) continue;
      this.#end(wait);
      if (sleeper.ending) wait.reject(sleeper.takeEnding());
    }
    if (this.#waits.size === 0) this.endSleep();
  }

  /** Tells that other guests have something ready: they run before the next look. */
  deferSelect(): void {
    this.selectDeferred = true;
    this.endSleep();
  }

  /** Ends the sleep, to look again. */
  endSleep(): void {
    if (this.#until === undefined) return;
    this.#until = undefined;
    this.#selector.wake();
  }

  #endSleepBefore(timers: TimerHeap): void {
    if (this.#until !== undefined && timers.next(this.registry.machine.now()) < this.#until) this.endSleep();
  }

  #ensureRunning(): void {
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#some) {
        await this.#pass();
        this.#until = undefined;
        this.registry.asleep = false;
        if (this.#some) this.#turn();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running = false;
      // A single guest that waits next, alone, need not give up a turn first.
      this.#again = this.selectDeferred;
    }
  }

  /** Whether there are waits, or work for the next turn. */
  get #some(): boolean {
    return this.#waits.size > 0 || this.#yielders.length > 0 || this.#soon.length > 0;
  }

  /** Sleeps, or, if there is something to do, yields to the event loop for a turn. */
  #pass(): Promise<void> {
    if (eventLoopTurn.over) return eventLoopTurn.yieldTurn(() => this.#selector.wait(0));
    if (
      this.#again ||
      this.#queued.length > 0 ||
      this.#found.length > 0 ||
      this.#yielders.length > 0 ||
      this.#soon.length > 0
    ) {
      return this.#selector.wait(0);
    }
    const { registry } = this;
    registry.watchBackground();
    const now = registry.machine.now();
    const next = Math.min(this.#deadlines.next(now), registry.alarms.timers.next(now));
    this.#until = next;
    registry.asleep = true;
    return this.#selector.wait(next === NEVER ? NEVER : remaining(next, now));
  }

  /** Does the work of one turn of the event loop. */
  #turn(): void {
    this.#again = false;
    for (const work of this.#soon.splice(0)) work();
    if (this.#found.length === 0) this.#look();
    const answered = this.#found.splice(0, BATCH);
    const yielder = this.#yielders.shift();
    const going = answered.length + (yielder === undefined ? 0 : 1);
    this.selectDeferred = going > 1 || this.#found.length > 0;
    // They should have run and waited again before the next sleep.
    if (going > 0) this.#again = true;
    for (const wait of answered) this.#answer(wait);
    if (yielder === undefined) return;
    if (yielder.sleeper.ending) yielder.reject(yielder.sleeper.takeEnding());
    else yielder.resolve();
  }

  #look(): void {
    const { registry } = this;
    registry.watchBackground();
    registry.select(0);
    registry.ring();
    if (this.#deadlines.size > 0) {
      const count = this.#deadlines.collect(registry.machine.now(), this.#due, 0);
      for (let i = 0; i < count; i++) this.queue(this.#due[i]!.owner);
      this.#due.length = 0;
    }
    const queued = this.#queued;
    if (queued.length === 0) return;
    this.#queued = [];
    for (const wait of queued) this.#examine(wait);
  }

  #examine(wait: PendingWait): void {
    const { set, sleeper } = wait;
    if (set.listener !== wait) return;
    this.registry.watch(set);
    if (this.registry.collect(set) > 0 || sleeper.ending) {
      this.#found.push(wait);
      return;
    }
    wait.queued = false;
    this.#attend(wait);
    // Conditions that the machine cannot watch are asked in every turn.
    if (set.immediate.length > 0) this.queue(wait);
  }

  /** Prepares the sleep for a wait with nothing ready: it must end when something can be. */
  #attend(wait: PendingWait): void {
    const { set } = wait;
    this.registry.watch(set);
    const { timers } = set;
    if (timers.size === 0 && wait.timer === undefined) return;
    const next = timers.next(this.registry.machine.now());
    if (wait.timer === undefined) {
      wait.timer = new Waiter(Condition.timer(next), wait);
      this.#deadlines.add(wait.timer);
    } else if (next !== wait.timer.condition.deadline) {
      wait.timer.condition.deadline = next;
      this.#deadlines.changed(wait.timer);
    }
    if (this.#until !== undefined && next < this.#until) this.endSleep();
  }

  #answer(wait: PendingWait): void {
    const { set, sleeper } = wait;
    if (set.listener !== wait) return;
    const { hits } = set;
    if (sleeper.ending) {
      this.#end(wait);
      wait.reject(sleeper.takeEnding());
    } else if (hits > 0) {
      this.#end(wait);
      set.report(hits);
      sleeper.onWaitEnded?.();
      wait.resolve(hits);
    } else {
      // Its guest has looked meanwhile, and taken what there was.
      wait.queued = false;
      this.queue(wait);
    }
  }

  #end(wait: PendingWait): void {
    const { set, timer } = wait;
    this.#waits.delete(wait);
    if (timer !== undefined) this.#deadlines.remove(timer);
    set.awaitedBy = undefined;
    set.listener = undefined;
    set.hits = 0;
  }

  /** Rejects all waits, as the selector has failed. */
  #fail(error: unknown): void {
    for (const wait of this.#waits.all()) {
      this.#end(wait);
      wait.reject(error);
    }
    for (const yielder of this.#yielders.splice(0)) yielder.reject(error);
    this.#queued.length = 0;
    this.#found.length = 0;
  }
}
