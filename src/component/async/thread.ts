import { type InstanceState, throwOut } from "../instance/state.ts";
import type { Turn } from "./ready-queue.ts";
import type { OnStack, Running } from "./running.ts";

/** The number of resources that a thread counts as: in wasmtime itself, and a waitable set for its calls. */
export const THREAD_ENTRIES = 2;

/** The state of a thread. */
type Where =
  /** None of its core code is on a stack: it has not started, or its task has returned to wait. */
  | "between"
  /** Its core code runs, or waits for something outside the scheduler. */
  | "running"
  /** Its core code is suspended. It resumes in its turn once its condition holds. */
  | "waiting"
  /** Its core code is suspended, or has not started, until another thread resumes it. */
  | "suspended"
  | "over";

/** The functions that settle a promise. */
export interface Settle {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Core code that is suspended. */
interface Aside extends Settle {
  /** The condition that it waits for. */
  readonly until: () => boolean;
  /** Whether another thread is about to run in its place. */
  handsOver: boolean;
}

/** The condition of a thread that only yields to others. */
export const itsTurn = () => true;

/** An instance as its threads see it (instance-tasks.ts, scheduler.ts). */
export interface Home {
  readonly scheduler: {
    tasks: number;
    ready(turn: Turn): void;
    resumed(): void;
    unready(thread: Thread): void;
    unwait(thread: Thread): void;
    fail(error: unknown): void;
  };
  /** The instance and its ancestors. A thread that resumes by itself enters them. */
  readonly lineage: readonly InstanceState[];
  addThread(thread: Thread): void;
  removeThread(thread: Thread): void;
}

/** The call that threads belong to. */
export interface Owner {
  /** The number of its explicit threads that have not ended. */
  threads: number;
  /** Called when one of them has ended. */
  threadEnded(): void;
}

const none: readonly InstanceState[] = [];

/**
 * Code of a guest that runs, waits and resumes (CanonicalABI.md, `Thread`).
 *
 * It is started or resumed by the scheduler, or by a call that is on the stack. That one continues when the thread waits or ends;
 * if the thread hands over to another, when that one does.
 */
export abstract class Thread implements OnStack, Turn {
  readonly instance: Home;
  /** Its index in the instance's table of threads; 0 if it is in none. */
  index = 0;
  slot0 = 0;
  slot1 = 0;
  beneath: Running | undefined;
  /** The number of times that it has resumed. */
  turns = 0;
  /** Managed by the scheduler. */
  nextReady: Turn | undefined;
  queued = false;
  protected where: Where = "between";
  /** The instances that it has entered while it runs. */
  protected entered = none;
  /** Settles the wait of the one that resumed it, when it waits or ends. */
  protected stops: Settle | undefined;
  #aside: Aside | undefined;

  constructor(instance: Home) {
    this.instance = instance;
  }

  abstract readonly mayBlock: boolean;
  abstract readonly owner: Owner;
  /** Whether no other exclusive thread of the instance may run while its core code is on a stack. */
  abstract readonly exclusive: boolean;
  /** Runs in its turn. */
  abstract run(): void;

  get isSuspended(): boolean {
    return this.where === "suspended";
  }

  /** Whether it is suspended and only waits for its turn. */
  get canGoOn(): boolean {
    return this.where === "waiting" && (this.#aside === undefined || this.#aside.until());
  }

  /** Whether the one that resumed it still waits for it, or for a thread in its place. */
  protected get isUnderWay(): boolean {
    return this.where === "running" || this.#aside?.handsOver === true;
  }

  inside(is: boolean): void {
    const { entered } = this;
    for (let i = 0; i < entered.length; i++) entered[i]!.mayEnter = !is;
  }

  /**
   * Suspends its core code, which runs.
   *
   * @param until Its condition; undefined: another thread resumes it
   * @returns The promise that its code is suspended for
   */
  park(until: (() => boolean) | undefined): Promise<void> {
    this.where = until === undefined ? "suspended" : "waiting";
    return new Promise<void>((resolve, reject) => {
      this.#aside = { until: until ?? itsTurn, handsOver: false, resolve, reject };
    });
  }

  /** Lets the one that resumed it continue, as it waits or has ended. */
  giveUp(): void {
    this.inside(false);
    this.entered = none;
    this.beneath = undefined;
    this.stopped();
  }

  protected stopped(): void {
    const { stops } = this;
    this.stops = undefined;
    stops?.resolve();
  }

  /** Hands over to another waiting thread, which runs in its place as soon as its core code has left the stack. */
  handOver(next: Thread): void {
    if (this.#aside !== undefined) this.#aside.handsOver = true;
    if (next.queued) this.instance.scheduler.unready(next);
    next.#leaveAside();
  }

  /** Fails the one that waits for a handover, as everything has ended instead. */
  handedOverInVain(error: unknown): void {
    this.stops?.reject(error);
  }

  takeOver(from: Thread): void {
    this.entered = from.entered;
    this.beneath = from.beneath;
    this.stops = from.stops;
    if (from.#aside !== undefined) from.#aside.handsOver = false;
    from.entered = none;
    from.beneath = undefined;
    from.stops = undefined;
    this.#goOn();
  }

  /** `thread.resume-later` */
  resumeLater(): void {
    this.where = "waiting";
    this.instance.scheduler.ready(this);
  }

  /** Resumes it in its turn, unless its condition no longer holds. */
  resume(entered = this.instance.lineage): void {
    if (!this.canGoOn) return;
    this.#leaveAside();
    this.entered = entered;
    this.instance.scheduler.resumed();
    this.#goOn();
  }

  /** As `resume`, within a call that has entered its instance. */
  resumeInside(): void {
    this.resume(none);
  }

  #leaveAside(): void {
    if (this.#aside !== undefined && this.#aside.until !== itsTurn) this.instance.scheduler.unwait(this);
    this.where = "running";
  }

  #goOn(): void {
    this.turns++;
    this.inside(true);
    const aside = this.#aside;
    this.#aside = undefined;
    if (aside === undefined) this.begin();
    else aside.resolve();
  }

  /** Starts its core code. It counts as running already. */
  protected begin(): void {}

  /** Ends its suspended core code with an error, as its condition will never hold. */
  abort(error: unknown): void {
    const aside = this.#aside;
    this.#aside = undefined;
    aside?.reject(error);
  }

  /** Handles an exception that came out of its core code: it ends all guests. @throws the same error */
  protected fail(thrown: unknown): never {
    try {
      throwOut(thrown);
    } catch (error) {
      this.instance.scheduler.fail(error);
      this.stops?.reject(error);
      throw error;
    }
  }
}
