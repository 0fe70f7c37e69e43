import type { Callee } from "../host.ts";
import { type HostFunction, mayWait, resultBuffer } from "../host.ts";
import type { FuncType, ResourceId } from "../types/types.ts";

/** A function of the host that a component has imported. */
export interface Import {
  /** The interface as the component names it; empty for a function that is imported by itself. */
  readonly instance: string;
  /** Its WIT name; `[resource-drop]NAME` for what drops the last handle on a resource. */
  readonly name: string;
  readonly type: FuncType;
  /** The name of a resource in its type. */
  readonly nameOf: (id: ResourceId) => string | undefined;
  /** Set when it takes and returns bytes and counts without objects (host.ts, `resultBuffer`). */
  readonly resultBuffer: DataView | undefined;
  /** Whether it is one of those that may wait (host.ts, `mayWait`). */
  readonly mayWait: boolean;
}

export type HostCall = (...args: never[]) => unknown;

/** Asked once for each import as it is linked: answers what is called in place of `call`, in the same convention. */
export type Observe = (about: Import, call: HostCall) => HostCall;

/** A function, by where it stands. */
export interface FunctionName {
  /** The interface as the component names it; empty for a function that is by itself. */
  readonly instance: string;
  /** Its WIT name. */
  readonly name: string;
}

/**
 * Stands between the component and a program that has values in other forms than host.ts and streams.ts say. Asked once for each
 * function, before it is first called.
 */
export interface AdaptFunctions {
  /** What the component calls in the place of what the program gives; undefined: that. */
  imported(type: FuncType, name: FunctionName, call: HostCall): HostCall | undefined;
  /** What the program is given in the place of an exported function. */
  exported(type: FuncType, name: FunctionName, call: AnyFunction): AnyFunction;
}

export type AnyFunction = (...args: unknown[]) => unknown;

/** The callee's high-level form, observed: a raw one would not say what it took and answered. */
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

/** The callee as a function: of a method's object and arguments, or of a constructor's arguments. */
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
