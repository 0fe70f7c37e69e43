/** The code for async functions, streams and futures. Loaded only for components that have any. */
import type { Poll } from "../../core/wait/poll.ts";
import { ContextSlots } from "../async/context-slots.ts";
import { InstanceTasks } from "../async/instance-tasks.ts";
import { Scheduler, type SchedulerOptions } from "../async/scheduler.ts";
import { callGraph } from "../async/stack-switching.ts";
import { liftReadable, lowerReadable } from "../async/streams/readable.ts";
import { originOf } from "../async/task.ts";
import { type Component, hasDefinition } from "../binary/component.ts";
import type { HandleBudget } from "../instance/handles.ts";
import type { InstanceState } from "../instance/state.ts";
import { asyncBuiltin } from "./async-builtins.ts";
import { canonLiftAsync, canonLowerAsync } from "./async-canon.ts";

const ends = { lift: liftReadable, lower: lowerReadable };

export const asyncSupport = {
  callGraph,
  hasContextSlots,
  scheduler: (poll: Poll, budget: HandleBudget, options: SchedulerOptions) =>
    new Scheduler(poll, new ContextSlots(), budget, options),
  originOf,
  tasks: (state: InstanceState, scheduler: Scheduler, hasThreads: boolean) =>
    new InstanceTasks(state, scheduler, ends, hasThreads),
  lift: canonLiftAsync,
  lower: canonLowerAsync,
  builtin: asyncBuiltin,
};

function hasContextSlots(component: Component): boolean {
  return hasDefinition(component, ({ kind }) => kind === "context.get" || kind === "context.set");
}

export type AsyncSupport = typeof asyncSupport;
