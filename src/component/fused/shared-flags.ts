import { FLAGS, type InstanceState } from "../instance/state.ts";

/** The room for flags, in instances. Few components have as many. */
const SOME = 256;

/**
 * A memory for the flags of instances that fused calls read and write (fused/code.ts). Each instance has its own place. A memory
 * for each link would take JavaScriptCore 80 us, and a garbage collection for each after the first four.
 */
export class SharedFlags {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  readonly #words = new Int32Array(this.memory.buffer);
  #next = 0;

  /** Whether there is room for the instances of most components. */
  get hasRoom(): boolean {
    return this.#next + SOME * FLAGS <= this.#words.length;
  }

  /** Moves the flags of an instance to the memory. Returns their address, bytes; undefined if there is no room. */
  share(state: InstanceState): number | undefined {
    const at = this.#next;
    if (at + FLAGS > this.#words.length) return undefined;
    this.#next += FLAGS;
    state.share(this.#words, at);
    return at * this.#words.BYTES_PER_ELEMENT;
  }
}
