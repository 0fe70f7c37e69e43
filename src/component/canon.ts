import type { StringEncoding } from "./component.ts";
import type { Convention } from "./emitter.ts";
import { Resource } from "./handles.ts";
import { lean, raw } from "./host.ts";
import type { ComponentFunc } from "./items.ts";
import type { GuestMemory } from "./memory.ts";
import { LoweredContext } from "./raw-context.ts";
import { cannotEnter, cannotLeave, type InstanceState } from "./state.ts";
import { type CoreFunction, guarded, type JsFunction, liftFunction, lowerFunction } from "./trampolines.ts";
import type { FuncType, ResourceId } from "./types.ts";

/** The canonical definitions of a component (CanonicalABI.md, "Canonical Definitions"), as an instance makes them. */
export interface CanonContext {
  readonly state: InstanceState;
  readonly memory: GuestMemory | undefined;
  readonly encoding: StringEncoding;
  resource(id: ResourceId): Resource;
}

export function canonLift(
  type: FuncType,
  context: CanonContext,
  core: CoreFunction,
  postReturn: CoreFunction | undefined,
): ComponentFunc {
  return {
    kind: "lifted",
    as: (convention: Convention, caller: InstanceState | undefined): JsFunction =>
      liftFunction(
        type,
        { ...context, countLends: false, lean: undefined, convention },
        core,
        postReturn,
        context.state.enteredFrom(caller),
      ),
  };
}

export function canonLower(func: ComponentFunc, type: FuncType, context: CanonContext): CoreFunction {
  const { state, memory } = context;
  const borrows = type.params.some((param) => param.type.info.borrows);
  if (func.kind === "lifted") {
    const callee = { form: "function", target: func.as("component", state) } as const;
    return lowerFunction(type, { ...context, countLends: borrows, lean: undefined, convention: "component" }, callee);
  }
  const factory = func.host[raw];
  if (factory !== undefined) {
    return guarded(type, state, factory(new LoweredContext(type, state, memory, context.resource)));
  }
  // the host cannot call back into an instance that waits for it: only an own handle beside the borrow can end the loan
  const countLends = borrows && type.params.some((param) => param.type.info.owns);
  return lowerFunction(type, { ...context, countLends, lean: func.host[lean], convention: "host" }, func.callee);
}

/** A resource type that the component defines; `destructor` gets a representation whose own handle was dropped. */
export function definedResource(state: InstanceState, destructor: CoreFunction | undefined): Resource {
  return new Resource("resource", undefined, state, (representation, caller) => {
    if (destructor === undefined) return;
    const entered = state.enteredFrom(caller);
    if (entered.some((instance) => !instance.mayEnter)) cannotEnter();
    for (const instance of entered) instance.mayEnter = false;
    destructor(representation as never);
    for (const instance of entered) instance.mayEnter = true;
  });
}

export function resourceBuiltin(
  kind: "resource.new" | "resource.drop" | "resource.rep",
  resource: Resource,
  state: InstanceState,
): (argument: number) => unknown {
  const { handles } = state;
  switch (kind) {
    case "resource.new":
      return (representation) => {
        try {
          if (!state.mayLeave) cannotLeave();
          return handles.add(resource, representation);
        } catch (error) {
          return state.end(error);
        }
      };
    case "resource.drop":
      return (index) => {
        try {
          if (!state.mayLeave) cannotLeave();
          return handles.drop(index, resource, state);
        } catch (error) {
          return state.end(error);
        }
      };
    case "resource.rep":
      return (index) => {
        try {
          return handles.get(index, resource).representation;
        } catch (error) {
          return state.end(error);
        }
      };
  }
}
