import { throwThrough } from "../../core/wait/uncatchable.ts";
import { andThen, type Waiting } from "../../core/wait/waiting.ts";
import { LinkError } from "../../wasm/errors.ts";
import type { Suspension } from "../../wasm/jspi.ts";
import type { CoreFuncType, CoreFunction } from "../../wasm/types.ts";
import type { CodeShape, Convention, Owner } from "../abi/emitter.ts";
import { LoweredContext } from "../abi/raw-context.ts";
import type { Binder } from "../abi/template.ts";
import { type CallKind, guarded, liftFunction, lowerFunction } from "../abi/trampolines.ts";
import type { InlineCall, InstanceTasks } from "../async/instance-tasks.ts";
import type { StringEncoding } from "../binary/canon.ts";
import {
  type Callee,
  type HostFunction,
  type JsFunction,
  type RawFactory,
  type ResourceClass,
  raw,
  resultBuffer,
} from "../host.ts";
import { ResourceType } from "../instance/handles.ts";
import { cannotEnter, cannotLeave, type InstanceState, throwOut } from "../instance/state.ts";
import { flatten } from "../types/layout.ts";
import type { CanonCode } from "./canon-code.ts";
import type { ComponentFunc } from "./items.ts";
import type { Observe } from "./observe.ts";
import type { Suspending } from "./suspending.ts";

/** The instance in which canonical definitions are made (CanonicalABI.md, "Canonical Definitions"). */
export interface CanonContext extends Binder, Suspendable {
  readonly mayWait: MayWait;
  /** Called for each call of a built-in of component model async, and for each event that a task gets. */
  readonly observe: Observe | undefined;
  /** Undefined if the component has nothing of component model async. */
  readonly tasks: InstanceTasks | undefined;
  readonly encoding: StringEncoding;
}

/** Returns a part that component model async needs. @throws LinkError if it is missing, as in a component that is only checked */
export function required<T>(part: T | undefined): T {
  if (part !== undefined) return part;
  throw new LinkError("component model async", ["this component has async functions, which only `run` can wait for"]);
}

export function canonLift(
  code: CanonCode,
  context: CanonContext,
  core: CoreFunction,
  postReturn: CoreFunction | undefined,
): ComponentFunc {
  const { state, suspending } = context;
  return {
    kind: "lifted",
    calleeInstance: state,
    // a call into an instance with threads has a thread of its own
    core: postReturn === undefined && context.tasks?.hasThreads !== true ? core : undefined,
    mayWait: () => state.mayWait,
    as: (convention: Convention, caller: InstanceState | undefined): JsFunction => {
      const { tasks } = context;
      const entered = state.enteredFrom(caller);
      const suspends = state.mayWait && suspending !== undefined;
      const called = { core: suspends ? suspending.promising(core) : core, postReturn, entered, convention };
      // where nothing is suspended, the generated code tells the scheduler
      const isFrame = tasks?.hasThreads === false && convention === "component" && !suspends;
      const callKind = isFrame ? "frame" : undefined;
      const lifted = bindLift(code, context, called, suspends, callKind);
      return tasks === undefined || callKind !== undefined ? lifted : tasks.call(lifted, entered);
    },
  };
}

/** The core functions of a lift, and who calls it. */
interface LiftedCall {
  readonly core: CoreFunction;
  readonly postReturn: CoreFunction | undefined;
  /** The instances that the call enters. */
  readonly entered: readonly InstanceState[];
  readonly convention: Convention;
}

/** Returns the function that lowers its arguments, calls the core function, and lifts the result. */
export function bindLift(
  code: CanonCode,
  context: CanonContext,
  { core, postReturn, entered, convention }: LiftedCall,
  suspends: boolean,
  callKind: CallKind | undefined,
  inline?: InlineCall,
): JsFunction {
  const owners = ownersOf(code, context);
  const number = variant(convention, suspends, false, callKind === undefined ? 0 : CALL_KINDS[callKind]);
  const template = code.template(number + VARIANTS * entered.length, owners, () =>
    liftFunction(code.type, {
      ...shapeOf(code, context, owners, convention),
      countLends: false,
      unboxed: false,
      entered: entered.length,
      hasPostReturn: postReturn !== undefined,
      suspends,
      callKind,
    }),
  );
  return template.bind(context, { core, tasks: context.tasks, postReturn, entered, inline });
}

const noOwners: readonly Owner[] = [];

const forms: readonly Callee["form"][] = ["function", "method", "constructor"];
const RAW = forms.length;
/** The form of a lower of another component's function whose calls are tasks. */
export const TASKS = RAW;
/** Lifts have no form. In its place they have the way in which the scheduler sees their calls. */
const CALL_KINDS: Readonly<Record<CallKind, number>> = { frame: 1, inline: 2 };
const VARIANTS = 32;

/** Returns a number below VARIANTS for a variant of a lift's or lower's code, apart from its types and their owners. */
export function variant(convention: Convention, suspends: boolean, isUnboxed = false, form = 0): number {
  return (convention === "host" ? 1 : 0) | (suspends ? 2 : 0) | (isUnboxed ? 4 : 0) | (form << 3);
}

/** Returns the owners of the resource types in a signature. */
export function ownersOf({ resources }: CanonCode, { state, resource }: Binder): readonly Owner[] {
  if (resources.length === 0) return noOwners;
  const owners: Owner[] = [];
  for (const id of resources) {
    const { owner } = resource(id);
    owners.push(owner === undefined ? "host" : owner === state ? "own" : "other");
  }
  return owners;
}

export function shapeOf(
  { resources }: CanonCode,
  { memory, encoding }: CanonContext,
  owners: readonly Owner[],
  convention: Convention,
): Pick<CodeShape, "hasMemory" | "encoding" | "convention" | "ownerOf"> {
  return {
    hasMemory: memory !== undefined,
    encoding,
    convention,
    ownerOf: (id) => owners[resources.indexOf(id.root)]!,
  };
}

/**
 * Returns the suspension of an import that may wait, and marks the instance that calls it; undefined if nothing can be suspended.
 */
export function suspend({ state, suspending }: Suspendable, type: CoreFuncType): Suspension | undefined {
  if (suspending === undefined) return undefined;
  state.suspends = true;
  const suspension = suspending.suspension(type);
  const { lifetime } = state;
  if (lifetime === undefined) return suspension;
  return {
    suspendUntil: (promise) => suspension.suspendUntil(lifetime.unlessEnded(promise)),
    wrap: (work) => suspension.wrap(work),
  };
}

export interface Suspendable {
  readonly state: InstanceState;
  /** Undefined if nothing can be suspended. */
  readonly suspending: Suspending | undefined;
}

/** Whether a function or class of the host may return a promise to a guest that can be suspended. */
export type MayWait = (given: HostFunction | ResourceClass) => boolean;

export function canonLower(code: CanonCode, func: ComponentFunc, context: CanonContext): CoreFunction {
  if (func.kind === "lifted" && func.calleeInstance === context.state) return () => cannotEnter();
  const mayWait =
    code.type.async || (func.kind === "lifted" ? func.mayWait() : (func.mayWait ?? context.mayWait(func.host)));
  const suspension = mayWait ? suspend(context, flatten(code.type, "lower")) : undefined;
  const work =
    func.kind === "lifted"
      ? lowerTo(
          code,
          context,
          suspension,
          { form: "function", target: func.as("component", context.state) },
          "component",
        )
      : func.host[raw] !== undefined
        ? lowerRaw(code, context, suspension, func.host[raw])
        : lowerTo(code, context, suspension, func, "host", func.host[resultBuffer]);
  return suspension === undefined ? work : suspension.wrap(work);
}

function lowerTo(
  code: CanonCode,
  context: CanonContext,
  suspension: Suspension | undefined,
  { form, target }: Callee,
  convention: Convention,
  received?: DataView,
): CoreFunction {
  const suspends = suspension !== undefined;
  const owners = ownersOf(code, context);
  const isUnboxed = received !== undefined;
  const template = code.template(variant(convention, suspends, isUnboxed, forms.indexOf(form)), owners, () => {
    const { params } = code.type;
    const borrows = params.some((param) => param.type.info.borrows);
    // The host cannot call back into an instance that waits for it, and no other of its tasks runs unless it waits for an async
    // function. So only an own handle beside the borrow could end the loan.
    const countLends =
      borrows && (convention === "component" || code.type.async || params.some((param) => param.type.info.owns));
    const shape = { ...shapeOf(code, context, owners, convention), countLends, unboxed: isUnboxed };
    return lowerFunction(code.type, shape, form, suspends);
  });
  return template.bind(context, {
    callee: target,
    received,
    suspendUntil: suspension?.suspendUntil,
    tasks: context.tasks,
  });
}

function lowerRaw(
  code: CanonCode,
  context: CanonContext,
  suspension: Suspension | undefined,
  factory: RawFactory,
): CoreFunction {
  const template = code.template(variant("host", suspension !== undefined, false, RAW), noOwners, () =>
    guarded(code.type, suspension !== undefined),
  );
  const callee = factory(new LoweredContext(code.type, context));
  return template.bind(context, { callee, suspendUntil: suspension?.suspendUntil });
}

/**
 * Returns a resource type that the component defines. `destructor` is called with a representation whose own handle was dropped.
 */
export function definedResource(
  { state, suspending }: Suspendable,
  destructor: CoreFunction | undefined,
  tasks: InstanceTasks | undefined,
): ResourceType {
  if (destructor === undefined)
    return new ResourceType(
      "resource",
      undefined,
      state,
      () => {},
      () => false,
    );
  const mayWait = () => state.mayWait;
  const failed = (error: unknown): never => (tasks === undefined ? throwOut(error) : tasks.failed(error));
  const destroyNow = (representation: unknown, caller: InstanceState | undefined): Waiting<void> => {
    const entered = state.enteredFrom(caller);
    if (entered.some((instance) => !instance.mayEnter)) cannotEnter();
    for (const instance of entered) instance.mayEnter = false;
    const call = mayWait() && suspending !== undefined ? suspending.promising(destructor) : destructor;
    const run = () => call(representation as never);
    let done: Waiting<unknown>;
    try {
      done = tasks === undefined ? run() : tasks.callInto(entered, run, nothing);
    } catch (error) {
      failed(error);
    }
    if (done instanceof Promise) done = done.catch(failed);
    return andThen(done, () => {
      for (const instance of entered) instance.mayEnter = true;
    });
  };
  const destroy = (representation: unknown, caller: InstanceState | undefined): Waiting<void> => {
    if (caller === undefined && state.endedBy !== undefined) return undefined;
    if (caller !== undefined || tasks === undefined) return destroyNow(representation, caller);
    const { scheduler } = tasks;
    // the resources of an instance that was ended are gone
    if (scheduler.ended) return undefined;
    return scheduler.entering(() => destroyNow(representation, caller));
  };
  return new ResourceType("resource", undefined, state, destroy, mayWait);
}

function nothing(): void {}

const dropType: CoreFuncType = { params: ["i32"], results: [] };

export function resourceBuiltin(
  kind: "resource.new" | "resource.drop" | "resource.rep",
  resource: ResourceType,
  context: Suspendable,
): CoreFunction {
  const { state } = context;
  const { handles } = state;
  switch (kind) {
    case "resource.new":
      return (representation: number) => {
        try {
          if (!state.mayLeave) cannotLeave(state.endedBy);
          return handles.add(resource, representation);
        } catch (error) {
          return throwThrough(error);
        }
      };
    case "resource.drop": {
      const suspension = resource.mayWait() ? suspend(context, dropType) : undefined;
      const drop = (index: number): unknown => {
        try {
          if (!state.mayLeave) cannotLeave(state.endedBy);
          const dropped = handles.drop(index, resource, state);
          if (suspension === undefined || dropped === undefined) return undefined;
          return suspension.suspendUntil(dropped.catch(throwThrough));
        } catch (error) {
          return throwThrough(error);
        }
      };
      return suspension === undefined ? drop : suspension.wrap(drop);
    }
    case "resource.rep":
      return (index: number) => {
        try {
          return handles.get(index, resource).representation;
        } catch (error) {
          return throwThrough(error);
        }
      };
  }
}
