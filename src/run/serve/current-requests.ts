import type { ServedRequest } from "../../core/http/message.ts";
import type { RequestObserver } from "../options.ts";
import { ObservedRequest } from "./observed-request.ts";

/**
 * Which of the requests that an instance has a call of its is made for. One that has only one makes all its calls for that. Else
 * it is known of calls that take what the guest was given for a request, and from then on of all that the same task makes.
 */
export class CurrentRequests {
  readonly #instance: number;
  readonly #task: () => object | undefined;
  #begun = false;
  readonly #active = new Set<ObservedRequest>();
  /** By resources and tasks. */
  readonly #known = new WeakMap<object, RequestObserver>();

  /** @param task The guest's that runs */
  constructor(instance: number, task: () => object | undefined) {
    this.#instance = instance;
    this.#task = task;
  }

  /** @param resources What the guest is given for it */
  begin(request: ServedRequest, ...resources: readonly object[]): void {
    if (!(request instanceof ObservedRequest)) return;
    const { observer } = request;
    observer.begins(this.#instance, !this.#begun);
    this.#begun = true;
    this.#forgetEnded();
    this.#active.add(request);
    for (const each of resources) this.#known.set(each, observer);
  }

  /** @param first A call's first argument */
  readonly of = (first: unknown): RequestObserver | undefined => {
    const task = this.#task();
    const given = typeof first === "object" && first !== null ? this.#known.get(first) : undefined;
    const found = given ?? (task && this.#known.get(task)) ?? this.#only();
    if (found !== undefined && task !== undefined) this.#known.set(task, found);
    return found;
  };

  /** The request's, if there is one alone: the last, when all have ended. */
  #only(): RequestObserver | undefined {
    this.#forgetEnded();
    const [only] = this.#active;
    return this.#active.size === 1 ? only?.observer : undefined;
  }

  /** All but one: what goes on after its response goes on for that. */
  #forgetEnded(): void {
    for (const each of this.#active) if (each.ended && this.#active.size > 1) this.#active.delete(each);
  }
}
