import { FLAGS, type InstanceState } from "../instance/state.ts";

/** A component seldom has as many instances. */
const SOME = 256;

/**
 * A memory for the flags of instances that fused calls read and write (fused/code.ts), of which each has its own place. A memory
 * of its own for each link would take JavaScriptCore 80 us, and all but the first four a garbage collection.
 */
export class SharedFlags {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  readonly #words = new Int32Array(this.memory.buffer);
  #next = 0;

  /** Whether there is room for the instances of most components. */
  get hasRoom(): boolean {
    return this.#next + SOME * FLAGS <= this.#words.length;
  }

  /** Puts the flags of an instance there. Returns where, bytes; undefined: there is no room. */
  share(state: InstanceState): number | undefined {
    const at = this.#next;
    if (at + FLAGS > this.#words.length) return undefined;
    this.#next += FLAGS;
    state.share(this.#words, at);
    return at * this.#words.BYTES_PER_ELEMENT;
  }
}
