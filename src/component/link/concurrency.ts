/** The code for async functions, streams and futures. Loaded only for components that have any. */
import type { Poll } from "../../core/wait/poll.ts";
import { ContextSlots } from "../async/context-slots.ts";
import type { Awaited } from "../async/host-callers.ts";
import { InstanceTasks } from "../async/instance-tasks.ts";
import { liftReadable, lowerReadable } from "../async/readable.ts";
import { Scheduler } from "../async/scheduler.ts";
import type { HandleBudget } from "../instance/handles.ts";
import type { InstanceState } from "../instance/state.ts";
import { asyncBuiltin } from "./async-builtins.ts";
import { canonLiftAsync, canonLiftWaiting, canonLowerConcurrent } from "./async-canon.ts";

const ends = { lift: liftReadable, lower: lowerReadable };

export const concurrency = {
  /** @param suspends Whether guests can be suspended */
  scheduler: (poll: Poll, suspends: boolean, budget: HandleBudget, awaited?: Awaited) =>
    new Scheduler(poll, new ContextSlots(), suspends, budget, awaited),
  tasks: (state: InstanceState, scheduler: Scheduler) => new InstanceTasks(state, scheduler, ends),
  liftAsync: canonLiftAsync,
  liftWaiting: canonLiftWaiting,
  lower: canonLowerConcurrent,
  builtin: asyncBuiltin,
};

export type Concurrency = typeof concurrency;
