import { passing } from "../../core/wait/uncatchable.ts";
import { endOf, type InstanceState, type Parking } from "./state.ts";

interface Parked {
  /** Its index in the list of suspensions. */
  at: number;
  readonly reject: (error: unknown) => void;
}

/**
 * The lifetime of a component's instances and of those in them. The host may end it, even while their code is on a stack or
 * suspended.
 */
export class Lifetime implements Parking {
  readonly #states: InstanceState[] = [];
  readonly #parked: Parked[] = [];
  #cause: { readonly cause: unknown } | undefined;

  add(state: InstanceState): void {
    this.#states.push(state);
  }

  /** Ends the instances: suspended code is unwound, and code on the stack calls out no more. The first cause counts. */
  end(cause: unknown): void {
    if (this.#cause !== undefined) return;
    this.#cause = { cause };
    for (const state of this.#states) state.end(cause);
    const error = passing(endOf(cause));
    for (const { reject } of this.#parked.splice(0)) reject(error);
  }

  park(promise: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const parked: Parked = { at: this.#parked.length, reject };
      if (this.#cause === undefined) this.#parked.push(parked);
      else reject(passing(endOf(this.#cause.cause)));
      promise.then(
        (value) => {
          this.#forget(parked);
          resolve(value);
        },
        (error) => {
          this.#forget(parked);
          reject(error);
        },
      );
    });
  }

  #forget(parked: Parked): void {
    if (this.#parked[parked.at] !== parked) return;
    const last = this.#parked.pop()!;
    if (last === parked) return;
    last.at = parked.at;
    this.#parked[parked.at] = last;
  }
}
