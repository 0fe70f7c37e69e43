import type { Poll } from "../../core/wait/poll.ts";
import type { Waiting } from "../../core/wait/waiting.ts";
import type { HandleBudget } from "../instance/handles.ts";
import { cannotEnter, type InstanceState } from "../instance/state.ts";
import { type Blockable, Frame, Frames, type StackEntry } from "./call-stack.ts";
import type { ContextSlots, Slots } from "./context-slots.ts";
import { HostCallers, type WaitGoal } from "./host-callers.ts";
import { HostOperations } from "./host-operations.ts";
import { type ReadyItem, ReadyQueue } from "./ready-queue.ts";
import type { SyncCall } from "./sync-call.ts";
import { itsTurn, Thread } from "./thread.ts";
import { ruleBroken, trap } from "./trap.ts";

/** How the tasks of a component are called and wait. */
export interface SchedulerOptions {
  /** Whether waits inside a guest suspend it (JSPI). If not, the thread sleeps. */
  readonly suspends: boolean;
  /** Whether components call async functions of one another. */
  readonly crossComponent: boolean;
  /** The aim of the host's waits that name none; "call" unless given. */
  readonly waitGoal?: WaitGoal | undefined;
  /** Whether a call that the scheduler does not see is on the stack (fused/code.ts). No task may wait until it has returned. */
  inFusedCall(): boolean;
  /** Called with the error that ended a guest, and with it all guests of the scheduler. */
  readonly ended?: ((error: unknown) => void) | undefined;
}

/** The number of turns between two looks at the host's operations. */
const TURNS = 64;
/** The most operations of the host that may be tried at once in a turn. */
const AT_ONCE = 128;

const SYNCHRONOUS = "cannot block a synchronous task before returning";

/**
 * Runs the tasks of a component and of those in it (CanonicalABI.md, `Store`): first come, first served. Ready are tasks,
 * and calls that wait inside a guest. All others wait for events of waitables. When nothing is ready, the scheduler waits for all
 * operations of the host that guests have begun, at once: it idles in this project's netpoll.
 */
export class Scheduler {
  readonly slots: ContextSlots;
  /** Counts the handles of all its instances, and objects that outlive their handles. */
  readonly budget: HandleBudget;
  readonly operations: HostOperations;
  /** Whether waits inside a guest suspend it (JSPI). If not, the thread sleeps. */
  readonly suspends: boolean;
  /** Whether components call async functions of one another. */
  readonly crossComponent: boolean;
  readonly #ready = new ReadyQueue();
  #turns = 0;
  /** The number of operations that were tried at once in this turn. */
  #atOnce = 0;
  /** The number of tasks. Some run on after they have returned. */
  tasks = 0;
  /** The number of streams that the host moves to itself. They continue after all tasks have ended. */
  relays = 0;
  /** The number of results that the host is to deliver by itself. */
  #expected = 0;
  /** Threads that are suspended until a function returns true. Nothing announces that. */
  readonly #waiting: Thread[] = [];
  /** Calls that must return before their callers continue, and whose threads may wait. Each is nested in the one before. */
  readonly #syncCalls: SyncCall[] = [];
  /** The number of suspendable calls into guests that run, or are suspended for something outside the scheduler. */
  #running = 0;
  readonly #callers = new HostCallers(this);
  readonly #frames = new Frames();
  /** The slots of a start function, while a call that it made is under way. */
  #starting: Slots | undefined;
  /** Whether nothing could run at the last attempt; `#wakeIdle` wakes those who wait for a change. */
  #stalled = false;
  #wakeIdle: () => void = () => {};
  /** The error that ended a guest. Nothing runs after it. */
  #failure: { readonly error: unknown } | undefined;
  /** The task or call whose core code runs, or ran last. */
  current: StackEntry | undefined;
  /** Whether core code is on the stack, as far as is known: suspended code may resume unseen. */
  coreOnStack = false;

  /** The aim of the host's waits that name none. */
  readonly #waitGoal: WaitGoal;
  readonly #ended: SchedulerOptions["ended"];
  readonly #inFusedCall: SchedulerOptions["inFusedCall"];

  constructor(poll: Poll, slots: ContextSlots, budget: HandleBudget, options: SchedulerOptions) {
    const { suspends, crossComponent, waitGoal = "call" } = options;
    this.#waitGoal = waitGoal;
    this.#ended = options.ended;
    this.#inFusedCall = options.inFusedCall;
    this.operations = new HostOperations(poll);
    this.slots = slots;
    this.suspends = suspends;
    this.crossComponent = crossComponent;
    this.budget = budget;
  }

  /** Makes a task, or other work, ready. */
  ready(item: ReadyItem): void {
    this.#ready.add(item);
    this.#wakeIdle();
    this.operations.wake();
  }

  /**
   * Whether an operation of the host may be tried at once, instead of in a later look: a guest whose peers are always ready would
   * run for ever.
   */
  mayTry(): boolean {
    const mustReturn = this.inSyncCall || (this.current !== undefined && this.blockable === undefined);
    return this.#atOnce++ < AT_ONCE || mustReturn;
  }

  /** Announces a result that the host will `deliver` by itself. That is possible while its event loop runs. */
  expect(): void {
    if (this.suspends) this.#expected++;
  }

  /** Ends an announcement of `expect`. */
  unexpect(): void {
    if (this.suspends) this.#expected--;
  }

  /** Does work that tells a guest of something, while no guest runs. What `work` throws ends the guest, not the caller. */
  deliver(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(error);
    }
    this.#wakeIdle();
    this.operations.wake();
  }

  /** Calls one of the two when a promise of the host settles. What they throw ends the guest. */
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

  /** The number of suspendable calls into guests that run. */
  get running(): number {
    return this.#running;
  }

  /** Counts a call into a guest. It runs until it ends or is suspended. */
  begins(): void {
    if (this.suspends) this.#running++;
  }

  ends(): void {
    if (this.suspends) this.#running--;
  }

  /** Calls one of the two when a call that was suspended ends. What they throw ends the guest. */
  suspended<T>(call: Promise<T>, then: (value: T) => void, failed: (error: unknown) => void): void {
    const end = (work: () => void) => {
      this.#running--;
      this.deliver(work);
      this.#runOthers();
    };
    call.then(
      (value) => end(() => then(value)),
      (error) => end(() => failed(error)),
    );
  }

  /** Whether nothing is under way in its guests, and nothing can start by itself. */
  get idle(): boolean {
    const guests = this.tasks + this.#running + this.#waiting.length;
    const host = this.relays + this.#expected;
    return guests + host === 0 && this.#ready.empty && !this.operations.some && this.#failure === undefined;
  }

  /** Records the error that ended a guest. No guest of the scheduler runs again. */
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

  /** Ends all guests and waits at once, for the host. */
  end(error: unknown): void {
    this.fail(error);
    this.#callers.end(error);
  }

  /**
   * Does work that enters a guest from outside: at once if neither guest code nor host code that it called is known to run,
   * otherwise in its turn.
   */
  entering<R>(work: () => Waiting<R>): Waiting<R> {
    if (!this.suspends || this.#failure !== undefined) return work();
    if (!this.isOccupied && !this.coreOnStack && !this.operations.advancing) return work();
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
      // No task runs in the midst of another.
      Promise.resolve()
        .then(() => this.drive(() => begun, "event"))
        .catch(reject);
    });
  }

  /** Checks that a call from outside may enter these instances. @throws EngineTrap if not, or if a guest was ended */
  checkEntry(entered: readonly InstanceState[]): void {
    this.checkRunning();
    if (this.operations.advancing) cannotEnter();
    // If guests can be suspended, it is not known yet whether an earlier call has returned, unless a guest makes this one.
    if (!this.suspends || this.coreOnStack) this.#checkInstances(entered);
  }

  /** Checks that a guest may call into these instances. @throws as `mayEnter` */
  checkCall(entered: readonly InstanceState[]): void {
    this.checkRunning();
    this.#checkInstances(entered);
  }

  /** @throws EngineTrap if a guest was ended */
  checkRunning(): void {
    if (this.#failure !== undefined) cannotEnter(this.#failure.error);
  }

  #checkInstances(entered: readonly InstanceState[]): void {
    for (let i = 0; i < entered.length; i++) if (!entered[i]!.mayEnter) cannotEnter();
  }

  /** Begins a task for the host: at once, unless a call into a guest has yet to return. */
  begin(task: ReadyItem): void {
    if (this.isOccupied) this.ready(task);
    else task.run();
  }

  /** Whether a call into a guest has yet to return: nothing else may run before that. */
  get isOccupied(): boolean {
    return this.#running > 0 || this.inSyncCall;
  }

  /** Lets tasks run until `done` returns true. The thread sleeps while none can. @throws the error that ended a guest */
  #run(done: () => boolean): void {
    while (!this.busy && !done()) {
      if (this.round() instanceof Promise) throw new Error("a promise where nothing can wait for it");
    }
  }

  /** Whether a call into a guest is under way. It may be suspended for something outside the scheduler. */
  get busy(): boolean {
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.isOccupied;
  }

  /** Runs the next task, or continues the operations of the host that can. @throws the error that ended a guest */
  round(): Waiting<void> {
    try {
      if (this.#waiting.length > 0) this.#wakeWaiting();
      return this.#turns < TURNS && this.#runNext() ? undefined : this.#look();
    } catch (error) {
      this.fail(error);
      throw this.#failure?.error;
    }
  }

  /** Makes the threads ready whose wait is over. */
  #wakeWaiting(): void {
    for (let i = 0; i < this.#waiting.length; i++) if (this.#waiting[i]!.canResume) this.ready(this.#waiting[i]!);
  }

  #runNext(): boolean {
    if (this.#ready.empty) return false;
    this.#turns++;
    this.#atOnce = 0;
    this.#stalled = false;
    return this.#ready.runNext();
  }

  /** Looks at the host's operations, or waits for them if nothing else can run. */
  #look(): Waiting<void> {
    this.#turns = 0;
    this.#atOnce = 0;
    if (!this.#ready.empty) return this.operations.look();
    if (this.operations.some || this.#expected > 0) return this.operations.wait();
    if (this.suspends && !this.#callers.calls) return this.#untilWoken();
    // Nothing can run, unless the host is about to do something.
    const turn = this.#stalled ? undefined : this.operations.turn();
    if (turn === undefined) trap("deadlock detected: event loop cannot make further progress");
    this.#stalled = true;
    return this.#untilWoken(turn);
  }

  /** Resolves when something can run, or with `turn`. */
  #untilWoken(turn?: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wakeIdle = resolve;
      turn?.then(resolve, reject);
    });
  }

  /**
   * The task whose core code runs, if it may wait there. Undefined in a call that must return first, and in a start function, which
   * belongs to no task.
   */
  get blockable(): Blockable | undefined {
    const { current } = this;
    // Fused calls are not made to code that may be suspended.
    return current?.mayBlock === true && (this.suspends || !this.#inFusedCall()) ? current : undefined;
  }

  /** The thread whose core code runs, if it can be suspended. */
  get #thread(): Thread | undefined {
    return this.current instanceof Thread ? this.current : undefined;
  }

  /** Waits inside a guest until `done` returns true. Then the task continues. */
  wait(done: () => boolean): Waiting<void> {
    if (done()) return undefined;
    if (this.suspends) return this.suspend(this.#thread ?? trap(SYNCHRONOUS), done);
    const { blockable } = this;
    if (blockable === undefined) trap(SYNCHRONOUS);
    return this.#waitOnTop(blockable, done);
  }

  /** `thread.yield` in code of that instance: lets others run. */
  yield(state: InstanceState): Waiting<void> {
    if (this.suspends) return this.#thread && this.suspend(this.#thread, itsTurn);
    const { blockable, current } = this;
    if (blockable === undefined) {
      // A task may not wait in a call that must return, unless a fused call made it: then nothing yields.
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
    // Those beneath wait, too, each for the one above it.
    markAllEntered(current, false);
    this.current = undefined;
    this.#run(done);
    markAllEntered(current, true);
    this.enter(current);
  }

  /**
   * Suspends a thread whose code runs.
   *
   * @param until Its condition; undefined: another thread resumes it
   * @param next The thread that runs in its place at once: one that is suspended, or waits and can run
   * @returns The promise that its code is suspended for
   */
  suspend(thread: Thread, until: (() => boolean) | undefined, next?: Thread): Promise<void> {
    const suspended = thread.suspend(until);
    if (until === itsTurn) this.ready(thread);
    else if (until !== undefined) this.#waiting.push(thread);
    // Others run when this one has left the stack.
    if (next === undefined) {
      this.#running--;
      thread.returnToResumer();
      queueMicrotask(this.#runOthers);
    } else {
      thread.handOver(next);
      queueMicrotask(() => this.#switch(thread, next));
    }
    return suspended.then(() => this.enter(thread));
  }

  #switch(thread: Thread, next: Thread): void {
    const looked = this.#lookSometimes();
    const resume = () => {
      if (this.#failure === undefined) next.takeOver(thread);
      else {
        thread.failHandOver(this.#failure.error);
        this.#runOthers();
      }
    };
    if (looked === undefined) resume();
    else this.#afterLook(looked, resume);
  }

  /** Counts a thread that resumes. */
  resumed(): void {
    this.#running++;
  }

  /** Takes a thread out of the queue, as it runs before its turn. */
  unready(thread: Thread): void {
    this.#ready.take((item) => item === thread);
  }

  /** Ends the wait of a thread for a condition that nothing announces. */
  unwait(thread: Thread): void {
    this.#waiting.splice(this.#waiting.indexOf(thread), 1);
  }

  /** Lets others run. Called when a call into a guest has ended, or waits. */
  readonly #runOthers = (): void => {
    const call = this.#syncCalls.at(-1);
    if (call === undefined || this.#failure !== undefined) this.#callers.runRounds();
    else if (this.#running === call.running) this.#runWithin(call);
  };

  /** Runs a thread that may run before a call has returned. If there is none, the call traps. */
  #runWithin(call: SyncCall): void {
    if (call.hasReturned) {
      this.#syncCalls.pop();
      call.leave();
      queueMicrotask(this.#runOthers);
      return;
    }
    const looked = this.#lookSometimes();
    if (looked !== undefined) {
      this.#afterLook(looked, this.#runOthers);
      return;
    }
    if (this.#failure !== undefined) {
      this.#runOthers();
      return;
    }
    this.#wakeWaiting();
    // A thread that needs exclusivity must not run in the midst of a call without it.
    const thread = this.#ready.take(
      (item) => item instanceof Thread && item.instance === call.instance && !item.exclusive && item.canResume,
    );
    if (thread instanceof Thread) thread.resumeInside();
    else {
      // Its core code resumes to its end. Those beneath must not continue before that end is known to have ended all.
      this.resumed();
      call.abort(ruleBroken(SYNCHRONOUS));
    }
  }

  /** Looks at the host's operations once in a while: threads that switch directly to one another take no turns. */
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

  #afterLook(looked: Promise<void>, resume: () => void): void {
    looked.catch((error) => this.fail(error)).then(resume);
  }

  /** Whether a call is under way that must return before its caller continues, and whose threads may wait. */
  get inSyncCall(): boolean {
    return this.#syncCalls.length > 0;
  }

  /**
   * Calls a guest's function that must return before it may wait, with context slots of its own.
   *
   * @param failed Called with its rejection
   */
  callInFrame<R>(call: () => Waiting<R>, failed: (error: unknown) => void): Waiting<R> {
    const before = this.current;
    const result = this.#callIn(new Frame(before), before, call);
    if (!(result instanceof Promise)) return result;
    const returned = result.finally(() => this.enter(before));
    this.suspended(returned, () => {}, failed);
    return returned;
  }

  /** As `callInFrame`, for a call that may wait as long as other threads of its instance can run. */
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

  #callIn<R>(frame: StackEntry, before: StackEntry | undefined, call: () => Waiting<R>): Waiting<R> {
    const outerSlots = this.slotsOutsideTasks();
    const { coreOnStack } = this;
    this.enter(frame);
    this.coreOnStack = true;
    this.begins();
    let result: Waiting<R> | undefined;
    try {
      result = call();
      return result;
    } finally {
      this.coreOnStack = coreOnStack;
      if (!(result instanceof Promise)) {
        this.ends();
        this.leave(before, outerSlots);
      }
    }
  }

  #endSyncCall(call: SyncCall): void {
    this.#syncCalls.splice(this.#syncCalls.indexOf(call), 1);
    call.end();
  }

  /**
   * Begins a call by another component that cannot be suspended, as `callInFrame`. The caller checks whether the instance may be
   * entered.
   *
   * @returns The task or call whose code ran until then
   * @throws EngineTrap if the guest was ended
   */
  beginFrame(): StackEntry | undefined {
    this.checkRunning();
    const { current } = this;
    if (current === undefined) {
      this.#starting = this.slotsOutsideTasks();
      this.enter(new Frame(undefined));
    } else this.enter(this.#frames.push(current));
    return current;
  }

  /** Ends a call of `beginFrame` that has returned. It is not called after a trap: then nothing is left to run. */
  endFrame(before: StackEntry | undefined): void {
    if (before !== undefined) this.#frames.pop();
    this.leave(before, this.#starting);
  }

  /** Returns the function with context slots of its own, for `cabi_realloc`, which is called in the midst of other calls. */
  withOwnSlots<Args extends unknown[], R>(func: (...args: Args) => R): (...args: Args) => R {
    return (...args) => {
      const before = this.slots.loaded;
      if (before === undefined || !this.slots.used) return func(...args);
      this.slots.load({ slot0: 0, slot1: 0 });
      const result = func(...args);
      this.slots.load(before);
      return result;
    };
  }

  /** Continues the host's operations that can, when a guest polls for events. */
  peek(): void {
    this.#atOnce = 0;
    this.operations.peek();
  }

  /**
   * Lets tasks run, from outside of them, until `done` returns true.
   *
   * @throws the error that ended a guest; EngineTrap, which ends all, if nothing can run while the end of a call is awaited
   */
  drive(done: () => boolean, goal: WaitGoal = this.#waitGoal): Waiting<void> {
    if (!this.suspends) return this.#run(done);
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    this.#wakeIdle();
    this.operations.wake();
    return this.#callers.wait(done, goal);
  }

  /**
   * Lets tasks run until all have ended, and the host has moved the streams that they left.
   *
   * @throws the error that ended a guest
   */
  driveAll(goal?: WaitGoal): Waiting<void> {
    return this.drive(() => this.tasks === 0 && this.relays === 0, goal);
  }

  /** The slots of code that runs outside of any task, as a start function does; undefined if a task runs, or slots are not used. */
  slotsOutsideTasks(): Slots | undefined {
    return this.current === undefined && this.slots.used ? this.slots.own : undefined;
  }

  /** Returns to the task or call beneath. @param outerSlots The slots of `slotsOutsideTasks()` when the call began */
  leave(before: StackEntry | undefined, outerSlots: Slots | undefined): void {
    this.current = before;
    const slots = before ?? outerSlots;
    if (slots !== undefined) this.slots.load(slots);
  }

  /** Makes a task or call the current one. */
  enter(task: StackEntry | undefined): void {
    this.current = task;
    if (task !== undefined) this.slots.load(task);
  }
}

/** Marks a task and those beneath it as running or not. @throws EngineTrap if one of them may not wait */
function markAllEntered(top: StackEntry, is: boolean): void {
  for (let each: StackEntry | undefined = top; each !== undefined; each = each.beneath) {
    if (!each.mayBlock) trap(SYNCHRONOUS);
    each.markEntered(is);
  }
}
