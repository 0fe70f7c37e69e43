import type { Waiting } from "../../core/wait/waiting.ts";

/** What somebody waits for: a call's end ("call"), or what may come of the host's next calls, too ("event"). */
export type Awaited = "call" | "event";

/** A wait of the host's, until something in a guest is done. */
interface Caller {
  readonly awaited: Awaited;
  done(): boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** What a scheduler does next for them. */
export interface Rounds {
  /** Whether a call into a guest is under way, whose end `goOn` is told of. @throws what ended a guest */
  readonly busy: boolean;
  /** A guest was ended by that: nothing goes on. */
  fail(error: unknown): void;
  /** Lets something go on; a promise: nothing can before that. @throws what ended a guest */
  round(): Waiting<void>;
}

/**
 * Calls of the host's that wait for something in a guest to be done: its tasks go on for all of them, in rounds one after another,
 * as far as they can without waiting. No promise is made for a round.
 */
export class HostCallers {
  readonly #rounds: Rounds;
  /** An array: what was in a Set that comes and goes lives on in JavaScriptCore until its next full collection. */
  readonly #callers: Caller[] = [];
  /** Rounds are under way, or what the next must wait for. */
  #under = false;

  constructor(rounds: Rounds) {
    this.#rounds = rounds;
  }

  /** Whether a call waits, which is in vain when nothing can go on. */
  get calls(): boolean {
    return this.#callers.some(({ awaited }) => awaited === "call");
  }

  /** Resolves once `done` says so. Rejects with what ended a guest. */
  wait(done: () => boolean, awaited: Awaited): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#callers.push({ awaited, done, resolve, reject });
      this.goOn();
    });
  }

  /** A call into a guest has ended, or waits inside: more can be done now. */
  readonly goOn = (): void => {
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
    this.goOn();
  };

  readonly #failed = (error: unknown): void => {
    this.#under = false;
    this.#rounds.fail(error);
    for (const { reject } of this.#callers.splice(0)) reject(error);
  };

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
