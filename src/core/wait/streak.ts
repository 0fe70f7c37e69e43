/** Holds bytes back until the end of a streak. */
export interface Holder {
  /** Sends the bytes. */
  release(): void;
}

/** The most bytes that may be held back. */
export const MAX_HELD = 16_384;

/**
 * A run of calls of the guest about one subject (a connection, a descriptor). A call ends it that is about something else, waits,
 * lets time pass, or reads a clock. Within a streak the guest cannot know what has happened elsewhere: the findings of one call
 * hold for the next, and the effects of one may be postponed to the last.
 */
export class Streak {
  #subject: object | undefined;
  #holder: Holder | undefined;
  #buffer: Uint8Array | undefined;
  #ending = false;
  /** Changes whenever a streak begins. */
  number = 0;

  /** Continues the streak if the call is about the same subject, otherwise begins another. */
  continueWith(subject: object | undefined): void {
    if (subject === this.#subject) return;
    this.end();
    this.#subject = subject;
  }

  end(): void {
    this.#subject = undefined;
    this.number++;
    this.#holder?.release();
  }

  /** Begins to hold bytes back for `holder`, whose streak this is, until `release`. Returns the buffer for them. */
  hold(holder: Holder): Uint8Array {
    this.#holder = holder;
    this.#endWithTask();
    this.#buffer ??= new Uint8Array(MAX_HELD);
    return this.#buffer;
  }

  /** Ends the streak when the guest returns to its host or is suspended: no further call would end it. */
  #endWithTask(): void {
    if (this.#ending) return;
    this.#ending = true;
    queueMicrotask(() => {
      this.#ending = false;
      this.end();
    });
  }

  /** Returns the bytes and no longer holds them back. */
  take(): Uint8Array {
    this.#holder = undefined;
    this.#buffer ??= new Uint8Array(MAX_HELD);
    return this.#buffer;
  }
}
