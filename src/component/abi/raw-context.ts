import type { RawContext } from "../host.ts";
import type { Handle, ResourceType } from "../instance/handles.ts";
import type { GuestMemory, GuestWords } from "../instance/memory.ts";
import type { InstanceState } from "../instance/state.ts";
import type { FuncType, ResourceId, ValType } from "../types/types.ts";
import { elementFuel } from "./fuel.ts";
import type { Binder } from "./template.ts";

/** The caller as a raw host function sees it (host.ts). */
export class LoweredContext implements RawContext {
  readonly #memory: GuestMemory | undefined;
  readonly #slots: InstanceState["handles"]["slots"];
  readonly #state: InstanceState;
  readonly #resources: readonly (ResourceType | undefined)[];
  /** The fuel for an element of its list parameter. A raw function has one list at most. */
  readonly #elementFuel: number;

  constructor(type: FuncType, { state, memory, resource }: Binder) {
    this.#memory = memory;
    this.#state = state;
    this.#slots = state.handles.slots;
    const list = type.params.find((param) => param.type.kind === "list")?.type;
    this.#elementFuel = list?.kind === "list" ? elementFuel(list.element) : 1;
    this.#resources = type.params.map((param) => {
      const id = borrowed(param.type);
      return id && resource(id);
    });
  }

  #guest(): GuestMemory {
    if (this.#memory === undefined)
      throw new TypeError("a raw host function needs memory, which this lowering has none of");
    return this.#memory;
  }

  bytes(): Uint8Array {
    return this.#guest().bytes();
  }

  view(): DataView {
    return this.#guest().view();
  }

  words(): GuestWords {
    return this.#guest().words();
  }

  check(ptr: number, length: number, align: number): number {
    return this.#guest().check(ptr, length, align);
  }

  checkList(ptr: number, length: number, size: number, align: number): number {
    const guest = this.#guest();
    // Lifting of the one list begins here.
    guest.refuel();
    return guest.checkList(ptr, length * size, align, length * this.#elementFuel);
  }

  allocate(length: number, align: number): number {
    return this.#guest().allocate(length, align);
  }

  get removals(): number {
    return this.#state.handles.removals;
  }

  removed(nth: number): number | undefined {
    return this.#state.handles.removed(nth);
  }

  get lendable(): number {
    return this.#state.handles.budget.lendable;
  }

  borrow(handle: number, param = 0): object {
    const resource = this.#resources[param];
    if (resource === undefined) throw new TypeError(`parameter ${param} is no borrow`);
    const found = this.#slots[handle];
    if (found === undefined || found.resource !== resource) return this.#state.handles.fail(handle);
    return (found as Handle).representation as object;
  }
}

function borrowed(type: ValType): ResourceId | undefined {
  if (type.kind === "borrow") return type.resource;
  return type.kind === "list" ? borrowed(type.element) : undefined;
}
