import { clearer } from "../../wasm/clear-memory.ts";
import { changesHiddenState, type ExposedState, exposeState } from "../../wasm/edit/expose-state.ts";
import { ParseError } from "../../wasm/errors.ts";
import type { InstanceTasks } from "../async/instance-tasks.ts";
import type { Scheduler } from "../async/scheduler.ts";
import type { HandleBudget } from "../instance/handles.ts";
import type { InstanceState } from "../instance/state.ts";

/**
 * Instances of a component one after another in the place of one: what a guest has left behind is put back to what it was when the
 * instance had been linked. That takes a tenth of the time of linking another.
 *
 * All that core code keeps is in memories, globals, tables, segments and objects of the engine's heap. Memories and globals are put
 * back; a component whose code changes any of the others is linked anew for each guest, and so is one that has start functions.
 */
export const rewinding = {
  exposeState,
  check: (modules: Iterable<Uint8Array<ArrayBuffer>>) => new RewindingCheck(modules),
  instance: () => new RewindableInstance(),
};

export type Rewinding = typeof rewinding;

/** Whether the instances of a component can be put back, which takes some ms to find out. */
export class RewindingCheck {
  readonly #steps: Generator<void, boolean>;
  #possible: boolean | undefined;

  constructor(modules: Iterable<Uint8Array<ArrayBuffer>>) {
    this.#steps = changeHidden(modules);
  }

  /** Looks through a part of the code that has not been seen. Returns whether it is known that they can. */
  advance(): boolean {
    if (this.#possible !== undefined) return this.#possible;
    try {
      const { done, value } = this.#steps.next();
      if (done === true) this.#possible = !value;
    } catch (error) {
      // code that an engine takes and this does not know
      if (!(error instanceof ParseError)) throw error;
      this.#possible = false;
    }
    return this.#possible === true;
  }
}

function* changeHidden(modules: Iterable<Uint8Array<ArrayBuffer>>): Generator<void, boolean> {
  for (const module of modules) if (yield* changesHiddenState(module)) return true;
  return false;
}

/** The largest memory that is put back, bytes: for a larger one that takes as long as making another. */
const LARGEST = 8 * 1024 * 1024;

/** An instance of a component with those in it. */
export class RewindableInstance {
  readonly #states: InstanceState[] = [];
  readonly #tasks: InstanceTasks[] = [];
  readonly #memories: MemoryImage[] = [];
  readonly #globals: { readonly global: WebAssembly.Global; readonly value: unknown }[] = [];
  #possible = true;

  /** One of its component instances. */
  component(state: InstanceState, tasks: InstanceTasks | undefined): void {
    this.#states.push(state);
    if (tasks !== undefined) this.#tasks.push(tasks);
  }

  /** One of its core instances, of which no code has run. @param state Undefined: it cannot be seen */
  core(state: ExposedState | undefined, exports: WebAssembly.Exports): void {
    if (state === undefined) this.#possible = false;
    if (state === undefined || !this.#possible) return;
    for (const name of state.globals) {
      const global = exports[name] as WebAssembly.Global;
      this.#globals.push({ global, value: global.value });
    }
    for (const name of state.memories) {
      const memory = exports[name] as WebAssembly.Memory;
      if (memory.buffer.byteLength > LARGEST) this.#possible = false;
      else this.#memories.push(new MemoryImage(memory));
    }
  }

  /**
   * Puts it back to its beginning, for another guest. Nothing of the one before may be under way, nor come back.
   *
   * @returns false: that cannot be
   */
  rewind(scheduler: Scheduler | undefined, budget: HandleBudget): boolean {
    if (!this.#possible || scheduler?.idle === false || !this.#tasks.every(({ idle }) => idle)) return false;
    if (!this.#memories.every(({ sameSize }) => sameSize) || !this.#states.every(({ ended }) => !ended)) return false;
    for (const state of this.#states) state.handles.clear();
    budget.clear();
    for (const memory of this.#memories) memory.restore();
    for (const { global, value } of this.#globals) global.value = value;
    return true;
  }
}

/** What is looked at at a time for bytes that are not 0. */
const CHUNK = 1024;

/** A memory as it was at first. */
class MemoryImage {
  readonly #memory: WebAssembly.Memory;
  readonly #size: number;
  readonly #clear: () => void;
  /** All that is not 0. */
  readonly #parts: { readonly at: number; readonly bytes: Uint8Array }[] = [];

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#size = memory.buffer.byteLength;
    this.#clear = clearer(memory);
    const bytes = new Uint8Array(memory.buffer);
    for (let at = 0; at < bytes.length; ) {
      let end = at;
      while (end < bytes.length && !isEmpty(bytes, end)) end += CHUNK;
      if (end > at) this.#parts.push({ at, bytes: bytes.slice(at, end) });
      at = end + CHUNK;
    }
  }

  /** Whether it has not grown. */
  get sameSize(): boolean {
    return this.#memory.buffer.byteLength === this.#size;
  }

  restore(): void {
    this.#clear();
    const bytes = new Uint8Array(this.#memory.buffer);
    for (const part of this.#parts) bytes.set(part.bytes, part.at);
  }
}

function isEmpty(bytes: Uint8Array, start: number): boolean {
  const end = Math.min(start + CHUNK, bytes.length);
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}
