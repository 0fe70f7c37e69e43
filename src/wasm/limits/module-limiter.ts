import { Trap } from "../../core/wait/errors.ts";
import { grownTooFar, trapOnGrowFailure } from "./grow-traps.ts";
import { limitModule, type ModuleLimits } from "./limit-module.ts";

/** The limits on growth of a run's core modules. Loaded only for a run that has such limits. */
export class ModuleLimiter {
  readonly #limits: ModuleLimits;
  /** The exports of instances whose failures to grow are traps. */
  readonly #growing: WebAssembly.Exports[] = [];

  constructor(limits: ModuleLimits) {
    this.#limits = limits;
  }

  /** Returns a limiter with the same limits, for a guest that runs beside others. */
  forAnotherGuest(): ModuleLimiter {
    return new ModuleLimiter(this.#limits);
  }

  /** Returns the module as it may be compiled. @throws LimitError */
  limited(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const limited = limitModule(module, this.#limits);
    return this.#limits.trapOnGrowFailure === true ? trapOnGrowFailure(limited) : limited;
  }

  /** Must be called with the exports of each instance that is made. */
  instantiated(exports: WebAssembly.Exports): void {
    if (this.#limits.trapOnGrowFailure === true) this.#growing.push(exports);
  }

  /** Returns the trap with its cause, if it was a failure to grow. The engine only knows that the guest trapped. */
  explained(trap: Trap): Trap {
    for (const exports of this.#growing) {
      const message = grownTooFar(exports);
      if (message === undefined) continue;
      const forced = new Trap(message, { cause: trap });
      forced.stage = trap.stage;
      // The first frame is the function that grew.
      forced.frames = trap.frames.slice(1);
      return forced;
    }
    return trap;
  }
}
