import { type ImportedMemory, importMemory } from "../../wasm/edit/import-memory.ts";
import { ReusableSuspension, type Suspension, suspensionKey } from "../../wasm/jspi.ts";
import { trampolineTable } from "../../wasm/trampoline-module.ts";
import type { CoreFuncType } from "../../wasm/types.ts";
import { type CoreExports, newMemory } from "./core-instance.ts";
import type { CompiledModule } from "./items.ts";
import type { Suspending } from "./suspending.ts";

const PAGE = 65_536;

/** The largest memory that is kept, pages: clearing a larger one takes as long as making one. */
const LARGEST = 128;

/** How many memories are kept of a module. */
const MOST = 64;

/** What is asked of core modules (compiled.ts). */
export const recycling = { importMemory, trampolineTable };

export type Recycling = typeof recycling;

/** Parts of instances that have ended, for others of the same component: making them takes longer than all else. */
export class Recycler {
  readonly #memories = new Map<ImportedMemory, WebAssembly.Memory[]>();
  readonly #suspensions = new Map<string, ReusableSuspension[]>();
  readonly #trampolines = new Map<CompiledModule, CoreExports[]>();

  memory(of: ImportedMemory): WebAssembly.Memory {
    return this.#memories.get(of)?.pop() ?? newMemory(of);
  }

  /** Cleared for the next, where it is as large as at first. Nothing runs that has it. */
  keepMemory(of: ImportedMemory, memory: WebAssembly.Memory): void {
    const { buffer } = memory;
    if (of.initial > LARGEST || buffer.byteLength !== of.initial * PAGE) return;
    const kept = listOf(this.#memories, of);
    if (kept.length >= MOST) return;
    new Uint8Array(buffer).fill(0);
    kept.push(memory);
  }

  /** An instance of a module of trampolines; undefined: none is there. */
  trampolines(of: CompiledModule): CoreExports | undefined {
    return this.#trampolines.get(of)?.pop();
  }

  /** With an empty table for the next. */
  keepTrampolines(of: CompiledModule, exports: CoreExports): void {
    const [table, ...others] = Object.values(exports).filter((each) => each instanceof WebAssembly.Table);
    // one that is compiled with more than it had is another's business
    if (table === undefined || others.length > 0 || table.length !== of.trampolines) return;
    for (let i = 0; i < table.length; i++) table.set(i, null);
    listOf(this.#trampolines, of).push(exports);
  }

  suspension(type: CoreFuncType, key: string): ReusableSuspension {
    return this.#suspensions.get(key)?.pop() ?? new ReusableSuspension(type);
  }

  keepSuspension(key: string, suspension: ReusableSuspension): void {
    suspension.release();
    listOf(this.#suspensions, key).push(suspension);
  }
}

function listOf<K, V>(lists: Map<K, V[]>, key: K): V[] {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
}

/** What one instance has of a recycler, until it ends. */
export class Recycled {
  /** As its instance needs it (link/suspending.ts). */
  readonly suspending: Suspending;
  readonly #recycler: Recycler;
  readonly #memories: [ImportedMemory, WebAssembly.Memory][] = [];
  readonly #suspensions: [string, ReusableSuspension][] = [];
  readonly #trampolines: [CompiledModule, CoreExports][] = [];

  constructor(recycler: Recycler, suspending: Suspending) {
    this.#recycler = recycler;
    this.suspending = { ...suspending, suspension: (type) => this.#suspension(type) };
  }

  memory(of: ImportedMemory): WebAssembly.Memory {
    const memory = this.#recycler.memory(of);
    this.#memories.push([of, memory]);
    return memory;
  }

  /** @param make Makes one where none is there */
  trampolines(of: CompiledModule, make: () => CoreExports): CoreExports {
    const exports = this.#recycler.trampolines(of) ?? make();
    this.#trampolines.push([of, exports]);
    return exports;
  }

  #suspension(type: CoreFuncType): Suspension {
    const key = suspensionKey(type);
    const suspension = this.#recycler.suspension(type, key);
    this.#suspensions.push([key, suspension]);
    return suspension;
  }

  /** The instance has ended, and nothing of it will run. */
  giveBack(): void {
    for (const [of, memory] of this.#memories.splice(0)) this.#recycler.keepMemory(of, memory);
    for (const [of, exports] of this.#trampolines.splice(0)) this.#recycler.keepTrampolines(of, exports);
    for (const [key, suspension] of this.#suspensions.splice(0)) this.#recycler.keepSuspension(key, suspension);
  }
}
