/** Holds bytes back for the rest of a streak. */
export interface Holder {
  /** Sends them. */
  release(): void;
}

/** The most that may be held back, bytes. */
export const MAX_HELD = 16_384;

/**
 * A run of calls of the guest about one thing (a connection, a descriptor): it lasts as long as no call between is about something else,
 * waits, lets time pass, or tells how much has. Within a streak the guest cannot know of what has happened elsewhere: what one
 * call has found out holds for the next, and what one wants done may be done with the last.
 */
export class Streak {
  #subject: object | undefined;
  #holder: Holder | undefined;
  #buffer: Uint8Array | undefined;
  #ending = false;
  /** Another one whenever a streak begins. */
  number = 0;

  /** A call is about `subject`. */
  goOn(subject: object | undefined): void {
    if (subject === this.#subject) return;
    this.end();
    this.#subject = subject;
  }

  end(): void {
    this.#subject = undefined;
    this.number++;
    this.#holder?.release();
  }

  /** Called where `holder`, whose streak this is, begins to hold bytes back, until `release`. */
  hold(holder: Holder): Uint8Array {
    this.#holder = holder;
    this.#endWithTask();
    this.#buffer ??= new Uint8Array(MAX_HELD);
    return this.#buffer;
  }

  /** A guest that returns to its host, or is suspended, makes no next call that would end it. */
  #endWithTask(): void {
    if (this.#ending) return;
    this.#ending = true;
    queueMicrotask(() => {
      this.#ending = false;
      this.end();
    });
  }

  /** The bytes, which are held back no more. */
  take(): Uint8Array {
    this.#holder = undefined;
    this.#buffer ??= new Uint8Array(MAX_HELD);
    return this.#buffer;
  }
}
