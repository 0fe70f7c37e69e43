import type { Scheduler } from "../../component/async/scheduler.ts";
import { Aborted } from "../../core/wait/errors.ts";
import { trapOf } from "../../wasm/engine-trap.ts";

/** What the streams, futures and calls of one component need of it: that its tasks go on for them. */
export class Store {
  /** Told of what nobody else is told of. */
  readonly report: (error: unknown) => void;
  /** Where bytes for it are left. */
  readonly buffer: Uint8Array;
  #scheduler: Scheduler | undefined;
  /** Whether tasks that have outlived their calls go on already. */
  #outlived = false;
  /** Errors as the program sees them, by what they were. */
  readonly #ends = new WeakMap<object, unknown>();
  /** Those that somebody has heard of. */
  readonly #told = new WeakSet<object>();

  constructor(buffer: Uint8Array, report: (error: unknown) => void) {
    this.buffer = buffer;
    this.report = report;
  }

  /** It is linked. */
  connect(scheduler: Scheduler | undefined): void {
    this.#scheduler = scheduler;
  }

  /** Resolves once `done` says so. Rejects with what ended the component. */
  async until(done: () => boolean): Promise<void> {
    // No task runs in the midst of another.
    await null;
    try {
      await this.#scheduler?.drive(done, "event");
    } catch (error) {
      throw this.ended(error);
    }
  }

  /** Does what calls into the component, in its turn. */
  entering<R>(work: () => R | Promise<R>): R | Promise<R> {
    return this.#scheduler === undefined ? work() : this.#scheduler.entering(work);
  }

  /** Lets tasks go on that have returned, or have something to do again. */
  runTasks(): void {
    const scheduler = this.#scheduler;
    if (scheduler === undefined || this.#outlived) return;
    if (scheduler.tasks + scheduler.relays === 0) return;
    this.#outlived = true;
    this.until(() => scheduler.tasks + scheduler.relays === 0).then(
      () => {
        this.#outlived = false;
      },
      (error) => this.#lost(error),
    );
  }

  /** What ended it is told here if no call, nor whoever reads a stream, hears of it. */
  #lost(error: unknown): void {
    setTimeout(() => {
      if (!this.#told.has(error as object)) this.report(error);
    });
  }

  /** An error of the component's, as the program sees it: always the same. */
  ended(error: unknown): unknown {
    if (typeof error !== "object" || error === null) return error;
    let end = this.#ends.get(error);
    if (end === undefined) {
      end = error instanceof Aborted ? error.reason : (trapOf(error, "call") ?? error);
      this.#ends.set(error, end);
    }
    return end;
  }

  /** The same; somebody hears of it. */
  told(error: unknown): unknown {
    const end = this.ended(error);
    if (typeof end === "object" && end !== null) this.#told.add(end);
    return end;
  }

  /** Ends what is under way, with that error. */
  end(reason: Error): void {
    this.#told.add(reason);
    this.#scheduler?.end(new Aborted(reason));
  }
}
