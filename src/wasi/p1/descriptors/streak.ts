import type { Descriptor } from "./descriptor.ts";

/**
 * What the guest's calls are about: one descriptor, as long as nothing comes between. What one of them has found out there holds
 * for the next; it may not after a call that is about something else, waits, lets time pass, or tells how much has.
 */
export class Streak {
  #descriptor: Descriptor | undefined;
  /** Another one whenever a streak begins. */
  number = 0;

  /** A call is about the descriptor. */
  goOn(descriptor: Descriptor | undefined): void {
    if (descriptor === this.#descriptor) return;
    this.#descriptor = descriptor;
    this.number++;
  }

  end(): void {
    this.#descriptor = undefined;
    this.number++;
  }
}
