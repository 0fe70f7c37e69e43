import { type InstanceState, throwOut } from "../instance/state.ts";
import type { OnStack, StackEntry } from "./call-stack.ts";
import type { ReadyItem } from "./ready-queue.ts";

/** The number of resources that a thread counts as: in wasmtime itself, and a waitable set for its calls. */
export const THREAD_RESOURCE_WEIGHT = 2;

/** The state of a thread. */
type Where =
  /** None of its core code is on a stack: it has not started, or its task has returned to wait. */
  | "off-stack"
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
interface SuspendedCode extends Settle {
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
    ready(item: ReadyItem): void;
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
export abstract class Thread implements OnStack, ReadyItem {
  readonly instance: Home;
  /** Its index in the instance's table of threads; 0 if it is in none. */
  index = 0;
  slot0 = 0;
  slot1 = 0;
  beneath: StackEntry | undefined;
  /** The number of times that it has resumed. */
  resumes = 0;
  /** Managed by the scheduler. */
  nextReady: ReadyItem | undefined;
  queued = false;
  protected where: Where = "off-stack";
  /** The instances that it has entered while it runs. */
  protected entered = none;
  /** Settles the wait of the one that resumed it, when it waits or ends. */
  protected resumer: Settle | undefined;
  #suspendedCode: SuspendedCode | undefined;

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
  get canResume(): boolean {
    return this.where === "waiting" && (this.#suspendedCode === undefined || this.#suspendedCode.until());
  }

  /** Whether the one that resumed it still waits for it, or for a thread in its place. */
  protected get isUnderWay(): boolean {
    return this.where === "running" || this.#suspendedCode?.handsOver === true;
  }

  markEntered(is: boolean): void {
    const { entered } = this;
    for (let i = 0; i < entered.length; i++) entered[i]!.mayEnter = !is;
  }

  /**
   * Suspends its core code, which runs.
   *
   * @param until Its condition; undefined: another thread resumes it
   * @returns The promise that its code is suspended for
   */
  suspend(until: (() => boolean) | undefined): Promise<void> {
    this.where = until === undefined ? "suspended" : "waiting";
    return new Promise<void>((resolve, reject) => {
      this.#suspendedCode = { until: until ?? itsTurn, handsOver: false, resolve, reject };
    });
  }

  /** Lets the one that resumed it continue, as it waits or has ended. */
  returnToResumer(): void {
    this.markEntered(false);
    this.entered = none;
    this.beneath = undefined;
    this.settleResumer();
  }

  protected settleResumer(): void {
    const { resumer } = this;
    this.resumer = undefined;
    resumer?.resolve();
  }

  /** Hands over to another waiting thread, which runs in its place as soon as its core code has left the stack. */
  handOver(next: Thread): void {
    if (this.#suspendedCode !== undefined) this.#suspendedCode.handsOver = true;
    if (next.queued) this.instance.scheduler.unready(next);
    next.#markRunning();
  }

  /** Fails the one that waits for a handover, as everything has ended instead. */
  failHandOver(error: unknown): void {
    this.resumer?.reject(error);
  }

  takeOver(from: Thread): void {
    this.entered = from.entered;
    this.beneath = from.beneath;
    this.resumer = from.resumer;
    if (from.#suspendedCode !== undefined) from.#suspendedCode.handsOver = false;
    from.entered = none;
    from.beneath = undefined;
    from.resumer = undefined;
    this.#continue();
  }

  /** `thread.resume-later` */
  resumeLater(): void {
    this.where = "waiting";
    this.instance.scheduler.ready(this);
  }

  /** Resumes it in its turn, unless its condition no longer holds. */
  resume(entered = this.instance.lineage): void {
    if (!this.canResume) return;
    this.#markRunning();
    this.entered = entered;
    this.instance.scheduler.resumed();
    this.#continue();
  }

  /** As `resume`, within a call that has entered its instance. */
  resumeInside(): void {
    this.resume(none);
  }

  #markRunning(): void {
    if (this.#suspendedCode !== undefined && this.#suspendedCode.until !== itsTurn)
      this.instance.scheduler.unwait(this);
    this.where = "running";
  }

  #continue(): void {
    this.resumes++;
    this.markEntered(true);
    const code = this.#suspendedCode;
    this.#suspendedCode = undefined;
    if (code === undefined) this.begin();
    else code.resolve();
  }

  /** Starts its core code. It counts as running already. */
  protected begin(): void {}

  /** Ends its suspended core code with an error, as its condition will never hold. */
  abort(error: unknown): void {
    const code = this.#suspendedCode;
    this.#suspendedCode = undefined;
    code?.reject(error);
  }

  /** Handles an exception that came out of its core code: it ends all guests. @throws the same error */
  protected fail(thrown: unknown): never {
    try {
      throwOut(thrown);
    } catch (error) {
      this.instance.scheduler.fail(error);
      this.resumer?.reject(error);
      throw error;
    }
  }
}
