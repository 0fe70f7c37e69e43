import { throwThrough } from "../../core/wait/uncatchable.ts";
import { andThen, type Waiting } from "../../core/wait/waiting.ts";
import type { CoreFuncType, CoreFunction } from "../../wasm/types.ts";
import { finishSync, lowerAsync, lowerToGuest, startAsync } from "../abi/async-functions.ts";
import type { CodeShape, Convention, Owner } from "../abi/emitter.ts";
import { lowerFunction } from "../abi/trampolines.ts";
import { type CoreResult, GuestSubtask, type ValueTransfer } from "../async/guest-subtask.ts";
import { HostSubtask } from "../async/host-subtask.ts";
import { InlineCall, type InstanceTasks } from "../async/instance-tasks.ts";
import { RETURNED } from "../async/subtask.ts";
import { type Call, Task, type TaskFunction } from "../async/task.ts";
import { ComponentError } from "../errors.ts";
import type { Callee, JsFunction } from "../host.ts";
import { cannotEnter, type InstanceState } from "../instance/state.ts";
import { isPending, type Pending } from "../streams.ts";
import { flatten } from "../types/layout.ts";
import type { ValType } from "../types/types.ts";
import {
  bindLift,
  type CanonContext,
  canonLower,
  ownersOf,
  required,
  shapeOf,
  suspend,
  TASKS,
  variant,
} from "./canon.ts";
import type { CanonCode } from "./canon-code.ts";
import type { ComponentFunc, InlineLift } from "./items.ts";
import { asFunction } from "./observe.ts";
import { observedCallback } from "./observed-builtins.ts";

/** Lifts and lowers of component model async (CanonicalABI.md, `canon_lift` and `canon_lower`). */

/** The core functions of a lift. */
export interface LiftedCoreFunctions {
  readonly async: boolean;
  /** The index of `back`; undefined if the core function waits inside. */
  readonly callback: number | undefined;
  readonly core: CoreFunction;
  readonly back: CoreFunction | undefined;
  readonly postReturn: CoreFunction | undefined;
}

const callbackType: CoreFuncType = { params: ["i32", "i32", "i32"], results: ["i32"] };

/** The lift of an async function. One without `async` may wait inside the guest, and its core function returns the result. */
export function canonLiftAsync(code: CanonCode, context: CanonContext, called: LiftedCoreFunctions): ComponentFunc {
  const tasks = required(context.tasks);
  const { state } = context;
  const { result } = code.type;
  return {
    kind: "lifted",
    calleeInstance: state,
    mayWait: () => state.mayWait,
    as(convention, caller): JsFunction {
      const func = bindTask(code, context, tasks, called, convention, caller);
      const count = code.type.params.length;
      return (...args: unknown[]) => {
        const call = new HostCall(args);
        // An argument after the parameters may be a signal that cancels the call.
        const signal = args[count];
        const run = signal instanceof AbortSignal ? runUntil(signal, func, call) : runTask(new Task(func, call));
        return andThen(run, () => toHost(result, call.value()));
      };
    },
    taskFunctionFor(caller): () => TaskFunction {
      let made: TaskFunction | undefined;
      return () => {
        // Whether it may be suspended is only known when all is linked.
        made ??= bindTask(code, context, tasks, called, "component", caller);
        return made;
      };
    },
    inlineFor:
      called.async || tasks.scheduler.suspends ? undefined : (caller) => bindInline(code, context, called, caller),
  };
}

function bindInline(
  code: CanonCode,
  context: CanonContext,
  { core, postReturn }: LiftedCoreFunctions,
  caller: InstanceState,
): InlineLift {
  const entered = context.state.enteredFrom(caller);
  const call = new InlineCall(required(context.tasks), entered);
  const called = { core, postReturn, entered, convention: "component" } as const;
  return { call, lifted: bindLift(code, context, called, false, "inline", call) };
}

type Callback = NonNullable<TaskFunction["callback"]>;

function bindTask(
  code: CanonCode,
  context: CanonContext,
  tasks: InstanceTasks,
  { async, callback, core, back, postReturn }: LiftedCoreFunctions,
  convention: Convention,
  caller: InstanceState | undefined,
): TaskFunction {
  const { scheduler } = tasks;
  const { state, suspending, memory, encoding, observe } = context;
  const owners = ownersOf(code, context);
  const shape = { ...shapeOf(code, context, owners, convention), countLends: false, unboxed: false };
  const ran = (packed: number | bigint | undefined): void => {
    try {
      (scheduler.current as Task).ran(packed);
    } catch (error) {
      throwThrough(error);
    }
  };
  const may = (func: CoreFunction, type: CoreFuncType): CoreFunction =>
    state.mayWait && suspending !== undefined ? suspending.promisingAtOnce(func, type, ran) : func;
  const template = code.template(variant(convention, false), owners, () => startAsync(code.type, shape));
  const started = may(core, flatten(code.type, "lift", { async, callback }));
  const end = (): TaskFunction["finish"] => {
    const finish = () => finishSync(code.type, shape, postReturn !== undefined);
    const template = code.template(variant(convention, true), owners, finish);
    return template.bind(context, { tasks, postReturn }) as TaskFunction["finish"];
  };
  const calledBack = (func: CoreFunction): Callback => {
    const each = may(func, callbackType) as Callback;
    return observe === undefined ? each : observedCallback(observe, each, tasks);
  };
  return {
    instance: tasks,
    entered: state.enteredFrom(caller),
    crossComponent: convention === "component",
    start: template.bind(context, { core: started, tasks }) as TaskFunction["start"],
    callback: back && calledBack(back),
    // Without stack switching, a task that waits inside the guest keeps all others from running.
    exclusive: !async || back !== undefined || !scheduler.suspends,
    returns: async ? { result: code.type.result, encoding, memory } : undefined,
    finish: async ? undefined : end(),
  };
}

/** A call by the host. */
class HostCall implements Call {
  readonly #args: readonly unknown[];
  #value: unknown;
  #error: { readonly error: unknown } | undefined;
  /** Cancels the call when it is aborted. */
  signal: AbortSignal | undefined;

  constructor(args: readonly unknown[]) {
    this.#args = args;
  }

  lift(): readonly unknown[] {
    return this.#args;
  }

  returned(value: unknown): void {
    this.#value = value;
  }

  cancelled(): void {
    this.#error = { error: this.signal?.reason };
  }

  refused(error: unknown): void {
    this.#error = { error };
  }

  value(): unknown {
    if (this.#error !== undefined) throw this.#error.error;
    return this.#value;
  }
}

/** Runs a task of the host until it has returned. */
function runTask(task: Task): Waiting<void> {
  const { scheduler } = task.func.instance;
  scheduler.checkEntry(task.func.entered);
  scheduler.begin(task);
  return scheduler.drive(() => task.resolved);
}

/** As `runTask`. Requests the task's cancellation when the signal is aborted (CanonicalABI.md, `Task.request_cancellation`). */
async function runUntil(signal: AbortSignal, func: TaskFunction, call: HostCall): Promise<void> {
  signal.throwIfAborted();
  const task = new Task(func, call);
  const { scheduler } = func.instance;
  const abort = () => scheduler.deliver(() => task.requestCancellation());
  call.signal = signal;
  signal.addEventListener("abort", abort);
  try {
    await runTask(task);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function toHost(type: ValType | undefined, value: unknown): unknown {
  if (type?.kind !== "result") return value;
  const { tag, val } = value as { readonly tag: string; readonly val: unknown };
  if (tag === "err") throw new ComponentError(val);
  return val;
}

/** The lower of an async function, or an async lower, as `isAsync` says. */
export function canonLowerAsync(
  code: CanonCode,
  func: ComponentFunc,
  context: CanonContext,
  isAsync: boolean,
): CoreFunction {
  const tasks = required(context.tasks);
  if (func.kind === "lifted") return lowerBetween(code, func, context, isAsync);
  return isAsync ? lowerToHost(code, func, context, tasks) : canonLower(code, awaited(func, tasks), context);
}

function lowerBetween(
  code: CanonCode,
  func: ComponentFunc & { kind: "lifted" },
  context: CanonContext,
  isAsync: boolean,
): CoreFunction {
  const { state } = context;
  if (func.calleeInstance === state) return () => cannotEnter();
  const inline = isAsync ? undefined : func.inlineFor?.(state);
  if (inline === undefined) return lowerToTask(code, func, context, isAsync);
  let made: CoreFunction | undefined;
  const withTask: CoreFunction = (...args) => {
    made ??= lowerToTask(code, func, context, isAsync);
    return made(...args);
  };
  const { call, lifted } = inline;
  const owners = ownersOf(code, context);
  const template = code.template(variant("component", false), owners, () =>
    lowerFunction(code.type, lowerShape(code, context, owners, "component"), "function", false, true),
  );
  return template.bind(context, { callee: lifted, tasks: context.tasks, inline: call, withTask });
}

function lowerToTask(
  code: CanonCode,
  func: ComponentFunc & { kind: "lifted" },
  context: CanonContext,
  isAsync: boolean,
): CoreFunction {
  const { state } = context;
  const tasks = required(context.tasks);
  const taskFunction = required(func.taskFunctionFor)(state);
  const owners = ownersOf(code, context);
  const template = code.template(variant("component", false, false, TASKS), owners, () =>
    lowerToGuest(code.type, lowerShape(code, context, owners, "component"), isAsync),
  );
  const answered = (subtask: GuestSubtask): Waiting<CoreResult> => {
    if (!isAsync)
      return andThen(
        tasks.scheduler.wait(() => subtask.resolved),
        () => {
          subtask.deliver();
          return subtask.result;
        },
      );
    return andThen(subtask.letHolderRun(), () => {
      if (!subtask.resolved) return subtask.add();
      subtask.deliver();
      return RETURNED;
    });
  };
  const call = (values: ValueTransfer): Waiting<CoreResult> => {
    const subtask = new GuestSubtask(tasks, taskFunction(), values);
    return andThen(subtask.begin(), () => answered(subtask));
  };
  // With `async` it waits only for code that the host has suspended.
  const waits = !isAsync || func.mayWait();
  const suspension = waits
    ? suspend(context, flatten(code.type, "lower", { async: isAsync, callback: undefined }))
    : undefined;
  if (suspension === undefined) return template.bind(context, { callee: call, tasks });
  const { suspendUntil } = suspension;
  const callee = (values: ValueTransfer): CoreResult => {
    const result = call(values);
    return result instanceof Promise ? suspendUntil(result.catch(throwThrough)) : result;
  };
  return suspension.wrap(template.bind(context, { callee, tasks }));
}

function lowerToHost(
  code: CanonCode,
  { form, target }: Callee,
  context: CanonContext,
  tasks: InstanceTasks,
): CoreFunction {
  const owners = ownersOf(code, context);
  const template = code.template(variant("host", false), owners, () =>
    lowerAsync(code.type, lowerShape(code, context, owners, "host"), form),
  );
  return template.bind(context, { callee: target, tasks });
}

function lowerShape(
  code: CanonCode,
  context: CanonContext,
  owners: readonly Owner[],
  convention: Convention,
): CodeShape {
  const countLends = code.type.params.some((param) => param.type.info.borrows);
  return { ...shapeOf(code, context, owners, convention), countLends, unboxed: false };
}

/** Returns a host's async function as a sync lower needs it: the caller waits inside. */
function awaited(func: ComponentFunc & { kind: "host" }, tasks: InstanceTasks): ComponentFunc & { kind: "host" } {
  const target = asFunction(func);
  const call = (...args: never[]): unknown => {
    const value = target(...args);
    return isPending(value) ? awaitResult(value, tasks) : value;
  };
  return { kind: "host", form: "function", target: call, host: func.host };
}

function awaitResult(pending: Pending, tasks: InstanceTasks): Waiting<unknown> {
  let outcome: { readonly value: unknown; readonly failed: boolean } | undefined;
  const finish = (value: unknown, failed: boolean) => {
    outcome = { value, failed };
  };
  const subtask = new HostSubtask(tasks, { finish, lent: [] });
  subtask.begin(pending);
  return andThen(
    tasks.scheduler.wait(() => subtask.resolved),
    () => {
      if (outcome?.failed === true) throw outcome.value;
      return outcome?.value;
    },
  );
}
