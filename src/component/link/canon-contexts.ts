import type { Scheduler } from "../async/scheduler.ts";
import type { CanonOptions } from "../binary/canon.ts";
import { GuestMemory, type Realloc } from "../instance/memory.ts";
import type { CanonContext } from "./canon.ts";
import type { CoreItem } from "./core-instance.ts";

/** The index spaces of the instance that options refer to. */
interface IndexSpaces {
  readonly memory: readonly CoreItem[];
  readonly func: readonly CoreItem[];
}

interface Given {
  readonly hostcallFuel: number;
  readonly scheduler: Scheduler | undefined;
}

/** The contexts of an instance's lifts and lowers. Definitions with the same options share one. */
export class CanonContexts {
  readonly #common: Omit<CanonContext, "memory" | "encoding">;
  readonly #core: IndexSpaces;
  readonly #given: Given;
  readonly #made: { readonly options: CanonOptions; readonly context: CanonContext }[] = [];
  readonly #memories: { memory: WebAssembly.Memory; realloc: Realloc | undefined; made: GuestMemory }[] = [];

  constructor(common: Omit<CanonContext, "memory" | "encoding">, core: IndexSpaces, given: Given) {
    this.#common = common;
    this.#core = core;
    this.#given = given;
  }

  of(options: CanonOptions): CanonContext {
    const { memory, realloc, encoding } = options;
    for (const { options: met, context } of this.#made) {
      if (met.memory === memory && met.realloc === realloc && met.encoding === encoding) return context;
    }
    const context = { ...this.#common, memory: this.#memory(options), encoding };
    this.#made.push({ options, context });
    return context;
  }

  #memory({ memory, realloc }: CanonOptions): GuestMemory | undefined {
    if (memory === undefined) return undefined;
    const { hostcallFuel, scheduler } = this.#given;
    const instance = this.#core.memory[memory] as WebAssembly.Memory;
    const allocate = realloc === undefined ? undefined : (this.#core.func[realloc] as Realloc);
    const known = this.#memories.find((each) => each.memory === instance && each.realloc === allocate);
    if (known !== undefined) return known.made;
    const called = allocate && scheduler?.withOwnSlots(allocate);
    const made = new GuestMemory(instance, called ?? allocate, this.#common.state, hostcallFuel);
    this.#memories.push({ memory: instance, realloc: allocate, made });
    return made;
  }
}
