/**
 * What a composition may do, told again for a test: tasks, subtasks, waitables and streams, as CanonicalABI.md and its definitions.py
 * have them. Where these leave a choice, of who goes on, `choose` makes it. Nothing of it is Pollux's.
 *
 * Three rules are Pollux's own: a task that was asked to end is woken for that as soon as nobody is in its way, an async call may
 * first give a turn to one that is in the callee's way and can go on, and one that goes on after it has waited outside has had the
 * others' turns in between.
 */
import type { Program, Step } from "./program.ts";
import { type Func, functionsOf, type Shape } from "./shape.ts";

export class ModelTrap extends Error {}

function trapIf(condition: boolean, why: string): void {
  if (condition) throw new ModelTrap(why);
}

const BLOCKED = 0xffff_ffff;
const [COMPLETED, DROPPED, CANCELLED] = [0, 1, 2];
const [STARTING, STARTED, RETURNED, CANCELLED_BEFORE_STARTED, CANCELLED_BEFORE_RETURNED] = [0, 1, 2, 3, 4];
const [NONE, SUBTASK, STREAM_READ, STREAM_WRITE, TASK_CANCELLED] = [0, 1, 2, 3, 6];

/** A thread waits until that holds. It goes on with whether it was cancelled. */
interface Wait {
  readonly ready: () => boolean;
  readonly cancellable: boolean;
}

type Code<T> = Generator<Wait, T, boolean>;

class Thread {
  readonly task: Task;
  readonly #code: Code<void>;
  wait: Wait | undefined;
  /** How often it has gone on. */
  turns = 0;

  constructor(task: Task, code: Code<void>) {
    this.task = task;
    this.#code = code;
  }

  /** Returns when it waits, or has ended. */
  resume(store: Store, cancelled = false): void {
    this.wait = undefined;
    this.turns++;
    store.waiting.delete(this);
    const step = this.#code.next(cancelled);
    if (step.done === true) return;
    this.wait = step.value;
    store.waiting.add(this);
  }
}

class Instance {
  backpressure = 0;
  waitingToEnter = 0;
  exclusive: Thread | undefined;
}

type TaskState = "initial" | "started" | "pending-cancel" | "cancel-delivered" | "resolved";

interface Task {
  readonly func: Func;
  readonly instance: Instance;
  state: TaskState;
  thread: Thread | undefined;
  /** Undefined: it was cancelled. */
  readonly resolve: (value: number | undefined) => void;
}

abstract class Waitable {
  pending: (() => readonly [code: number, payload: number]) | undefined;
  set: WaitableSet | undefined;

  take(): readonly [code: number, payload: number] {
    const { pending } = this;
    this.pending = undefined;
    if (pending === undefined) throw new Error("no event");
    return pending();
  }

  join(set: WaitableSet | undefined): void {
    this.set?.members.delete(this);
    this.set = set;
    set?.members.add(this);
  }
}

class WaitableSet {
  readonly members = new Set<Waitable>();

  ready(): Waitable[] {
    return [...this.members].filter(({ pending }) => pending !== undefined);
  }
}

class Subtask extends Waitable {
  state: number = STARTING!;
  told = false;
  asked = false;
  /** Whether its caller has a handle on it. */
  added = false;
  result = 0;
  task: Task | undefined;

  get resolved(): boolean {
    return this.state >= RETURNED!;
  }

  progress(state: number): void {
    this.state = state;
    if (this.added)
      this.pending = () => {
        if (this.resolved) this.told = true;
        return [SUBTASK!, this.state];
      };
  }
}

/** A copy that waits for the other end. */
interface Pending {
  readonly end: End;
  readonly length: number;
  progress: number;
}

class Stream {
  dropped = false;
  pending: Pending | undefined;
  /** The host's: it has ended, and tells who asks for a byte. */
  readonly isHosts: boolean;

  constructor(isHosts = false) {
    this.isHosts = isHosts;
  }

  #done(copy: Pending, result: number): void {
    if (this.pending === copy) this.pending = undefined;
    copy.end.finish(copy, result);
  }

  copy(mine: Pending): void {
    const { pending } = this;
    if (this.isHosts && !this.dropped && mine.length === 0) mine.end.finish(mine, COMPLETED!);
    else if (this.isHosts || this.dropped) {
      this.dropped = true;
      mine.end.finish(mine, DROPPED!);
    } else if (pending === undefined) this.pending = mine;
    else if (pending.length > pending.progress) {
      if (mine.length > 0) {
        const count = Math.min(mine.length, pending.length - pending.progress);
        pending.progress += count;
        mine.progress += count;
        // more may be added until its end hears of it
        pending.end.finish(pending, COMPLETED!, () => {
          if (this.pending === pending) this.pending = undefined;
        });
      }
      mine.end.finish(mine, COMPLETED!);
    } else if (mine.end.way === "write" && mine.length === 0 && pending.length === 0) {
      mine.end.finish(mine, COMPLETED!);
    } else {
      this.#done(pending, COMPLETED!);
      this.pending = mine;
    }
  }

  cancel(): void {
    if (this.pending !== undefined) this.#done(this.pending, CANCELLED!);
  }

  drop(): void {
    if (this.dropped) return;
    this.dropped = true;
    if (this.pending !== undefined) this.#done(this.pending, DROPPED!);
  }
}

class End extends Waitable {
  readonly stream: Stream;
  readonly way: "read" | "write";
  state: "idle" | "copying" | "done" = "idle";
  #copy: Pending | undefined;
  #result = COMPLETED!;

  constructor(stream: Stream, way: "read" | "write") {
    super();
    this.stream = stream;
    this.way = way;
  }

  finish(copy: Pending, result: number, reclaim = () => {}): void {
    this.#copy = copy;
    this.#result = result;
    this.pending = () => {
      reclaim();
      this.state = this.#result === DROPPED ? "done" : "idle";
      return [this.way === "read" ? STREAM_READ! : STREAM_WRITE!, this.#result | (copy.progress << 4)];
    };
  }

  /** What has completed was cancelled nevertheless (component-model#719). */
  cancel(): void {
    if (this.#copy === undefined || this.pending === undefined) this.stream.cancel();
    else if (this.#result === COMPLETED) this.#result = CANCELLED!;
  }
}

/** What is seen of a composition, in its order: tasks that begin, and what they say. */
export type Observed = string;

export interface Choices {
  /** One of so many ways to go on. */
  choose(ways: number): number;
  /** Something is seen. @throws what ends the search here */
  see(observed: Observed): void;
}

class Store {
  readonly waiting = new Set<Thread>();
}

/** What a task has: its stream, subtasks and ends by their slots, and a set of those that wait. */
interface Frame {
  readonly id: number;
  readonly set: WaitableSet;
  readonly slots: (Subtask | End | undefined)[];
  readonly results: number[];
  cancelled: boolean;
}

/** How it ended: a value, "trap", or "stuck", when nobody can go on; and then what is left of its tasks. */
export type Outcome = string;

export class Model {
  readonly #program: Program;
  readonly #funcs: readonly Func[];
  readonly #choices: Choices;
  readonly #instances: readonly Instance[];
  readonly #store = new Store();
  /** Whether stacks are switched: else async lifts without callback are exclusive, too. */
  readonly #switches: boolean;
  #tasks = 0;

  constructor(shape: Shape, program: Program, choices: Choices, switches: boolean) {
    this.#program = program;
    this.#funcs = functionsOf(shape);
    this.#choices = choices;
    this.#switches = switches;
    this.#instances = shape.map(() => new Instance());
  }

  run(): Outcome {
    const { entry } = this.#program;
    let result: number | undefined;
    let outcome: Outcome;
    try {
      if (this.#funcs[entry]!.lift === "plain") {
        outcome = `${this.#plain(this.#funcs[entry]!)}`;
      } else {
        const stream = new End(new Stream(true), "read");
        this.#start(
          entry,
          () => stream,
          (value) => {
            result = value;
          },
        );
        outcome = this.#tick(() => result !== undefined && this.#isFree()) ? `${result}` : "stuck";
      }
    } catch (error) {
      if (!(error instanceof ModelTrap)) throw error;
      return "trap";
    }
    if (outcome === "stuck") return outcome;
    try {
      return `${outcome}, ${this.#tick(() => this.#store.waiting.size === 0) ? "all over" : "stuck"}`;
    } catch (error) {
      if (!(error instanceof ModelTrap)) throw error;
      return `${outcome}, trap`;
    }
  }

  /** Lets threads go on. Returns whether that brought `done` about. */
  #tick(done: () => boolean): boolean {
    while (!done()) {
      const ready = [...this.#store.waiting].filter(({ wait }) => wait!.ready());
      if (ready.length === 0) return false;
      ready[this.#choices.choose(ready.length)]!.resume(this.#store);
    }
    return true;
  }

  /** On one stack the host goes on when nobody is on it. */
  #isFree(): boolean {
    return this.#switches || [...this.#store.waiting].every(({ wait }) => wait!.cancellable);
  }

  #isExclusive({ lift }: Func): boolean {
    return lift !== "stackful" || !this.#switches;
  }

  /** `canon_lift` of an async function. Returns what cancels the task. */
  #start(which: number, start: () => End, resolve: (value: number | undefined) => void): Task {
    const func = this.#funcs[which]!;
    const task: Task = {
      func,
      instance: this.#instances[func.component]!,
      state: "initial",
      thread: undefined,
      resolve,
    };
    const thread = new Thread(task, this.#thread(task, which, start));
    task.thread = thread;
    thread.resume(this.#store);
    return task;
  }

  *#thread(task: Task, which: number, start: () => End): Code<void> {
    const { instance, func } = task;
    const exclusive = this.#isExclusive(func);
    const refused = () => instance.backpressure > 0 || (exclusive && instance.exclusive !== undefined);
    if (refused() || instance.waitingToEnter > 0) {
      instance.waitingToEnter++;
      const cancelled = yield { ready: () => !refused(), cancellable: true };
      instance.waitingToEnter--;
      if (cancelled) {
        this.#resolve(task, undefined);
        return;
      }
    }
    if (exclusive) instance.exclusive = task.thread;
    task.state = "started";
    const frame = this.#frame(which, start());
    const code = this.#code(task, frame, which);
    for (;;) {
      const [ended, value] = yield* code();
      if (func.lift === "sync") this.#resolve(task, value);
      if (ended === "end") break;
      // it waits outside
      instance.exclusive = undefined;
      yield* this.#outside(task, ended === "wait-outside" ? frame.set : undefined, frame);
    }
    trapIf(!isResolved(task), "no result");
    if (exclusive) instance.exclusive = undefined;
  }

  *#outside(task: Task, set: WaitableSet | undefined, frame: Frame): Code<void> {
    const { instance } = task;
    const event = () => task.state === "pending-cancel" || set === undefined || set.ready().length > 0;
    const cancelled = yield { ready: () => instance.exclusive === undefined && event(), cancellable: true };
    instance.exclusive = task.thread;
    if (cancelled || task.state === "pending-cancel") {
      task.state = "cancel-delivered";
      frame.cancelled = true;
      this.#say(frame, TASK_CANCELLED!);
      this.#say(frame, 0);
      return;
    }
    this.#sayEvent(frame, set);
  }

  #sayEvent(frame: Frame, set: WaitableSet | undefined): void {
    const ready = set?.ready() ?? [];
    const [code, payload] = ready.length === 0 ? [NONE!, 0] : ready[this.#choices.choose(ready.length)]!.take();
    this.#say(frame, code!);
    this.#say(frame, payload!);
  }

  #frame(which: number, stream: End | undefined): Frame {
    const id = this.#tasks++;
    this.#choices.see(`begin ${which}`);
    return { id, set: new WaitableSet(), slots: [stream], results: [], cancelled: false };
  }

  #say(frame: Frame, value: number): void {
    this.#choices.see(`${frame.id}: ${value >>> 0}`);
  }

  #resolve(task: Task, value: number | undefined): void {
    trapIf(task.state === "resolved", "more than once");
    task.state = "resolved";
    task.resolve(value);
  }

  /** A function of no async type: nothing may wait in it. */
  #plain({ index: which }: Func): number {
    const frame = this.#frame(which, undefined);
    const step = this.#code(undefined, frame, which)().next(false);
    if (step.done !== true) throw new ModelTrap("cannot block");
    return step.value[1];
  }

  /** What a core function does, from where the one before has ended; returns how it has ended, and its value. */
  #code(task: Task | undefined, frame: Frame, which: number): () => Code<readonly [string, number]> {
    const steps = this.#program.bodies[which]!;
    const instance = this.#instances[this.#funcs[which]!.component]!;
    let next = 0;
    const go = (step: Step) => this.#step(task, instance, frame, step);
    return function* () {
      for (;;) {
        const step = steps[next++]!;
        const { operation, by } = step;
        if (operation === "end" || operation.endsWith("-outside")) return [operation, by] as const;
        yield* go(step);
      }
    };
  }

  *#step(task: Task | undefined, instance: Instance, frame: Frame, { operation, slot, by }: Step): Code<void> {
    const held = frame.slots[slot];
    const subtask = held instanceof Subtask ? held : undefined;
    const end = held instanceof End ? held : undefined;
    switch (operation) {
      case "call": {
        const made = this.#call(frame, slot, by, true);
        yield* this.#makeWay(task, made);
        this.#say(frame, made.state);
        if (made.resolved) {
          made.told = true;
          frame.slots[slot] = undefined;
        } else {
          made.added = true;
          frame.slots[slot] = made;
          made.join(frame.set);
        }
        return;
      }
      case "call-sync": {
        const made = this.#call(frame, slot, by, false);
        if (!made.resolved) yield* this.#wait(() => made.resolved);
        made.told = true;
        this.#say(frame, made.result);
        return;
      }
      case "call-plain":
        this.#say(frame, this.#plain(this.#funcs[by]!));
        return;
      case "wait":
        yield* this.#wait(() => frame.set.ready().length > 0);
        this.#sayEvent(frame, frame.set);
        return;
      case "yield":
        // of no async type, it is the only one that may go on
        if (task !== undefined) yield { ready: () => true, cancellable: false };
        return;
      case "return":
        if (task === undefined) throw new Error("a function that returns its result");
        if (frame.cancelled) {
          trapIf(task.state !== "cancel-delivered", "not cancelled");
          this.#resolve(task, undefined);
        } else this.#resolve(task, by);
        return;
      case "cancel":
      case "cancel-sync":
        if (subtask !== undefined) yield* this.#cancel(frame, subtask, operation === "cancel");
        return;
      case "drop":
        if (subtask === undefined) return;
        trapIf(!subtask.told, "not resolved");
        subtask.join(undefined);
        frame.slots[slot] = undefined;
        return;
      case "result":
        this.#say(frame, frame.results[slot] ?? 0);
        return;
      case "press":
        instance.backpressure++;
        return;
      case "release":
        trapIf(instance.backpressure === 0, "below 0");
        instance.backpressure--;
        return;
      case "read":
      case "write":
      case "read-sync":
      case "write-sync": {
        if (end === undefined) return;
        const sync = operation.endsWith("-sync");
        if (sync) end.join(undefined);
        trapIf(end.state !== "idle", "busy, or done");
        end.state = "copying";
        end.stream.copy({ end, length: by, progress: 0 });
        if (end.pending === undefined && sync) yield* this.#wait(() => end.pending !== undefined);
        const [, packed] = end.pending === undefined ? [0, BLOCKED] : end.take();
        this.#say(frame, packed!);
        if (packed === BLOCKED) end.join(frame.set);
        return;
      }
      case "cancel-read":
      case "cancel-write":
        if (end === undefined) return;
        end.join(undefined);
        trapIf(end.state !== "copying", "nothing to cancel");
        end.cancel();
        this.#say(frame, end.take()[1]!);
        return;
      case "drop-readable":
      case "drop-writable":
        if (end === undefined) return;
        trapIf(end.state === "copying", "busy");
        end.join(undefined);
        end.stream.drop();
        frame.slots[slot] = undefined;
        return;
      default:
        throw new Error(`no step: ${operation}`);
    }
  }

  /** Inside, where nobody is told that it was cancelled. What is there already may be gone on with at once. */
  *#wait(ready: () => boolean): Code<void> {
    if (!ready() || this.#choices.choose(2) === 1) yield { ready, cancellable: false };
  }

  /** `canon_lower`: a call with a new stream, whose writable end stays. */
  #call(frame: Frame, slot: number, which: number, isAsync: boolean): Subtask {
    const stream = new Stream();
    frame.slots[slot + 4] = new End(stream, "write");
    const subtask = new Subtask();
    const start = () => {
      subtask.progress(STARTED!);
      return new End(stream, "read");
    };
    subtask.task = this.#start(which, start, (value) => {
      if (value !== undefined) subtask.result = value;
      if (value !== undefined && isAsync) frame.results[slot] = value;
      subtask.progress(
        value !== undefined
          ? RETURNED!
          : subtask.state === STARTING
            ? CANCELLED_BEFORE_STARTED!
            : CANCELLED_BEFORE_RETURNED!,
      );
    });
    return subtask;
  }

  /** Pollux's own: who is in the callee's way, and can go on, may have a turn before the call returns. */
  *#makeWay(task: Task | undefined, { state, task: callee }: Subtask): Code<void> {
    const holder = callee?.instance.exclusive;
    if (!this.#switches || state !== STARTING || task === undefined || holder?.wait?.ready() !== true) return;
    const { turns } = holder;
    yield* this.#wait(
      () => callee?.state !== "initial" || callee.instance.exclusive !== holder || holder.turns !== turns,
    );
  }

  *#cancel(frame: Frame, subtask: Subtask, isAsync: boolean): Code<void> {
    subtask.join(undefined);
    trapIf(subtask.told || subtask.asked, "told, or asked already");
    subtask.asked = true;
    if (!subtask.resolved) {
      this.#requestCancellation(subtask.task!);
      if (!subtask.resolved && !isAsync) yield* this.#wait(() => subtask.resolved);
    }
    if (subtask.resolved) this.#say(frame, subtask.take()[1]!);
    else {
      this.#say(frame, BLOCKED);
      subtask.join(frame.set);
    }
  }

  #requestCancellation(task: Task): void {
    const { instance, thread } = task;
    if (task.state === "initial") {
      task.state = "cancel-delivered";
      thread!.resume(this.#store, true);
    } else if (task.state === "started") {
      task.state = "pending-cancel";
      // it waits outside, and nobody is in its way
      if (thread!.wait?.cancellable === true && instance.exclusive === undefined) thread!.resume(this.#store, true);
    }
  }
}

function isResolved({ state }: Task): boolean {
  return state === "resolved";
}
