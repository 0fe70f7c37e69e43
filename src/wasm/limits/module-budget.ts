import { LimitError } from "../errors.ts";
import { MEMORY_SECTION, sectionsOf, TABLE_SECTION } from "../sections.ts";

/** The most core instances that a run may make, and the most tables and memories that they may define in all. */
export interface ModuleCounts {
  readonly maxInstances?: number;
  readonly maxTables?: number;
  readonly maxMemories?: number;
}

/** wasmtime's default for each of them. */
const DEFAULT_MAX = 10_000;

/** The number of tables and memories that each instance of a module defines. */
export interface Defined {
  readonly tables: number;
  readonly memories: number;
}

/** The remaining counts of a run. Unlike the size limits of memories and tables they belong to the whole run. */
export class ModuleBudget {
  readonly #most: Required<ModuleCounts>;
  #components = 0;
  #instances = 0;
  #tables = 0;
  #memories = 0;

  constructor({ maxInstances = DEFAULT_MAX, maxTables = DEFAULT_MAX, maxMemories = DEFAULT_MAX }: ModuleCounts = {}) {
    this.#most = { maxInstances, maxTables, maxMemories };
  }

  /**
   * Counts a core instance that is about to be made.
   *
   * @throws LimitError in wasmtime's words
   */
  take({ tables, memories }: Defined): void {
    const { maxInstances, maxTables, maxMemories } = this.#most;
    this.#instances = within(maxInstances, this.#instances + 1, "instance");
    this.#memories = within(maxMemories, this.#memories + memories, "memory");
    this.#tables = within(maxTables, this.#tables + tables, "table");
  }

  /** Counts a component instance. wasmtime bounds their number only by the time they take. @throws LimitError */
  takeComponent(): void {
    this.#components = within(
      Math.max(DEFAULT_MAX, this.#most.maxInstances),
      this.#components + 1,
      "component instance",
    );
  }
}

function within(most: number, count: number, what: string): number {
  if (count > most) throw new LimitError(`resource limit exceeded: ${what} count too high at ${count}`);
  return count;
}

export function definedIn(module: Uint8Array<ArrayBuffer>): Defined {
  const defined = { tables: 0, memories: 0 };
  for (const { id, content } of sectionsOf(module)) {
    if (id === TABLE_SECTION) defined.tables = content.u32();
    else if (id === MEMORY_SECTION) defined.memories = content.u32();
  }
  return defined;
}
