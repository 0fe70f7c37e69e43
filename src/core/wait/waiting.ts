/**
 * The result of a call that may wait: the value itself if nothing had to be waited for or the thread slept, otherwise a promise of
 * it.
 */
export type Waiting<T> = T | Promise<T>;

/**
 * Continues with the result, at once if it is not a promise: that saves one. Not named `then`: who imports a module with such an
 * export while it runs, as Vitest does, takes the module for a promise.
 */
export function andThen<T, R>(result: Waiting<T>, next: (result: T) => Waiting<R>): Waiting<R> {
  return result instanceof Promise ? result.then(next) : next(result);
}
