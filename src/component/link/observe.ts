import type { Callee } from "../host.ts";
import { type HostFunction, mayWait, resultBuffer } from "../host.ts";
import type { FuncType, ResourceId } from "../types/types.ts";

/** A function of the host that a component has imported. */
export interface Import {
  /** The interface as the component names it; empty for a function that is imported by itself. */
  readonly instance: string;
  /** Its WIT name; `[resource-drop]NAME` for the function that drops a resource. */
  readonly name: string;
  readonly type: FuncType;
  /** Returns the name of a resource in its type. */
  readonly nameOf: (id: ResourceId) => string | undefined;
  /** Set if it takes and returns bytes and numbers without objects (host.ts, `resultBuffer`). */
  readonly resultBuffer: DataView | undefined;
  /** Whether it may wait (host.ts, `mayWait`). */
  readonly mayWait: boolean;
}

export type HostCall = (...args: never[]) => unknown;

/**
 * Called once for each import when it is linked. Returns the function that is called in place of `call`, with the same convention.
 */
export type Observe = (about: Import, call: HostCall) => HostCall;

/** A function's name and interface. */
export interface FunctionName {
  /** The interface as the component names it; empty for a function that stands by itself. */
  readonly instance: string;
  /** Its WIT name. */
  readonly name: string;
}

/**
 * Converts functions for a program whose values have other forms than host.ts and streams.ts say. Called once for each function,
 * before its first call.
 */
export interface AdaptFunctions {
  /** Returns the function that the component calls in place of the program's; undefined to call that. */
  imported(type: FuncType, name: FunctionName, call: HostCall): HostCall | undefined;
  /** Returns the function that the program gets in place of an exported one. */
  exported(type: FuncType, name: FunctionName, call: AnyFunction): AnyFunction;
}

export type AnyFunction = (...args: unknown[]) => unknown;

/** Returns the callee with an observer. The high-level form is observed: the raw one does not show its arguments and result. */
export function observed(
  observe: Observe,
  about: Pick<Import, "instance" | "name" | "type" | "nameOf">,
  callee: Callee,
  host: HostFunction,
): HostFunction {
  const call = observe(
    { ...about, resultBuffer: host[resultBuffer], mayWait: host[mayWait] === true },
    asFunction(callee),
  );
  const buffer = host[resultBuffer];
  const waits = host[mayWait];
  const marks = { ...(buffer && { [resultBuffer]: buffer }), ...(waits === undefined ? {} : { [mayWait]: waits }) };
  return Object.assign((...args: never[]) => call(...args), marks);
}

/** Returns a callee as a function: of a method's object and arguments, or of a constructor's arguments. */
export function asFunction({ form, target }: Callee): HostCall {
  switch (form) {
    case "function":
      return target;
    case "method":
      return (...[self, ...args]) => target.apply(self, args);
    case "constructor":
      return (...args) => Reflect.construct(target, args);
  }
}
