import { Trap } from "../../../core/wait/errors.ts";
import type { Waiting } from "../../../core/wait/waiting.ts";

/**
 * A resource that a guest holds. Parents outlive their children: pollables are children of what they were subscribed from, TCP
 * and UDP streams are children of their socket. Dropping a parent first is a rule broken by the guest (wasmtime's ResourceTable).
 */
export abstract class WasiResource {
  #children = 0;
  #disposed = false;
  readonly #parent: WasiResource | undefined;

  constructor(parent?: WasiResource) {
    this.#parent = parent;
    if (parent !== undefined) parent.#children++;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Returns a promise where what it still has to do must be waited for. @throws Trap `resource has children` */
  [Symbol.dispose](): Waiting<void> {
    if (this.#children > 0) throw new Trap("resource has children");
    if (this.#parent !== undefined) this.#parent.#children--;
    this.#disposed = true;
  }
}
