import { type Steps, settle } from "../../core/wait/steps.ts";

interface Caller {
  done(): boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** Calls of the host's that wait for something in a guest to be done: one loop lets tasks go on for all of them. */
export class HostCallers {
  readonly #run: (done: () => boolean) => Steps<void>;
  readonly #callers = new Set<Caller>();

  /** @param run Lets tasks go on until `done` says so */
  constructor(run: (done: () => boolean) => Steps<void>) {
    this.#run = run;
  }

  /** Resolves once `done` says so. Rejects with what ended a guest. */
  wait(done: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#callers.add({ done, resolve, reject });
      if (this.#callers.size === 1) this.#drive();
    });
  }

  async #drive(): Promise<void> {
    try {
      await settle(this.#run(() => this.#allDone()));
    } catch (error) {
      for (const { reject } of this.#callers) reject(error);
      this.#callers.clear();
    }
  }

  #allDone(): boolean {
    for (const caller of this.#callers) {
      if (!caller.done()) continue;
      this.#callers.delete(caller);
      caller.resolve();
    }
    return this.#callers.size === 0;
  }
}
