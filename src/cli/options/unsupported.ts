/** Options that wasmtime has and Pollux has not: they are refused by name. */
import { missingKey, NOT_YET } from "./groups/group.ts";
import { groups } from "./groups/groups.ts";
import type { Settings } from "./settings.ts";

/** A request that Pollux understands and does not meet. Exit status 1. */
export class UnsupportedOption extends Error {
  override readonly name = "UnsupportedOption";

  constructor(what: string, why = NOT_YET) {
    super(`${what} ${why}`);
  }
}

/** @throws UnsupportedOption for the first thing asked for that Pollux does not have. */
export function refuseLacking(given: Settings): void {
  for (const group of Object.values(groups)) {
    const missing = missingKey(group, given[group.long]);
    if (missing !== undefined) throw new UnsupportedOption(`-${group.short} ${missing.name}`, missing.refusal);
  }
  const [option] = given.lacking;
  if (option !== undefined) throw new UnsupportedOption(option);
}
