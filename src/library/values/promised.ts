/** Promises that a program gives to a component. */
import { HostFuture, type Pending } from "../../component/streams.ts";
import type { ValType } from "../../component/types/types.ts";
import { Condition } from "../../core/wait/condition.ts";
import type { Blocking } from "../../core/wait/poll.ts";
import { checkOf, describe, isObject } from "./check.ts";
import type { Store } from "./store.ts";

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && "then" in value && typeof value.then === "function";
}

/** @throws TypeError for what is no promise */
export function futureOf(
  given: unknown,
  payload: ValType | undefined,
  convert: (value: unknown) => unknown,
  place: string,
  store: Store,
): HostFuture {
  if (!isThenable(given)) throw new TypeError(`${place}: a future is given as a promise, not as ${describe(given)}`);
  const future = new PromisedFuture(given, store);
  const check = payload === undefined ? () => undefined : checkOf(payload);
  Promise.resolve(given)
    .then((value) => {
      const wrong = check(value);
      if (wrong !== undefined) throw new TypeError(`${place}: ${wrong}`);
      future.resolve(convert(value));
    })
    .catch((error: unknown) => future.reject(error));
  return future;
}

class PromisedFuture extends HostFuture {
  readonly #promise: PromiseLike<unknown>;
  readonly #store: Store;
  #delivered = false;

  constructor(promise: PromiseLike<unknown>, store: Store) {
    super();
    this.#promise = promise;
    this.#store = store;
  }

  override read(then: (value: unknown) => void, failed: (error: unknown) => void): void {
    super.read((value) => {
      this.#delivered = true;
      then(value);
    }, failed);
  }

  override drop(): void {
    super.drop();
    if (!this.#delivered) discard(this.#promise, this.#store);
  }
}

interface Discardable {
  readonly [Symbol.asyncDispose]?: () => unknown;
  readonly [Symbol.dispose]?: () => unknown;
}

/** Nobody waits for a promise any more: it is disposed of if it can be, as jco does, when the guest's code has left the stack. */
function discard(promise: PromiseLike<unknown> & Discardable, store: Store): void {
  const dispose = promise[Symbol.asyncDispose] ?? promise[Symbol.dispose];
  if (dispose === undefined) return;
  Promise.resolve()
    .then(() => dispose.call(promise))
    .catch((error: unknown) => store.report(error));
}

/**
 * The answer of an async function of the program's, so that a guest may give up waiting for it.
 *
 * @param answer The program's own promise, which is disposed of then, if `given` comes of it
 */
export function pendingOf(
  given: PromiseLike<unknown>,
  store: Store,
  answer: PromiseLike<unknown> & Discardable = given,
): Pending {
  const promise = Promise.resolve(given);
  const { [Symbol.asyncDispose]: later, [Symbol.dispose]: now } = answer;
  return later === undefined && now === undefined ? promise : disposable(promise, answer, store);
}

/** As `pendingOf`, of one that is disposed of where nobody waits for it any more, also before it was first asked. */
function disposable(promise: Promise<unknown>, given: PromiseLike<unknown>, store: Store): Pending {
  const readiness = Condition.ready();
  readiness.markPending();
  let outcome: Outcome | undefined;
  promise
    .then(
      (value) => {
        outcome = { value };
      },
      (error: unknown) => {
        outcome = { error };
      },
    )
    .then(() => readiness.markReady());
  const steps = awaited(readiness, () => outcome);
  const end = steps.return.bind(steps);
  // a generator that has not begun ends without a `finally`
  steps.return = (value) => {
    if (outcome === undefined) discard(given, store);
    return end(value);
  };
  return steps;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

function* awaited(readiness: Condition, outcome: () => Outcome | undefined): Blocking<unknown> {
  for (;;) {
    const known = outcome();
    if (known === undefined) yield readiness;
    else if ("error" in known) throw known.error;
    else return known.value;
  }
}
