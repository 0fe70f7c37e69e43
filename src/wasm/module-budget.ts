import { LimitError } from "./limit-module.ts";
import { Reader } from "./reader.ts";

/** How many core instances a run may make, and how many tables and memories they may define, in all. */
export interface ModuleCounts {
  readonly maxInstances?: number;
  readonly maxTables?: number;
  readonly maxMemories?: number;
}

const TABLE_SECTION = 4;
const MEMORY_SECTION = 5;

/** What is left of such limits. Unlike memories' and tables' sizes they belong to the whole run. */
export class ModuleBudget {
  readonly #most: ModuleCounts;
  #instances = 0;
  #tables = 0;
  #memories = 0;

  constructor(most: ModuleCounts) {
    this.#most = most;
  }

  /**
   * Counts an instance of `module` that is about to be made.
   *
   * @throws LimitError in wasmtime's words
   */
  take(module: Uint8Array<ArrayBuffer>): void {
    const { maxInstances, maxTables, maxMemories } = this.#most;
    if (maxInstances === undefined && maxTables === undefined && maxMemories === undefined) return;
    this.#instances = within(maxInstances, this.#instances + 1, "instance");
    this.#memories = within(maxMemories, this.#memories + defined(module, MEMORY_SECTION), "memory");
    this.#tables = within(maxTables, this.#tables + defined(module, TABLE_SECTION), "table");
  }
}

function within(most: number | undefined, count: number, what: string): number {
  if (count > (most ?? Infinity)) throw new LimitError(`resource limit exceeded: ${what} count too high at ${count}`);
  return count;
}

/** How many entries a section of a core module has. */
function defined(module: Uint8Array<ArrayBuffer>, wanted: number): number {
  const reader = new Reader(module);
  reader.skip(8);
  while (!reader.atEnd) {
    const id = reader.byte();
    const section = reader.part(reader.u32(), "core module section");
    if (id === wanted) return section.u32();
  }
  return 0;
}
