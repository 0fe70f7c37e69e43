import type { Condition, Waiter } from "../../core/wait/condition.ts";
import type { Poll } from "../../core/wait/poll.ts";
import { finish, type Steps, settle } from "../../core/wait/steps.ts";
import { WaitSet } from "../../core/wait/wait-set.ts";
import { then, type Waiting } from "../../core/wait/waiting.ts";
import type { ContextSlots, Slots } from "./context-slots.ts";
import { trap } from "./trap.ts";

/** Something of the host's that a guest waits for: a call, the other end of a stream. */
export interface HostOperation {
  readonly waiter: Waiter<HostOperation>;
  /** Whether the guest is still interested. */
  readonly parked: boolean;
  /** What it waits for may be there. */
  advance(): void;
}

/** Whose core code runs: a task, or a call of a function that is no async lift. */
export interface Running extends Slots {
  /** False: it must return before it may wait. */
  readonly mayBlock: boolean;
}

/** A task, as it is scheduled. */
export interface Runnable {
  /** It is its turn. */
  run(): void;
  /** The scheduler's books. */
  nextReady: Runnable | undefined;
  queued: boolean;
}

/** How many tasks have their turn before the host's operations are looked at. */
const TURNS = 64;

/**
 * Runs the tasks of a component and of those in it (CanonicalABI.md, `Store`): first come, first served. What is ready is a list of
 * tasks, each with what it does next; what is not, waits for an event of a waitable. When no task can go on, all operations of the
 * host that a guest has begun are waited for at once, in one set of the core's registry: the guest's scheduler idles in this
 * project's netpoll.
 *
 * An operation stays in the set when it is over, for the next one on the same stream will most likely be there before the next
 * wait; one that fires while nobody is interested is taken out.
 */
export class Scheduler {
  readonly slots: ContextSlots;
  readonly #poll: Poll;
  /** Whether calls inside a guest wait by suspending it (JSPI), and do not sleep with the thread. */
  readonly #suspends: boolean;
  readonly #set = new WaitSet<HostOperation>();
  /** The tasks that are ready, in their turn. */
  #first: Runnable | undefined;
  #last: Runnable | undefined;
  #turns = 0;
  /** How often it was decided what goes on; calls that only wait for others to have a turn. */
  #rounds = 0;
  #yielding = 0;
  /** Operations that somebody is interested in, and promises of the host's that are to come. */
  #parked = 0;
  #promised = 0;
  /** Suspended calls, and what each waits for. */
  readonly #suspended: { readonly done: () => boolean; readonly resume: () => void }[] = [];
  /** Whether a guest that can be suspended runs, or waits for something that is none of the scheduler's. */
  #running = false;
  #ran: () => void = () => {};
  /** What ended a guest's task: none goes on. */
  #failure: { readonly error: unknown } | undefined;
  /** Whose core code runs, or ran last. */
  current: Running | undefined;

  constructor(poll: Poll, slots: ContextSlots, suspends: boolean) {
    this.#poll = poll;
    this.slots = slots;
    this.#suspends = suspends;
  }

  /** The task has something to do. */
  ready(task: Runnable): void {
    if (task.queued) return;
    task.queued = true;
    if (this.#last === undefined) this.#first = task;
    else this.#last.nextReady = task;
    this.#last = task;
  }

  /** From now on the operation is waited for. */
  park(operation: HostOperation, condition: Condition): void {
    const { waiter } = operation;
    if (waiter.set === undefined) {
      waiter.condition = condition;
      this.#set.add(waiter);
    } else {
      this.#set.retarget(waiter, condition);
    }
    this.#parked++;
  }

  /** It is no longer: it is over, or nobody is interested any more. */
  unpark(): void {
    this.#parked--;
  }

  /** It will not be waited for again. */
  forget({ waiter }: HostOperation): void {
    if (waiter.set !== undefined) this.#set.remove(waiter);
  }

  /** Calls one of the two when a promise of the host's is settled. What they throw ends the guest. */
  promise<T>(promise: Promise<T>, then: (value: T) => void, failed: (error: unknown) => void): void {
    this.#promised++;
    const end = (work: () => void) => {
      this.#promised--;
      this.#attempt(work);
      this.#poll.wake();
    };
    promise.then(
      (value) => end(() => then(value)),
      (error) => end(() => failed(error)),
    );
  }

  /** Core code that was called may be suspended: calls `then` when it returns. */
  suspended<T>(call: Promise<T>, then: (value: T) => void): void {
    this.#running = true;
    const end = (work: () => void) => {
      this.#running = false;
      this.#attempt(work);
      this.#ran();
    };
    call.then(
      (value) => end(() => then(value)),
      (error) =>
        end(() => {
          throw error;
        }),
    );
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  /**
   * Lets tasks go on until `done` says so.
   *
   * @throws what ended one of them
   */
  *run(done: () => boolean): Steps<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      this.#rounds++;
      if (this.#running) yield this.#until();
      else if (done()) return;
      else if (this.#resumeOne() || (this.#turns < TURNS && this.#runNext())) continue;
      else {
        const found = this.#look();
        this.#advance(typeof found === "number" ? found : ((yield found) as number));
      }
    }
  }

  #until(): Promise<void> {
    return new Promise((resolve) => {
      this.#ran = resolve;
    });
  }

  #look(): Waiting<number> {
    this.#turns = 0;
    if (this.#first !== undefined || this.#yielding > 0)
      return then(this.#poll.giveWay(), () => this.#poll.lookAll(this.#set));
    if (this.#parked === 0 && this.#promised === 0) trap("deadlock detected: event loop cannot make further progress");
    return this.#poll.poll(this.#set);
  }

  /** Waits inside a guest until `done` says so; then its task goes on. */
  wait(done: () => boolean): Waiting<void> {
    if (done()) return undefined;
    const { current } = this;
    if (current?.mayBlock === false) trap("cannot block a synchronous task before returning");
    if (this.#suspends) return this.#suspend(done, current);
    finish(this.run(done));
    this.enter(current);
  }

  /** Inside a guest: others have a turn. */
  yield(): Waiting<void> {
    if (this.current?.mayBlock === false) return undefined;
    const until = this.#rounds + 2;
    this.#yielding++;
    return then(
      this.wait(() => this.#rounds >= until),
      () => {
        this.#yielding--;
      },
    );
  }

  /** A function that sees context slots of its own: `cabi_realloc`, which is called in the midst of others. */
  apart<Args extends unknown[], R>(func: (...args: Args) => R): (...args: Args) => R {
    return (...args) => {
      const { current } = this;
      if (current === undefined || !this.slots.used) return func(...args);
      this.slots.load({ slot0: 0, slot1: 0 });
      const result = func(...args);
      this.slots.load(current);
      return result;
    };
  }

  /** One look at the host's operations. */
  peek(): void {
    this.#advance(this.#poll.lookAll(this.#set));
  }

  /** Lets tasks go on, from outside of them, until `done` says so. @throws as `run` */
  drive(done: () => boolean): Waiting<void> {
    return this.#suspends ? settle(this.run(done)) : finish(this.run(done));
  }

  async #suspend(done: () => boolean, current: Running | undefined): Promise<void> {
    const resumed = new Promise<void>((resume) => {
      this.#suspended.push({ done, resume });
    });
    this.#running = false;
    this.#ran();
    await resumed;
    this.enter(current);
  }

  #resumeOne(): boolean {
    const at = this.#suspended.findIndex(({ done }) => done());
    if (at < 0) return false;
    const [call] = this.#suspended.splice(at, 1);
    this.#running = true;
    call?.resume();
    return true;
  }

  /** From now on its core code runs. */
  enter(task: Running | undefined): void {
    this.current = task;
    if (task !== undefined) this.slots.load(task);
  }

  #runNext(): boolean {
    const task = this.#first;
    if (task === undefined) return false;
    this.#first = task.nextReady;
    if (this.#first === undefined) this.#last = undefined;
    task.nextReady = undefined;
    task.queued = false;
    this.#turns++;
    try {
      task.run();
    } catch (error) {
      // no other goes on either
      this.#failure ??= { error };
      throw error;
    }
    return true;
  }

  #advance(count: number): void {
    const { found } = this.#set;
    for (let i = 0; i < count; i++) {
      const { owner } = found[i]!;
      if (owner.parked) owner.advance();
      else this.forget(owner);
    }
  }
}
