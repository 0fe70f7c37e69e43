import type { Waiting } from "./waiting.ts";

/** Work as a generator that yields each promise it waits for, and resumes with its value. */
export type Steps<T> = Generator<Promise<unknown>, T, unknown>;

/** Returns the value, after a wait if it is a promise. */
export function* awaiting<T>(value: Waiting<T>): Steps<T> {
  return value instanceof Promise ? ((yield value) as T) : value;
}

/** Runs work that waits for nothing. */
export function runSync<T>(steps: Steps<T>): T {
  const step = steps.next();
  if (step.done !== true) throw new Error("a promise where nothing can wait for it");
  return step.value;
}

/** Runs work, waiting for its promises. */
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
