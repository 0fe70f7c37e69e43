/** The result of a call that may wait: the value itself if nothing had to be waited for or the thread slept, else a promise of it. */
export type Waiting<T> = T | Promise<T>;

/** Goes on with the result, at once where it is there: what is not waited for costs no promise. */
export function then<T, R>(result: Waiting<T>, next: (result: T) => Waiting<R>): Waiting<R> {
  return result instanceof Promise ? result.then(next) : next(result);
}
