import { type InstanceState, throwOut } from "../instance/state.ts";
import type { Turn } from "./ready-queue.ts";
import type { OnStack, Running } from "./running.ts";

/** What a thread counts for as resources: wasmtime has it, and a set of waitables for its calls. */
export const THREAD_ENTRIES = 2;

/** Where a thread is. */
type Where =
  /** None of its core code is on a stack: it has not begun, or its task has returned to wait. */
  | "between"
  /** Its core code runs, or waits for something that is none of the scheduler's. */
  | "running"
  /** Its core code was put aside, and goes on in its turn once what it waits for holds. */
  | "waiting"
  /** Its core code was put aside, or has not begun, until another thread resumes it. */
  | "suspended"
  | "over";

/** The two ends of a promise. */
export interface Settle {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Core code that was put aside. */
interface Aside extends Settle {
  /** The interest that it waits for. */
  readonly until: () => boolean;
  /** Whether another thread is about to go on in its place. */
  handsOver: boolean;
}

/** What a thread waits for that only makes way for others. */
export const itsTurn = () => true;

/** What an instance is to its threads (instance-tasks.ts, scheduler.ts). */
export interface Home {
  readonly scheduler: {
    tasks: number;
    ready(turn: Turn): void;
    resumed(): void;
    unready(thread: Thread): void;
    unwait(thread: Thread): void;
    fail(error: unknown): void;
  };
  /** The instances around it, and itself: what goes on by itself enters them. */
  readonly lineage: readonly InstanceState[];
  addThread(thread: Thread): void;
  removeThread(thread: Thread): void;
}

/** The call that threads are of. */
export interface Owner {
  /** How many explicit threads of it have not ended. */
  threads: number;
  /** One of them has. */
  threadEnded(): void;
}

const none: readonly InstanceState[] = [];

/**
 * Code of a guest that runs, waits and goes on (CanonicalABI.md, `Thread`).
 *
 * The scheduler lets it go on, or a call that is on the stack. That goes on itself when the thread waits or has ended; where the thread
 * hands over to another, when that does.
 */
export abstract class Thread implements OnStack, Turn {
  readonly instance: Home;
  /** In its instance's table of threads; 0: it is in none. */
  index = 0;
  slot0 = 0;
  slot1 = 0;
  beneath: Running | undefined;
  /** How often it has gone on where it was put aside. */
  turns = 0;
  /** The scheduler's books. */
  nextReady: Turn | undefined;
  queued = false;
  protected where: Where = "between";
  /** The instances that are entered as long as it runs. */
  protected entered = none;
  /** Who waits until it waits or has ended. */
  protected stops: Settle | undefined;
  #aside: Aside | undefined;

  constructor(instance: Home) {
    this.instance = instance;
  }

  abstract readonly mayBlock: boolean;
  abstract readonly owner: Owner;
  /** Whether no other such thread of the instance may run while its core code is on the stack, or waits there. */
  abstract readonly exclusive: boolean;
  /** It is its turn. */
  abstract run(): void;

  get isSuspended(): boolean {
    return this.where === "suspended";
  }

  /** Whether it has nothing to wait for but its turn, put aside. */
  get canGoOn(): boolean {
    return this.where === "waiting" && (this.#aside === undefined || this.#aside.until());
  }

  /** Whether who has let it go on still waits for it, or for one in its place. */
  protected get isUnderWay(): boolean {
    return this.where === "running" || this.#aside?.handsOver === true;
  }

  inside(is: boolean): void {
    const { entered } = this;
    for (let i = 0; i < entered.length; i++) entered[i]!.mayEnter = !is;
  }

  /**
   * Its core code, which runs, is put aside.
   *
   * @param until Undefined: another thread resumes it
   * @returns what its core code is suspended for
   */
  park(until: (() => boolean) | undefined): Promise<void> {
    this.where = until === undefined ? "suspended" : "waiting";
    return new Promise<void>((resolve, reject) => {
      this.#aside = { until: until ?? itsTurn, handsOver: false, resolve, reject };
    });
  }

  /** It waits or has ended: who has let it go on goes on. */
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

  /** It waits, and another, which does too, goes on in its place as soon as its core code has left the stack. */
  handOver(next: Thread): void {
    if (this.#aside !== undefined) this.#aside.handsOver = true;
    if (next.queued) this.instance.scheduler.unready(next);
    next.#leaveAside();
  }

  /** Everything has ended instead. */
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

  /** Where it was put aside it goes on by itself, unless somebody else has taken what it waited for. */
  resume(entered = this.instance.lineage): void {
    if (!this.canGoOn) return;
    this.#leaveAside();
    this.entered = entered;
    this.instance.scheduler.resumed();
    this.#goOn();
  }

  /** The same within a call that has entered its instance. */
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

  /** Its core code begins: it counts as running already. */
  protected begin(): void {}

  /** What it waits for will not come: its core code ends where it was put aside. */
  abort(error: unknown): void {
    const aside = this.#aside;
    this.#aside = undefined;
    aside?.reject(error);
  }

  /** That came out of its core code: it ends all. @throws the same, as others are told of it */
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
