import { then, type Waiting } from "../../core/wait/waiting.ts";
import { LinkError } from "../../wasm/errors.ts";
import type { CoreFunction } from "../../wasm/types.ts";
import { lowerAsync, startAsync } from "../abi/async-functions.ts";
import { liftFunction } from "../abi/trampolines.ts";
import type { InstanceTasks } from "../async/instance-tasks.ts";
import { Subtask } from "../async/subtask.ts";
import { type Lifted, type Resolution, Task } from "../async/task.ts";
import { ComponentError } from "../errors.ts";
import type { Callee, JsFunction } from "../host.ts";
import { isPending, type Pending } from "../streams.ts";
import type { ValType } from "../types/types.ts";
import { type CanonContext, canonLower, concurrent, ownersOf, shapeOf, variant } from "./canon.ts";
import type { CanonCode } from "./canon-code.ts";
import type { ComponentFunc } from "./items.ts";
import { asFunction } from "./observe.ts";
import { observedCallback } from "./observed-builtins.ts";

/** The lifts and lowers of component model async (CanonicalABI.md, `canon_lift` and `canon_lower`). */

/** @param callback Undefined: the core function waits inside */
export function canonLiftAsync(
  code: CanonCode,
  context: CanonContext,
  core: CoreFunction,
  callback: CoreFunction | undefined,
): ComponentFunc {
  const tasks = concurrent(context.tasks);
  const { state, suspending, memory, encoding, observe } = context;
  const { result } = code.type;
  return {
    kind: "lifted",
    callee: state,
    mayWait: () => true,
    as(convention, caller): JsFunction {
      const owners = ownersOf(code, context);
      const suspends = state.suspends && suspending !== undefined;
      const template = code.template(variant(convention, suspends), owners, () =>
        startAsync(code.type, { ...shapeOf(code, context, owners, convention), countLends: false, lean: false }),
      );
      const promising = suspends ? suspending.promising : (func: CoreFunction) => func;
      const start = template.bind(context, { core: promising(core), tasks }) as Start;
      const called = (each: Callback) => (observe === undefined ? each : observedCallback(observe, each, tasks));
      const lifted: Lifted = {
        instance: tasks,
        entered: state.enteredFrom(caller),
        callback: callback && called(promising(callback) as Callback),
        // without a stack to switch to, who waits inside the guest is in the way of all others
        exclusive: callback !== undefined || !tasks.scheduler.suspends,
        returns: { result, encoding, memory },
      };
      const count = code.type.params.length;
      return (...args: unknown[]) => {
        const outcome = new Outcome();
        const task = new Task(lifted, () => start(task, ...args), outcome);
        return then(runTask(task, outcome, args[count]), () => toHost(result, outcome.value()));
      };
    },
  };
}

type Callback = NonNullable<Lifted["callback"]>;

type Start = (task: Task, ...args: unknown[]) => number | Promise<number>;

/** The result of a call. */
class Outcome implements Resolution {
  #value: unknown;
  #error: { readonly error: unknown } | undefined;
  /** What may cancel the call. */
  signal: AbortSignal | undefined;

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

/**
 * Runs a task of the host's until it has returned. @param signal What follows the arguments of a call: if it is a signal, the task
 * is asked to end when that is aborted (CanonicalABI.md, `Task.request_cancellation`)
 */
function runTask(task: Task, outcome: Outcome, signal: unknown): Waiting<void> {
  const { scheduler } = task.lifted.instance;
  if (signal instanceof AbortSignal) return runUntil(signal, task, outcome);
  scheduler.mayEnter(task.entered);
  scheduler.begin(task);
  return scheduler.drive(() => task.resolved);
}

async function runUntil(signal: AbortSignal, task: Task, outcome: Outcome): Promise<void> {
  signal.throwIfAborted();
  const { scheduler } = task.lifted.instance;
  const abort = () => scheduler.deliver(() => task.requestCancellation());
  outcome.signal = signal;
  signal.addEventListener("abort", abort);
  try {
    await runTask(task, outcome, undefined);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** An async function that is lifted without `async`: it may wait inside the guest, and returns as others do. */
export function canonLiftWaiting(
  code: CanonCode,
  context: CanonContext,
  core: CoreFunction,
  postReturn: CoreFunction | undefined,
): ComponentFunc {
  const tasks = concurrent(context.tasks);
  const { state, suspending } = context;
  return {
    kind: "lifted",
    callee: state,
    mayWait: () => true,
    as(convention, caller): JsFunction {
      const owners = ownersOf(code, context);
      const suspends = state.suspends && suspending !== undefined;
      const template = code.template(variant(convention, suspends), owners, () =>
        liftFunction(code.type, {
          ...shapeOf(code, context, owners, convention),
          countLends: false,
          lean: false,
          entered: 0,
          hasPostReturn: postReturn !== undefined,
          suspends,
        }),
      );
      const called = suspends ? suspending.promising(core) : core;
      let starting: Task | undefined;
      const start = template.bind(context, {
        core: (...args: never[]) => {
          starting?.enter();
          return called(...args);
        },
        tasks,
        postReturn,
      }) as (...args: unknown[]) => unknown;
      const lifted: Lifted = {
        instance: tasks,
        entered: state.enteredFrom(caller),
        callback: undefined,
        exclusive: true,
        returns: undefined,
      };
      const count = code.type.params.length;
      return (...args: unknown[]) => {
        const outcome = new Outcome();
        const failed = (error: unknown): undefined => {
          if (!(error instanceof ComponentError)) throw error;
          task.return(undefined);
          outcome.refused(error);
        };
        const returned = (value: unknown): undefined => {
          task.return(value);
        };
        const call = (): undefined | Promise<undefined> => {
          starting = task;
          let value: unknown;
          try {
            value = start(...args);
          } catch (error) {
            return failed(error);
          }
          return value instanceof Promise ? value.then(returned, failed) : returned(value);
        };
        const task = new Task(lifted, call, outcome);
        return then(runTask(task, outcome, args[count]), () => outcome.value());
      };
    },
  };
}

function toHost(type: ValType | undefined, value: unknown): unknown {
  if (type?.kind !== "result") return value;
  const { tag, val } = value as { readonly tag: string; readonly val: unknown };
  if (tag === "err") throw new ComponentError(val);
  return val;
}

/** The lower of an async function, or an async lower: `isAsync` says which. */
export function canonLowerConcurrent(
  code: CanonCode,
  func: ComponentFunc,
  context: CanonContext,
  isAsync: boolean,
): CoreFunction {
  const tasks = concurrent(context.tasks);
  if (func.kind === "lifted")
    throw new LinkError("canon lower", [
      "async calls between components are not supported yet: they belong to component model async (WASI 0.3)",
    ]);
  return isAsync ? lowerToHost(code, func, context, tasks) : canonLower(code, awaited(func, tasks), context);
}

function lowerToHost(
  code: CanonCode,
  { form, target }: Callee,
  context: CanonContext,
  tasks: InstanceTasks,
): CoreFunction {
  const owners = ownersOf(code, context);
  const template = code.template(variant("host", false), owners, () => {
    const countLends = code.type.params.some((param) => param.type.info.borrows);
    return lowerAsync(code.type, { ...shapeOf(code, context, owners, "host"), countLends, lean: false }, form);
  });
  return template.bind(context, { callee: target, tasks });
}

/** A host's async function for a sync lower: its caller waits inside. */
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
  const subtask = new Subtask(tasks, { finish, lent: [] });
  subtask.begin(pending);
  return then(
    tasks.scheduler.wait(() => subtask.resolved),
    () => {
      if (outcome?.failed === true) throw outcome.value;
      return outcome?.value;
    },
  );
}
