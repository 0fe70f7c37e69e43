import type { Source } from "../../../machine/selector.ts";
import { nextTask } from "../../process/next-task.ts";
import { SuspendingEpoll } from "./suspending-epoll.ts";

/** How long a wait sleeps here before the waiter's thread does, ns: as long as the event loop may be held up. */
const LINGER = 1e6;

/**
 * epoll(7) for a program whose event loop has nothing to do but for its guests: a busy server's wait sleeps in epoll_wait itself,
 * which ends at once when something comes, where another thread would first have to wake this one.
 */
export class LingeringEpoll extends SuspendingEpoll {
  /** How many have fired in the wait that is over, until `select` has told of them. */
  #fired = 0;
  #woken = false;

  protected override async pass(timeout: number): Promise<void> {
    this.#woken = false;
    // what the last wait has let go on comes first, and the event loop has its turn
    await nextTask();
    if (timeout === 0 || this.#woken) return;
    this.#fired = super.select(Math.min(timeout, LINGER));
    if (this.#fired === 0 && timeout > LINGER) await super.pass(timeout - LINGER);
  }

  override select(timeout: number): number {
    const fired = this.#fired;
    this.#fired = 0;
    return fired > 0 ? fired : super.select(timeout);
  }

  override forget(source: Source): void {
    // it may be among them; those that are still ready are found again
    this.#fired = 0;
    super.forget(source);
  }

  override wake(): void {
    this.#woken = true;
    super.wake();
  }
}
