import type { InstantiateOptions } from "../component/instantiate-options.ts";
import { limitModule } from "../component/limit-module.ts";
import type { Limits as RunLimits } from "../run.ts";

/** What a guest may use. */
export interface Limits {
  /** Bytes that each of its memories may grow to: what the engine has unless given. */
  readonly memory?: number;
  /** Elements that each of its tables may grow to: what the engine has unless given. */
  readonly tableElements?: number;
  /** Handles on resources that it may hold at once: 100,000 unless given. */
  readonly resources?: number;
  /** Bytes that the strings and lists of one call may copy out of its memory: 128 MiB unless given. */
  readonly hostcallBytes?: number;
}

/** Each handle may be lent while it is held. */
const LENT = 2;

export function runLimits({ memory, tableElements, resources, hostcallBytes }: Limits): RunLimits {
  return {
    ...(memory === undefined ? {} : { memorySize: memory }),
    ...(tableElements === undefined ? {} : { tableElements }),
    ...(resources === undefined ? {} : { maxResources: resources, maxComponentHandles: LENT * resources }),
    ...(hostcallBytes === undefined ? {} : { hostcallFuel: hostcallBytes }),
  };
}

export function instantiationLimits(given: Limits): InstantiateOptions {
  const limits = runLimits(given);
  return { ...limits, compile: (bytes) => new WebAssembly.Module(limitModule(bytes, limits)) };
}
