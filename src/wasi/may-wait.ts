import { type HostFunction, mayWait } from "../component/host.ts";

/** Marks a function that may answer a promise to a guest that can be suspended. */
export function waiting(method: HostFunction): HostFunction {
  return Object.assign(method, { [mayWait]: true });
}
