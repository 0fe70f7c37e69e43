/** The code for async functions, streams and futures. Loaded only for components that have any. */
import type { Poll } from "../../core/wait/poll.ts";
import { ContextSlots } from "../async/context-slots.ts";
import { InstanceTasks } from "../async/instance-tasks.ts";
import { Scheduler, type Ways } from "../async/scheduler.ts";
import { callGraph } from "../async/stack-switching.ts";
import { liftReadable, lowerReadable } from "../async/streams/readable.ts";
import { originOf } from "../async/task.ts";
import { type Component, hasDefinition } from "../binary/component.ts";
import type { HandleBudget } from "../instance/handles.ts";
import type { InstanceState } from "../instance/state.ts";
import { asyncBuiltin } from "./async-builtins.ts";
import { canonLiftConcurrent, canonLowerConcurrent } from "./async-canon.ts";

const ends = { lift: liftReadable, lower: lowerReadable };

export const concurrency = {
  callGraph,
  hasContextSlots,
  scheduler: (poll: Poll, budget: HandleBudget, ways: Ways) => new Scheduler(poll, new ContextSlots(), budget, ways),
  originOf,
  tasks: (state: InstanceState, scheduler: Scheduler, hasThreads: boolean) =>
    new InstanceTasks(state, scheduler, ends, hasThreads),
  lift: canonLiftConcurrent,
  lower: canonLowerConcurrent,
  builtin: asyncBuiltin,
};

function hasContextSlots(component: Component): boolean {
  return hasDefinition(component, ({ kind }) => kind === "context.get" || kind === "context.set");
}

export type Concurrency = typeof concurrency;
