import { passing } from "../../core/wait/uncatchable.ts";
import { endOf, type InstanceState, type SuspendedCalls } from "./state.ts";

interface SuspendedCall {
  /** Its index in the list of suspensions. */
  at: number;
  readonly reject: (error: unknown) => void;
}

/**
 * The lifetime of a component's instances and of those in them. The host may end it, even while their code is on a stack or
 * suspended.
 */
export class Lifetime implements SuspendedCalls {
  readonly #states: InstanceState[] = [];
  readonly #suspended: SuspendedCall[] = [];
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
    for (const { reject } of this.#suspended.splice(0)) reject(error);
  }

  unlessEnded(promise: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call: SuspendedCall = { at: this.#suspended.length, reject };
      if (this.#cause === undefined) this.#suspended.push(call);
      else reject(passing(endOf(this.#cause.cause)));
      promise.then(
        (value) => {
          this.#forget(call);
          resolve(value);
        },
        (error) => {
          this.#forget(call);
          reject(error);
        },
      );
    });
  }

  #forget(call: SuspendedCall): void {
    if (this.#suspended[call.at] !== call) return;
    const last = this.#suspended.pop()!;
    if (last === call) return;
    last.at = call.at;
    this.#suspended[call.at] = last;
  }
}
