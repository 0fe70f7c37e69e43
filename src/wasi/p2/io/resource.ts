import { Trap } from "../../../core/wait/errors.ts";
import type { Waiting } from "../../../core/wait/waiting.ts";

/**
 * A resource that a guest holds. A parent must outlive its children: pollables are children of what they were
 * subscribed from, TCP and UDP streams of their socket. A guest that drops a parent first traps, as with wasmtime's
 * ResourceTable.
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

  /** Drops it. Returns a promise if its remaining work must be waited for. @throws Trap `resource has children` */
  [Symbol.dispose](): Waiting<void> {
    if (this.#children > 0) throw new Trap("resource has children");
    if (this.#parent !== undefined) this.#parent.#children--;
    this.#disposed = true;
  }
}
