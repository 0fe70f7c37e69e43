import { Trap } from "../core/wait/errors.ts";
import { grownTooFar, trapOnGrowFailure } from "./grow-traps.ts";
import { limitModule, type ModuleLimits } from "./limit-module.ts";
import { ModuleBudget, type ModuleCounts } from "./module-budget.ts";

/** What a run's core modules may have, and how many of them. Loaded only for a run that has such limits. */
export class ModuleLimiter {
  readonly #limits: ModuleLimits;
  readonly #budget: ModuleBudget;
  /** What the instances export whose failures to grow are traps. */
  readonly #growing: WebAssembly.Exports[] = [];

  constructor(limits: ModuleLimits & ModuleCounts) {
    this.#limits = limits;
    this.#budget = new ModuleBudget(limits);
  }

  /** The module as it may be compiled. @throws LimitError */
  limited(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const limited = limitModule(module, this.#limits);
    return this.#limits.trapOnGrowFailure === true ? trapOnGrowFailure(limited) : limited;
  }

  /** Counts an instance that is about to be made. @throws LimitError */
  instantiating(module: Uint8Array<ArrayBuffer>): void {
    this.#budget.take(module);
  }

  /** An instance has been made. */
  instantiated(exports: WebAssembly.Exports): void {
    if (this.#limits.trapOnGrowFailure === true) this.#growing.push(exports);
  }

  /** What a guest was ended by, of which the engine only knows that it trapped. */
  explained(trap: Trap): Trap {
    for (const exports of this.#growing) {
      const message = grownTooFar(exports);
      if (message === undefined) continue;
      const forced = new Trap(message, { cause: trap });
      forced.stage = trap.stage;
      // The first is that of the function that grew.
      forced.frames = trap.frames.slice(1);
      return forced;
    }
    return trap;
  }
}
