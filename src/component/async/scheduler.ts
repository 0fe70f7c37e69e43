import type { Poll } from "../../core/wait/poll.ts";
import type { Waiting } from "../../core/wait/waiting.ts";
import type { HandleBudget } from "../instance/handles.ts";
import { cannotEnter, type InstanceState } from "../instance/state.ts";
import type { ContextSlots, Slots } from "./context-slots.ts";
import { type Awaited, HostCallers } from "./host-callers.ts";
import { HostOperations } from "./host-operations.ts";
import { ReadyQueue, type Turn } from "./ready-queue.ts";
import { type Blockable, Frame, Frames, type Running } from "./running.ts";
import type { SyncCall } from "./sync-call.ts";
import { itsTurn, Thread } from "./thread.ts";
import { ruleBroken, trap } from "./trap.ts";

/** How the tasks of a component are called, and wait. */
export interface Ways {
  /** Whether calls inside a guest wait by suspending it (JSPI), and do not sleep with the thread. */
  readonly suspends: boolean;
  /** Whether components call async functions of one another. */
  readonly between: boolean;
  /** What calls of the host's wait for, unless they say: "call" unless given. */
  readonly awaited?: Awaited | undefined;
  /** Whether a call that the scheduler is not told of is on the stack (fused/code.ts): none may wait until it has returned. */
  inFusedCall(): boolean;
  /** Told of what ended a guest, and with it all. */
  readonly ended?: ((error: unknown) => void) | undefined;
}

/** How many have their turn before the host's operations are looked at. */
const TURNS = 64;
/** How many operations of the host's may end at once in a turn. */
const AT_ONCE = 128;

const SYNCHRONOUS = "cannot block a synchronous task before returning";

/**
 * Runs the tasks of a component and of those in it (CanonicalABI.md, `Store`): first come, first served. What is ready is a list of
 * turns: tasks, each with what it does next, and calls that wait inside a guest; what is not, waits for an event of a waitable. When
 * none can go on, all operations of the host that a guest has begun are waited for at once: the guest's scheduler idles in this
 * project's netpoll.
 */
export class Scheduler {
  readonly slots: ContextSlots;
  /** Counts the handles of all its instances, and what lives on when its handle is gone. */
  readonly budget: HandleBudget;
  readonly operations: HostOperations;
  /** Whether calls inside a guest wait by suspending it (JSPI), and do not sleep with the thread. */
  readonly suspends: boolean;
  /** Whether components call async functions of one another. */
  readonly between: boolean;
  readonly #ready = new ReadyQueue();
  #turns = 0;
  /** How many operations were tried at once in this turn. */
  #atOnce = 0;
  /** How many tasks there are: some go on after they have returned. */
  tasks = 0;
  /** How many streams the host moves to itself, which go on when no task is left. */
  splices = 0;
  /** How many things the host is to bring about of its own accord. */
  #expected = 0;
  /** Threads that are put aside until something holds which nobody tells of. */
  readonly #waiting: Thread[] = [];
  /** Calls that must return before their callers go on, whose threads may wait: each was made beneath the next. */
  readonly #syncCalls: SyncCall[] = [];
  /** Calls into guests that can be suspended, and run, or are suspended for something that is none of the scheduler's. */
  #running = 0;
  readonly #callers = new HostCallers(this);
  readonly #frames = new Frames();
  /** While a start function's call is under way: what it has in its slots. */
  #starting: Slots | undefined;
  /** Whether nothing could go on when it was last tried, and who waits for that to change. */
  #despairs = false;
  #stir: () => void = () => {};
  /** The error that ended a guest: none goes on. */
  #failure: { readonly error: unknown } | undefined;
  /** The task or call whose core code runs, or ran last. */
  current: Running | undefined;
  /** Whether core code is on the stack, as far as is known: one that was suspended may go on unseen. */
  inside = false;

  /** What calls of the host's wait for, unless they say. */
  readonly #awaited: Awaited;
  readonly #ended: Ways["ended"];
  readonly #inFusedCall: Ways["inFusedCall"];

  constructor(poll: Poll, slots: ContextSlots, budget: HandleBudget, ways: Ways) {
    const { suspends, between, awaited = "call" } = ways;
    this.#awaited = awaited;
    this.#ended = ways.ended;
    this.#inFusedCall = ways.inFusedCall;
    this.operations = new HostOperations(poll);
    this.slots = slots;
    this.suspends = suspends;
    this.between = between;
    this.budget = budget;
  }

  /** It has something to do. */
  ready(turn: Turn): void {
    this.#ready.add(turn);
    this.#stir();
    this.operations.wake();
  }

  /**
   * Whether an operation of the host's may be tried at once, and not only when others have had their turn: a guest whose peers are
   * always ready would go on for ever.
   */
  mayTry(): boolean {
    const mustReturn = this.inSyncCall || (this.current !== undefined && this.blockable === undefined);
    return this.#atOnce++ < AT_ONCE || mustReturn;
  }

  /** The host will bring something about, of its own accord, and `deliver` it: possible while its event loop goes on. */
  expect(): void {
    if (this.suspends) this.#expected++;
  }

  /** It need not, or has. */
  unexpect(): void {
    if (this.suspends) this.#expected--;
  }

  /** Tells a guest of something while nothing of it runs. What `work` throws ends the guest, and not the one who calls this. */
  deliver(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(error);
    }
    this.#stir();
    this.operations.wake();
  }

  /** Calls one of the two when a promise of the host's is settled. What they throw ends the guest. */
  promise<T>(promise: Promise<T>, then: (value: T) => void, failed: (error: unknown) => void): void {
    if (!this.suspends) {
      promise.catch(() => {});
      throw new TypeError('an import answered a Promise, which needs wait: "suspending"');
    }
    this.expect();
    const end = (work: () => void) => {
      this.unexpect();
      this.deliver(work);
    };
    promise.then(
      (value) => end(() => then(value)),
      (error) => end(() => failed(error)),
    );
  }

  /** How many calls into guests run that can be suspended. */
  get running(): number {
    return this.#running;
  }

  /** A call into a guest begins: it runs until it ends, or is put aside. */
  begins(): void {
    if (this.suspends) this.#running++;
  }

  ends(): void {
    if (this.suspends) this.#running--;
  }

  /** A call that has begun is suspended: calls one of the two when it ends. What they throw ends the guest. */
  suspended<T>(call: Promise<T>, then: (value: T) => void, failed: (error: unknown) => void): void {
    const end = (work: () => void) => {
      this.#running--;
      this.deliver(work);
      this.#goOn();
    };
    call.then(
      (value) => end(() => then(value)),
      (error) => end(() => failed(error)),
    );
  }

  /** Whether nothing is under way in its guests, nor can come of their own. */
  get idle(): boolean {
    const guests = this.tasks + this.#running + this.#waiting.length;
    const host = this.splices + this.#expected;
    return guests + host === 0 && this.#ready.empty && !this.operations.some && this.#failure === undefined;
  }

  /** A guest was ended by that: nothing of its store runs again. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#ended?.(error);
    for (const call of this.#syncCalls) call.abort(error);
  }

  /** Whether a guest was ended, and with it all. */
  get ended(): boolean {
    return this.#failure !== undefined;
  }

  /** The host ends them all, at once. */
  end(error: unknown): void {
    this.fail(error);
    this.#callers.end(error);
  }

  /**
   * Does what enters a guest from outside: at once if none of their code runs, as far as is known, nor the host's that it has called;
   * else in its turn.
   */
  entering<R>(work: () => Waiting<R>): Waiting<R> {
    if (!this.suspends || this.#failure !== undefined) return work();
    if (!this.isOccupied && !this.inside && !this.operations.advancing) return work();
    return new Promise((resolve, reject) => {
      let begun = false;
      const run = () => {
        begun = true;
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      this.ready({ run, nextReady: undefined, queued: false });
      // no task runs in the midst of another
      Promise.resolve()
        .then(() => this.drive(() => begun, "event"))
        .catch(reject);
    });
  }

  /** A call from outside is about to enter these. @throws EngineTrap if it may not, or what it calls was ended */
  mayEnter(entered: readonly InstanceState[]): void {
    this.mayRun();
    if (this.operations.advancing) cannotEnter();
    // of a guest that can be suspended it is not known yet whether it has returned, unless it is what calls
    if (!this.suspends || this.inside) this.#enterable(entered);
  }

  /** A guest is about to call into these. @throws as `mayEnter` */
  mayCall(entered: readonly InstanceState[]): void {
    this.mayRun();
    this.#enterable(entered);
  }

  /** @throws EngineTrap if a guest was ended */
  mayRun(): void {
    if (this.#failure !== undefined) cannotEnter(this.#failure.error);
  }

  #enterable(entered: readonly InstanceState[]): void {
    for (let i = 0; i < entered.length; i++) if (!entered[i]!.mayEnter) cannotEnter();
  }

  /** A task of the host's begins: at once, unless a call into a guest has yet to return. */
  begin(task: Turn): void {
    if (this.isOccupied) this.ready(task);
    else task.run();
  }

  /** Whether a call into a guest has yet to return, which nobody may go on before. */
  get isOccupied(): boolean {
    return this.#running > 0 || this.inSyncCall;
  }

  /** Lets tasks go on until `done` says so; the thread sleeps while none can. @throws what ended one of them */
  #run(done: () => boolean): void {
    while (!this.busy && !done()) {
      if (this.round() instanceof Promise) throw new Error("a promise where nothing can wait for it");
    }
  }

  /** Whether a call into a guest is under way: it may be suspended for something that is none of the scheduler's. */
  get busy(): boolean {
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.isOccupied;
  }

  /** Lets the next task go on, or those operations of the host's that can. @throws what ended a guest */
  round(): Waiting<void> {
    try {
      if (this.#waiting.length > 0) this.#wakeWaiting();
      return this.#turns < TURNS && this.#runNext() ? undefined : this.#look();
    } catch (error) {
      this.fail(error);
      throw this.#failure?.error;
    }
  }

  /** Those whose wait is over have their turn. */
  #wakeWaiting(): void {
    for (let i = 0; i < this.#waiting.length; i++) if (this.#waiting[i]!.canGoOn) this.ready(this.#waiting[i]!);
  }

  #runNext(): boolean {
    if (this.#ready.empty) return false;
    this.#turns++;
    this.#atOnce = 0;
    this.#despairs = false;
    return this.#ready.runNext();
  }

  /** Looks at the host's operations, or waits for them where nothing else can go on. */
  #look(): Waiting<void> {
    this.#turns = 0;
    this.#atOnce = 0;
    if (!this.#ready.empty) return this.operations.look();
    if (this.operations.some || this.#expected > 0) return this.operations.wait();
    if (this.suspends && !this.#callers.calls) return this.#stirred();
    // nothing can go on, unless the host is about to do something
    const turn = this.#despairs ? undefined : this.operations.turn();
    if (turn === undefined) trap("deadlock detected: event loop cannot make further progress");
    this.#despairs = true;
    return this.#stirred(turn);
  }

  /** Resolves when there is something to go on with, or with `turn`. */
  #stirred(turn?: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stir = resolve;
      turn?.then(resolve, reject);
    });
  }

  /**
   * The task whose core code runs, which may wait there. Undefined: it is called by one, as a function that must return before, or it
   * is a start function, which is no task's.
   */
  get blockable(): Blockable | undefined {
    const { current } = this;
    // what may be suspended is not called so
    return current?.mayBlock === true && (this.suspends || !this.#inFusedCall()) ? current : undefined;
  }

  /** The thread whose core code runs, where it can be suspended; undefined: it is none's. */
  get #thread(): Thread | undefined {
    return this.current instanceof Thread ? this.current : undefined;
  }

  /** Waits inside a guest until `done` says so; then its task goes on. */
  wait(done: () => boolean): Waiting<void> {
    if (done()) return undefined;
    if (this.suspends) return this.suspend(this.#thread ?? trap(SYNCHRONOUS), done);
    const { blockable } = this;
    if (blockable === undefined) trap(SYNCHRONOUS);
    return this.#waitOnTop(blockable, done);
  }

  /** Inside a guest, in code of that instance: others have a turn. */
  yield(state: InstanceState): Waiting<void> {
    if (this.suspends) return this.#thread && this.suspend(this.#thread, itsTurn);
    const { blockable, current } = this;
    if (blockable === undefined) {
      // a task: not what has been called by a fused call yields, but what that has called, and is to wait for
      if (current?.mayBlock === true && !state.inFusedCall) trap(SYNCHRONOUS);
      return undefined;
    }
    let over = false;
    const run = () => {
      over = true;
    };
    this.ready({ run, nextReady: undefined, queued: false });
    return this.#waitOnTop(blockable, () => over);
  }

  #waitOnTop(current: Blockable, done: () => boolean): void {
    // who is beneath waits, too: each for the one above it
    setInside(current, false);
    this.current = undefined;
    this.#run(done);
    setInside(current, true);
    this.enter(current);
  }

  /**
   * A thread whose code runs is put aside.
   *
   * @param until What it waits for; undefined: another thread resumes it
   * @param next Goes on in its place, at once: one that is suspended, or waits and can go on
   * @returns what its code is suspended for
   */
  suspend(thread: Thread, until: (() => boolean) | undefined, next?: Thread): Promise<void> {
    const parked = thread.park(until);
    if (until === itsTurn) this.ready(thread);
    else if (until !== undefined) this.#waiting.push(thread);
    // others go on when this one has left the stack
    if (next === undefined) {
      this.#running--;
      thread.giveUp();
      queueMicrotask(this.#goOn);
    } else {
      thread.handOver(next);
      queueMicrotask(() => this.#switch(thread, next));
    }
    return parked.then(() => this.enter(thread));
  }

  #switch(thread: Thread, next: Thread): void {
    const looked = this.#lookSometimes();
    const goOn = () => {
      if (this.#failure === undefined) next.takeOver(thread);
      else {
        thread.handedOverInVain(this.#failure.error);
        this.#goOn();
      }
    };
    if (looked === undefined) goOn();
    else this.#afterLook(looked, goOn);
  }

  /** A thread that was put aside goes on. */
  resumed(): void {
    this.#running++;
  }

  /** It goes on before its turn. */
  unready(thread: Thread): void {
    this.#ready.take((turn) => turn === thread);
  }

  /** It waits no longer for what nobody tells of. */
  unwait(thread: Thread): void {
    this.#waiting.splice(this.#waiting.indexOf(thread), 1);
  }

  /** A call into a guest has ended, or waits: another goes on. */
  readonly #goOn = (): void => {
    const call = this.#syncCalls.at(-1);
    if (call === undefined || this.#failure !== undefined) this.#callers.goOn();
    else if (this.#running === call.running) this.#goOnWithin(call);
  };

  /** Lets a thread go on that may before a call has returned; there must be one. */
  #goOnWithin(call: SyncCall): void {
    if (call.hasReturned) {
      this.#syncCalls.pop();
      call.leave();
      queueMicrotask(this.#goOn);
      return;
    }
    const looked = this.#lookSometimes();
    if (looked !== undefined) {
      this.#afterLook(looked, this.#goOn);
      return;
    }
    if (this.#failure !== undefined) {
      this.#goOn();
      return;
    }
    this.#wakeWaiting();
    // whoever needs exclusivity must not run in the midst of a call that does without
    const thread = this.#ready.take(
      (turn) => turn instanceof Thread && turn.instance === call.instance && !turn.exclusive && turn.canGoOn,
    );
    if (thread instanceof Thread) thread.resumeInside();
    else {
      // its core code goes on, to its end: those beneath do not before that is known to have ended all
      this.resumed();
      call.abort(ruleBroken(SYNCHRONOUS));
    }
  }

  /** Threads that go on in the place of one another are no turns, but after as many the host's operations are looked at, too. */
  #lookSometimes(): Waiting<void> {
    if (this.#turns++ < TURNS) return undefined;
    this.#turns = 0;
    this.#atOnce = 0;
    try {
      return this.operations.look();
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  #afterLook(looked: Promise<void>, goOn: () => void): void {
    looked.catch((error) => this.fail(error)).then(goOn);
  }

  /** Whether a call is under way that must return before its caller goes on, and whose threads may wait. */
  get inSyncCall(): boolean {
    return this.#syncCalls.length > 0;
  }

  /**
   * Calls a guest's function that must return before it may wait, with context slots of its own.
   *
   * @param failed Told of what it rejects with
   */
  callInFrame<R>(call: () => Waiting<R>, failed: (error: unknown) => void): Waiting<R> {
    const before = this.current;
    const result = this.#callIn(new Frame(before), before, call);
    if (!(result instanceof Promise)) return result;
    const returned = result.finally(() => this.enter(before));
    this.suspended(returned, () => {}, failed);
    return returned;
  }

  /** The same for one that may wait as long as other threads of its instance go on. */
  callInThread<R>(thread: SyncCall, call: () => Waiting<R>, failed: (error: unknown) => void): Waiting<R> {
    const before = this.current;
    this.#syncCalls.push(thread);
    let result: Waiting<R> | undefined;
    try {
      result = this.#callIn(thread, before, call);
    } finally {
      if (!(result instanceof Promise)) this.#endSyncCall(thread);
    }
    if (!(result instanceof Promise)) return result;
    const called = result;
    return new Promise((resolve, reject) => {
      const returned = (value: R) =>
        thread.returned({
          resolve: () => {
            this.enter(before);
            resolve(value);
          },
          reject,
        });
      this.suspended(called, returned, (error) => {
        this.#endSyncCall(thread);
        this.enter(before);
        failed(error);
        reject(error);
      });
    });
  }

  #callIn<R>(frame: Running, before: Running | undefined, call: () => Waiting<R>): Waiting<R> {
    const untold = this.untold();
    const { inside } = this;
    this.enter(frame);
    this.inside = true;
    this.begins();
    let result: Waiting<R> | undefined;
    try {
      result = call();
      return result;
    } finally {
      this.inside = inside;
      if (!(result instanceof Promise)) {
        this.ends();
        this.leave(before, untold);
      }
    }
  }

  #endSyncCall(call: SyncCall): void {
    this.#syncCalls.splice(this.#syncCalls.indexOf(call), 1);
    call.end();
  }

  /**
   * The same for another component's call, which cannot be suspended: it begins. Returns whose code ran until then.
   *
   * @throws EngineTrap if what it calls was ended; whether that may be entered is its caller's affair
   */
  beginFrame(): Running | undefined {
    this.mayRun();
    const { current } = this;
    if (current === undefined) {
      this.#starting = this.untold();
      this.enter(new Frame(undefined));
    } else this.enter(this.#frames.push(current));
    return current;
  }

  /** It has returned. Where it traps instead, nothing is left to go on. */
  endFrame(before: Running | undefined): void {
    if (before !== undefined) this.#frames.pop();
    this.leave(before, this.#starting);
  }

  /** A function that sees context slots of its own: `cabi_realloc`, which is called in the midst of others. */
  apart<Args extends unknown[], R>(func: (...args: Args) => R): (...args: Args) => R {
    return (...args) => {
      const before = this.slots.loaded;
      if (before === undefined || !this.slots.used) return func(...args);
      this.slots.load({ slot0: 0, slot1: 0 });
      const result = func(...args);
      this.slots.load(before);
      return result;
    };
  }

  /** A guest looks for events itself: the host's operations go on that can now. */
  peek(): void {
    this.#atOnce = 0;
    this.operations.peek();
  }

  /**
   * Lets tasks go on, from outside of them, until `done` says so.
   *
   * @throws what ended one of them; EngineTrap, which ends them all, when none can go on while a call is awaited
   */
  drive(done: () => boolean, awaited: Awaited = this.#awaited): Waiting<void> {
    if (!this.suspends) return this.#run(done);
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    this.#stir();
    this.operations.wake();
    return this.#callers.wait(done, awaited);
  }

  /** Lets tasks go on until all have ended, and the host has moved what they left to it. @throws what ended one of them */
  driveAll(awaited?: Awaited): Waiting<void> {
    return this.drive(() => this.tasks === 0 && this.splices === 0, awaited);
  }

  /** The slots of who runs now and is no task, as a start function is; undefined: it is one, or nobody has any. */
  untold(): Slots | undefined {
    return this.current === undefined && this.slots.used ? this.slots.own : undefined;
  }

  /** What has run on top of another has returned. @param untold What that was when it began */
  leave(before: Running | undefined, untold: Slots | undefined): void {
    this.current = before;
    const slots = before ?? untold;
    if (slots !== undefined) this.slots.load(slots);
  }

  /** From now on its core code runs. */
  enter(task: Running | undefined): void {
    this.current = task;
    if (task !== undefined) this.slots.load(task);
  }
}

/** Whether the code of a task runs, and that of those beneath it. @throws EngineTrap if one of them may not wait */
function setInside(top: Running, is: boolean): void {
  for (let each: Running | undefined = top; each !== undefined; each = each.beneath) {
    if (!each.mayBlock) trap(SYNCHRONOUS);
    each.inside(is);
  }
}
