import type { SuspendingMachine } from "../../machine/machine.ts";
import type { MachineNeeds } from "../../machine/machines.ts";
import { UnsupportedRuntime } from "../../machine/unsupported-runtime.ts";
import { monotonicClock } from "./libc/clock.ts";
import { createContext } from "./libc/context.ts";
import type { Platform } from "./libc/platform.ts";
import { machineOf } from "./machine.ts";
import { LingeringEpoll } from "./wait/lingering-epoll.ts";
import { SuspendingEpoll } from "./wait/suspending-epoll.ts";
import { Waiter } from "./wait/waiter.ts";

let waiter: Waiter | undefined;

/**
 * Makes a machine of the posix family for guests whose stacks are suspended while they wait. All such machines share
 * one waiter thread.
 *
 * @param thread The worker that the thread runs, by its name (adapters/process/worker.ts): the adapter's own, which calls `serveWaiter`
 * @throws UnsupportedRuntime without epoll; OutOfResources
 */
export async function createSuspendingPosixMachine(
  platform: Platform,
  thread: string,
  needs?: MachineNeeds,
): Promise<SuspendingMachine> {
  const context = createContext(platform, needs?.ownsDescriptors);
  const { epoll } = context.sys;
  if (epoll === undefined) throw new UnsupportedRuntime("suspended guests wait by epoll, which this system has not");
  try {
    waiter ??= new Waiter(context, epoll, thread);
  } catch (error) {
    context.close();
    throw error;
  }
  const now = monotonicClock(context);
  const Epoll = needs?.ownsEventLoop === true ? LingeringEpoll : SuspendingEpoll;
  return machineOf(context, now, new Epoll(context, epoll, now, waiter), needs && { needs });
}
