import { OutOfResources } from "../../../machine/out-of-resources.ts";
import type { SuspendingSelector } from "../../../machine/selector.ts";
import { nextTask } from "../../process/next-task.ts";
import type { PosixContext } from "../libc/context.ts";
import type { EpollCalls } from "../libc/syscalls.ts";
import { EpollSelector } from "./epoll.ts";
import { milliseconds } from "./timeout.ts";
import type { Waiter } from "./waiter.ts";

/** epoll(7) in a program with an event loop: the waiter's thread sleeps in its place. */
export class SuspendingEpoll extends EpollSelector implements SuspendingSelector {
  readonly #waiter: Waiter;
  readonly #slot: number;
  readonly #now: () => number;
  #pending = false;

  constructor(context: PosixContext, calls: EpollCalls, now: () => number, waiter: Waiter) {
    super(context, calls);
    this.#now = now;
    this.#waiter = waiter;
    const slot = waiter.add(this.fd);
    if (slot === undefined) {
      super.close();
      throw new OutOfResources("epoll_ctl", "no more guests can wait at once");
    }
    this.#slot = slot;
  }

  async wait(timeout: number): Promise<void> {
    if (this.#pending) throw new Error("a wait is pending already");
    this.#pending = true;
    try {
      await this.pass(timeout);
    } finally {
      this.#pending = false;
    }
  }

  protected async pass(timeout: number): Promise<void> {
    if (timeout === 0) return nextTask();
    const until = this.#now() + timeout;
    let left = timeout;
    do {
      const ms = left === Infinity ? Infinity : milliseconds(left);
      if (!(await this.#waiter.wait(this.#slot, this.fd, ms))) return;
      left = until - this.#now();
    } while (left > 0);
  }

  wake(): void {
    this.#waiter.wake(this.#slot);
  }

  override close(): void {
    super.close();
    this.#waiter.remove(this.#slot);
  }
}
