import type { Waiting } from "./waiting.ts";

/** Work that waits for promises where it must: it yields each, and goes on with what that resolves to. */
export type Steps<T> = Generator<Promise<unknown>, T, unknown>;

/** The value, waited for if it is a promise. */
export function* awaiting<T>(value: Waiting<T>): Steps<T> {
  return value instanceof Promise ? ((yield value) as T) : value;
}

/** Does work in which nothing is waited for. */
export function runSync<T>(steps: Steps<T>): T {
  const step = steps.next();
  if (step.done !== true) throw new Error("a promise where nothing can wait for it");
  return step.value;
}

/** Does work, waiting for its promises. */
export async function runAsync<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (step.done !== true) {
    const { value } = step;
    step = await value.then(
      (result) => steps.next(result),
      (error) => steps.throw(error),
    );
  }
  return step.value;
}
