import type { Waiting } from "../../core/wait/waiting.ts";

/** The aim of a host's wait: a call's end ("call"), or anything that later calls of the host may cause, too ("event"). */
export type WaitGoal = "call" | "event";

/** A wait of the host for something in a guest. */
interface Caller {
  readonly goal: WaitGoal;
  done(): boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** The part of the scheduler that lets tasks run. */
export interface Rounds {
  /** Whether a call into a guest is under way; `runRounds` is called when it ends. @throws the error that ended a guest */
  readonly busy: boolean;
  /** Records the error that ended a guest. Nothing runs after that. */
  fail(error: unknown): void;
  /** Lets a task run. Returns a promise if nothing can run before it resolves. @throws the error that ended a guest */
  round(): Waiting<void>;
}

/**
 * Waits of the host for something in its guests. Tasks run for all of them, in one round after another, until they have to wait. A
 * round allocates no promise.
 */
export class HostCallers {
  readonly #rounds: Rounds;
  /** An array: JavaScriptCore keeps what was in a Set whose members come and go until its next full collection. */
  readonly #callers: Caller[] = [];
  /** Whether rounds are under way, or a promise that the next round needs is pending. */
  #under = false;

  constructor(rounds: Rounds) {
    this.#rounds = rounds;
  }

  /** Whether a wait is for a call's end: it is in vain if nothing can run. */
  get calls(): boolean {
    return this.#callers.some(({ goal }) => goal === "call");
  }

  /** Resolves once `done` returns true. Rejects with the error that ended a guest. */
  wait(done: () => boolean, goal: WaitGoal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#callers.push({ goal, done, resolve, reject });
      this.runRounds();
    });
  }

  /** Runs rounds. Called when a call into a guest has ended, or waits: more can be done now. */
  readonly runRounds = (): void => {
    if (this.#under) return;
    this.#under = true;
    try {
      while (!this.#rounds.busy && !this.#allDone()) {
        const waiting = this.#rounds.round();
        if (waiting === undefined) continue;
        waiting.then(this.#waited, this.#failed);
        return;
      }
      this.#under = false;
    } catch (error) {
      this.#failed(error);
    }
  };

  readonly #waited = (): void => {
    this.#under = false;
    this.runRounds();
  };

  readonly #failed = (error: unknown): void => {
    this.#under = false;
    this.#rounds.fail(error);
    this.end(error);
  };

  /** Rejects all waits. */
  end(error: unknown): void {
    for (const { reject } of this.#callers.splice(0)) reject(error);
  }

  #allDone(): boolean {
    for (let i = 0; i < this.#callers.length; ) {
      const caller = this.#callers[i]!;
      if (caller.done()) {
        this.#callers.splice(i, 1);
        caller.resolve();
      } else i++;
    }
    return this.#callers.length === 0;
  }
}
