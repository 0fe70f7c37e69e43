import { Trap } from "../../core/wait/errors.ts";
import { grownTooFar, trapOnGrowFailure } from "./grow-traps.ts";
import { limitModule, type ModuleLimits } from "./limit-module.ts";

/** What the memories and tables of a run's core modules may grow to. Loaded only for a run that has such limits. */
export class ModuleLimiter {
  readonly #limits: ModuleLimits;
  /** What the instances export whose failures to grow are traps. */
  readonly #growing: WebAssembly.Exports[] = [];

  constructor(limits: ModuleLimits) {
    this.#limits = limits;
  }

  /** With the same limits, for a guest beside others. */
  beside(): ModuleLimiter {
    return new ModuleLimiter(this.#limits);
  }

  /** The module as it may be compiled. @throws LimitError */
  limited(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const limited = limitModule(module, this.#limits);
    return this.#limits.trapOnGrowFailure === true ? trapOnGrowFailure(limited) : limited;
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
