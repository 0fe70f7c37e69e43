import type { Source } from "../../../machine/selector.ts";
import { nextTask } from "../../process/next-task.ts";
import { SuspendingEpoll } from "./suspending-epoll.ts";

/** How long a wait sleeps here before the waiter's thread takes over, ns: as long as the event loop may be held up. */
const LINGER_NS = 1e6;

/**
 * epoll(7) for a program whose event loop serves only its guests. A busy server's wait sleeps in epoll_wait itself,
 * which ends at once when something comes; the waiter's thread would first have to wake this one.
 */
export class LingeringEpoll extends SuspendingEpoll {
  /** The number of events of the last wait, until `select` has reported them. */
  #fired = 0;
  #woken = false;

  protected override async pass(timeout: number): Promise<void> {
    this.#woken = false;
    // Work that the last wait made ready comes first, and the event loop gets its turn.
    await nextTask();
    if (timeout === 0 || this.#woken) return;
    this.#fired = super.select(Math.min(timeout, LINGER_NS));
    if (this.#fired === 0 && timeout > LINGER_NS) await super.pass(timeout - LINGER_NS);
  }

  override select(timeout: number): number {
    const fired = this.#fired;
    this.#fired = 0;
    return fired > 0 ? fired : super.select(timeout);
  }

  override forget(source: Source): void {
    // It may be one of them; those that are still ready are found again.
    this.#fired = 0;
    super.forget(source);
  }

  override wake(): void {
    this.#woken = true;
    super.wake();
  }
}
