import type { SuspendingSelector } from "../../machine/selector.ts";
import { nextTask } from "../process/next-task.ts";

/** The longest timer that the runtimes accept, ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A selector without sources: a wait ends by its timeout, or by `wake`. */
export class TimerSelector implements SuspendingSelector {
  readonly neverWaits = true;
  readonly sources = [];
  readonly events = new Uint8Array(0);
  readonly #onClose: () => void;
  readonly #keepsAlive: boolean;
  #resolve: (() => void) | undefined;
  #deadline = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #woken = false;

  /** @param keepsAlive whether a wait without end keeps the program alive */
  constructor(onClose: () => void, keepsAlive: boolean) {
    this.#onClose = onClose;
    this.#keepsAlive = keepsAlive;
  }

  setInterest(): boolean {
    return false;
  }

  forget(): void {}

  look(): number {
    return 0;
  }

  select(timeout: number): number {
    if (timeout > 0) throw new Error("this machine's guests are suspended while they wait: it cannot hold the thread");
    return 0;
  }

  wait(timeout: number): Promise<void> {
    if (this.#resolve !== undefined) throw new Error("a wait is pending already");
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resolve = resolve;
    this.#deadline = performance.now() + timeout / 1e6;
    if (timeout <= 0) this.wake();
    else this.#arm();
    return promise;
  }

  /** Starts a timer; for a wait without end only if that is to keep the program alive. */
  #arm(): void {
    const left = this.#deadline - performance.now();
    if (left === Number.POSITIVE_INFINITY && !this.#keepsAlive) return;
    if (left <= 0) this.#end();
    else this.#timer = setTimeout(() => this.#arm(), Math.min(Math.ceil(left), MAX_TIMER_MS));
  }

  wake(): void {
    const wait = this.#resolve;
    if (wait === undefined || this.#woken) return;
    this.#woken = true;
    void nextTask().then(() => {
      // The timeout may have ended it.
      if (this.#resolve === wait) this.#end();
    });
  }

  #end(): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#woken = false;
    clearTimeout(this.#timer);
    resolve?.();
  }

  close(): void {
    this.#end();
    this.#onClose();
  }
}
