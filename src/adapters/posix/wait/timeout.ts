/** The longest wait that a C int of milliseconds can express, in ns: 24.8 days. Longer ones are split. */
export const MAX_WAIT_NS = 0x7fff_ffff * 1e6;

/**
 * Converts ns to the ms of epoll_wait(2) and poll(2), rounded up so that a wait never ends early; -1 waits for ever.
 */
export function milliseconds(timeout: number): number {
  if (timeout === Infinity) return -1;
  return Math.ceil(Math.min(timeout, MAX_WAIT_NS) / 1e6);
}
