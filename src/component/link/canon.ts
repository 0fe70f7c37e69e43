import { then, type Waiting } from "../../core/wait/waiting.ts";
import type { Suspension } from "../../wasm/jspi.ts";
import type { CoreFuncType, CoreFunction } from "../../wasm/types.ts";
import type { Convention } from "../abi/emitter.ts";
import { LoweredContext } from "../abi/raw-context.ts";
import { guarded, type JsFunction, liftFunction, lowerFunction } from "../abi/trampolines.ts";
import type { StringEncoding } from "../binary/component.ts";
import { lean, raw } from "../host.ts";
import { Resource } from "../instance/handles.ts";
import type { GuestMemory } from "../instance/memory.ts";
import { cannotEnter, cannotLeave, type InstanceState } from "../instance/state.ts";
import { flatten } from "../types/layout.ts";
import type { FuncType, ResourceId } from "../types/types.ts";
import type { ComponentFunc } from "./items.ts";
import type { Suspending } from "./suspending.ts";

/** The canonical definitions of a component (CanonicalABI.md, "Canonical Definitions"), as an instance makes them. */
export interface CanonContext {
  readonly state: InstanceState;
  readonly memory: GuestMemory | undefined;
  readonly encoding: StringEncoding;
  /** Undefined: nothing can be suspended. */
  readonly suspending: Suspending | undefined;
  resource(id: ResourceId): Resource;
}

export function canonLift(
  type: FuncType,
  context: CanonContext,
  core: CoreFunction,
  postReturn: CoreFunction | undefined,
): ComponentFunc {
  const { state } = context;
  return {
    kind: "lifted",
    mayWait: () => state.mayWait,
    as: (convention: Convention, caller: InstanceState | undefined): JsFunction =>
      liftFunction(
        type,
        { ...context, countLends: false, lean: undefined, convention },
        core,
        postReturn,
        state.enteredFrom(caller),
        state.mayWait ? context.suspending?.promising : undefined,
      ),
  };
}

/** A core function that may wait says so of the instance that calls it. */
function suspend(waits: boolean, { state, suspending }: Suspendable, type: () => CoreFuncType): Suspension | undefined {
  if (!waits || suspending === undefined) return undefined;
  state.suspends = true;
  return suspending.suspension(type());
}

type Suspendable = Pick<CanonContext, "state" | "suspending">;

export function canonLower(func: ComponentFunc, type: FuncType, context: CanonContext): CoreFunction {
  const { state, memory, suspending } = context;
  const borrows = type.params.some((param) => param.type.info.borrows);
  const waits = func.kind === "lifted" ? func.mayWait() : suspending?.mayWait(func.host) === true;
  const suspension = suspend(waits, context, () => flatten(type, "lower"));
  if (func.kind === "lifted") {
    const callee = { form: "function", target: func.as("component", state) } as const;
    return lowerFunction(
      type,
      { ...context, countLends: borrows, lean: undefined, convention: "component" },
      callee,
      suspension,
    );
  }
  const factory = func.host[raw];
  if (factory !== undefined) {
    return guarded(type, state, factory(new LoweredContext(type, state, memory, context.resource)), suspension);
  }
  // the host cannot call back into an instance that waits for it: only an own handle beside the borrow can end the loan
  const countLends = borrows && type.params.some((param) => param.type.info.owns);
  return lowerFunction(
    type,
    { ...context, countLends, lean: func.host[lean], convention: "host" },
    func.callee,
    suspension,
  );
}

/** A resource type that the component defines; `destructor` gets a representation whose own handle was dropped. */
export function definedResource({ state, suspending }: Suspendable, destructor: CoreFunction | undefined): Resource {
  if (destructor === undefined)
    return new Resource(
      "resource",
      undefined,
      state,
      () => {},
      () => false,
    );
  const mayWait = () => state.mayWait;
  const destroy = (representation: unknown, caller: InstanceState | undefined): Waiting<void> => {
    const entered = state.enteredFrom(caller);
    if (entered.some((instance) => !instance.mayEnter)) cannotEnter();
    for (const instance of entered) instance.mayEnter = false;
    const call = mayWait() && suspending !== undefined ? suspending.promising(destructor) : destructor;
    return then(call(representation as never), () => {
      for (const instance of entered) instance.mayEnter = true;
    });
  };
  return new Resource("resource", undefined, state, destroy, mayWait);
}

const dropType: CoreFuncType = { params: ["i32"], results: [] };

export function resourceBuiltin(
  kind: "resource.new" | "resource.drop" | "resource.rep",
  resource: Resource,
  context: Suspendable,
): CoreFunction {
  const { state } = context;
  const { handles } = state;
  switch (kind) {
    case "resource.new":
      return (representation: number) => {
        try {
          if (!state.mayLeave) cannotLeave();
          return handles.add(resource, representation);
        } catch (error) {
          return state.end(error);
        }
      };
    case "resource.drop": {
      const suspension = suspend(resource.mayWait(), context, () => dropType);
      const drop = (index: number): unknown => {
        try {
          if (!state.mayLeave) cannotLeave();
          const dropped = handles.drop(index, resource, state);
          if (suspension === undefined || dropped === undefined) return undefined;
          return suspension.park(dropped.catch((error) => state.end(error)));
        } catch (error) {
          return state.end(error);
        }
      };
      return suspension === undefined ? drop : suspension.wrap(drop);
    }
    case "resource.rep":
      return (index: number) => {
        try {
          return handles.get(index, resource).representation;
        } catch (error) {
          return state.end(error);
        }
      };
  }
}
