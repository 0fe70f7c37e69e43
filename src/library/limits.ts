import type { GuestLimits } from "../run/options.ts";
import type { ModuleLimits } from "../wasm/limits/limit-module.ts";
import type { OptionNames } from "./check-options.ts";

/** What a guest may use. */
export interface Limits {
  /**
   * Bytes that each of its memories may grow to: what the engine has unless given. A module with objects that the engine collects
   * (struct and array types) is refused where it is given: nothing limits those.
   */
  readonly memory?: number;
  /** Elements that each of its tables may grow to: what the engine has unless given. */
  readonly tableElements?: number;
  /** Core instances that it may make, in all: 10,000 unless given. */
  readonly instances?: number;
  /** Memories that those may define, in all: 10,000 unless given. */
  readonly memories?: number;
  /** Tables that those may define, in all: 10,000 unless given. */
  readonly tables?: number;
  /** Handles on resources that it may hold at once: 100,000 unless given. */
  readonly resources?: number;
  /** Bytes that the strings and lists of one call may copy out of its memory: 128 MiB unless given. */
  readonly hostcallBytes?: number;
}

export const limitNames: OptionNames<Limits> = {
  memory: true,
  tableElements: true,
  instances: true,
  memories: true,
  tables: true,
  resources: true,
  hostcallBytes: true,
};

/** Each handle may be lent while it is held. */
const LENT = 2;

/** Those of an instance; the memories and tables of its core modules are held to theirs by `moduleLimits`. */
export function instanceLimits({ resources, hostcallBytes, instances, memories, tables }: Limits): GuestLimits {
  return {
    ...(instances === undefined ? {} : { maxInstances: instances }),
    ...(memories === undefined ? {} : { maxMemories: memories }),
    ...(tables === undefined ? {} : { maxTables: tables }),
    ...(resources === undefined ? {} : { maxResources: resources, maxComponentHandles: LENT * resources }),
    ...(hostcallBytes === undefined ? {} : { hostcallFuel: hostcallBytes }),
  };
}

export function moduleLimits({ memory, tableElements }: Limits): ModuleLimits {
  return {
    ...(memory === undefined ? {} : { memorySize: memory }),
    ...(tableElements === undefined ? {} : { tableElements }),
  };
}
