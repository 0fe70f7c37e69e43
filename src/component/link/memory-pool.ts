import type { ImportedMemory } from "../../wasm/import-memory.ts";

const PAGE = 65_536;

/** The largest memory that is kept, pages: clearing a larger one takes as long as making one. */
const LARGEST = 128;

/** How many are kept of a module. */
const MOST = 64;

/** Memories of instances that have ended, cleared, for others of the same modules. */
export class MemoryPool {
  readonly #free = new Map<ImportedMemory, WebAssembly.Memory[]>();

  take(of: ImportedMemory): WebAssembly.Memory {
    return this.#free.get(of)?.pop() ?? newMemory(of);
  }

  /** Nothing runs that has it. */
  give(of: ImportedMemory, memory: WebAssembly.Memory): void {
    const { buffer } = memory;
    // one that has grown stays as large
    if (of.initial > LARGEST || buffer.byteLength !== of.initial * PAGE) return;
    const free = this.#free.get(of);
    if (free !== undefined && free.length >= MOST) return;
    new Uint8Array(buffer).fill(0);
    if (free === undefined) this.#free.set(of, [memory]);
    else free.push(memory);
  }
}

/** The memories that one instance has. */
export class InstanceMemories {
  readonly #pool: MemoryPool;
  readonly #taken: [ImportedMemory, WebAssembly.Memory][] = [];

  constructor(pool: MemoryPool) {
    this.#pool = pool;
  }

  take(of: ImportedMemory): WebAssembly.Memory {
    const memory = this.#pool.take(of);
    this.#taken.push([of, memory]);
    return memory;
  }

  /** The instance has ended, and nothing of it will run. */
  giveBack(): void {
    for (const [of, memory] of this.#taken.splice(0)) this.#pool.give(of, memory);
  }
}

export function newMemory({ initial, maximum }: ImportedMemory): WebAssembly.Memory {
  return new WebAssembly.Memory(maximum === undefined ? { initial } : { initial, maximum });
}
