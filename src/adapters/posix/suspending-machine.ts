import type { SuspendingMachine } from "../contract.ts";
import type { Parts } from "../machines.ts";
import { UnsupportedRuntime } from "../unsupported-runtime.ts";
import { monotonicClock } from "./clock.ts";
import { createContext } from "./context.ts";
import { machineOf } from "./machine.ts";
import type { Platform } from "./platform.ts";
import { SuspendingEpoll } from "./suspending-epoll.ts";
import { Waiter } from "./waiter.ts";

let waiter: Waiter | undefined;

/**
 * The machine of the posix family for guests that are suspended while they wait. All that are made share one thread.
 *
 * @param thread What that thread runs: the adapter's own, which calls `serveWaiter`
 * @throws UnsupportedRuntime without epoll
 */
export function createSuspendingPosixMachine(
  platform: Platform,
  thread: URL,
  parts?: Parts,
): Promise<SuspendingMachine> {
  const context = createContext(platform);
  const { epoll } = context.sys;
  if (epoll === undefined) throw new UnsupportedRuntime("suspended guests wait by epoll, which this system has not");
  waiter ??= new Waiter(context, epoll, thread);
  const now = monotonicClock(context);
  return machineOf(context, now, new SuspendingEpoll(context, epoll, now, waiter), parts && { parts });
}
