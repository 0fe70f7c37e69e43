import type { ServedRequest } from "../../core/http/message.ts";
import type { RequestObserver } from "../options.ts";
import { ObservedRequest } from "./observed-request.ts";

/**
 * Finds the request that a call of an instance is made for. If the instance has a single request, all calls are for
 * that. Otherwise it is known for calls with an object that the guest got for a request, and from then on for all calls
 * of the same task.
 */
export class CurrentRequests {
  readonly #instance: number;
  readonly #task: () => object | undefined;
  #begun = false;
  readonly #active = new Set<ObservedRequest>();
  /** The observers by resource and by task. */
  readonly #known = new WeakMap<object, RequestObserver>();

  /** @param task returns the guest's running task */
  constructor(instance: number, task: () => object | undefined) {
    this.#instance = instance;
    this.#task = task;
  }

  /** Records a request. @param resources the objects that the guest gets for it */
  begin(request: ServedRequest, ...resources: readonly object[]): void {
    if (!(request instanceof ObservedRequest)) return;
    const { observer } = request;
    observer.begins(this.#instance, !this.#begun);
    this.#begun = true;
    this.#forgetEnded();
    this.#active.add(request);
    for (const each of resources) this.#known.set(each, observer);
  }

  /** Returns the observer of the request that a call is made for. @param first the call's first argument */
  readonly of = (first: unknown): RequestObserver | undefined => {
    const task = this.#task();
    const given = typeof first === "object" && first !== null ? this.#known.get(first) : undefined;
    const found = given ?? (task && this.#known.get(task)) ?? this.#only();
    if (found !== undefined && task !== undefined) this.#known.set(task, found);
    return found;
  };

  /** Returns the observer of the only request; the last one if all have ended. */
  #only(): RequestObserver | undefined {
    this.#forgetEnded();
    const [only] = this.#active;
    return this.#active.size === 1 ? only?.observer : undefined;
  }

  /** Forgets ended requests, but always keeps one: work after its response still belongs to it. */
  #forgetEnded(): void {
    for (const each of this.#active) if (each.ended && this.#active.size > 1) this.#active.delete(each);
  }
}
