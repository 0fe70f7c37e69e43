import type { Limits as RunLimits } from "../run/options.ts";
import { ModuleLimiter } from "../wasm/module-limiter.ts";

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

/** Those of an instance; its core modules are held to theirs by `limiterOf`. */
export function handleLimits({ resources, hostcallBytes }: Limits): RunLimits {
  return {
    ...(resources === undefined ? {} : { maxResources: resources, maxComponentHandles: LENT * resources }),
    ...(hostcallBytes === undefined ? {} : { hostcallFuel: hostcallBytes }),
  };
}

export function limiterOf({ memory, tableElements }: Limits): ModuleLimiter {
  return new ModuleLimiter({
    ...(memory === undefined ? {} : { memorySize: memory }),
    ...(tableElements === undefined ? {} : { tableElements }),
  });
}
