import { limitModule, type ModuleLimits } from "./limit-module.ts";
import { ModuleBudget, type ModuleCounts } from "./module-budget.ts";

/** What a run's core modules may have, and how many of them. Loaded only for a run that has such limits. */
export class ModuleLimiter {
  readonly #limits: ModuleLimits;
  readonly #budget: ModuleBudget;

  constructor(limits: ModuleLimits & ModuleCounts) {
    this.#limits = limits;
    this.#budget = new ModuleBudget(limits);
  }

  /** The module as it may be compiled. @throws LimitError */
  limited(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return limitModule(module, this.#limits);
  }

  /** Counts an instance that is about to be made. @throws LimitError */
  instantiating(module: Uint8Array<ArrayBuffer>): void {
    this.#budget.take(module);
  }
}
