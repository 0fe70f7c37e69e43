import { BLOCK, type Clear, clearer } from "../../wasm/clear-memory.ts";
import { type CodeState, readCodeState } from "../../wasm/code-state.ts";
import { type ExposedState, exposeState } from "../../wasm/edit/expose-state.ts";
import { withOversizedMemory } from "../../wasm/edit/oversized-memory.ts";
import { ParseError } from "../../wasm/errors.ts";
import type { InstanceTasks } from "../async/instance-tasks.ts";
import type { Scheduler } from "../async/scheduler.ts";
import type { Definition } from "../binary/component.ts";
import type { HandleBudget } from "../instance/handles.ts";
import type { InstanceState } from "../instance/state.ts";
import type { CompiledModule } from "./items.ts";

/**
 * Resets an instance of a component to the state in which it was linked, for one guest after another. That takes a tenth of the
 * time of linking another.
 *
 * Core code keeps its state in memories, globals, tables, segments and objects of the engine's heap. Memories and globals are
 * reset. A component whose code changes any of the others is linked anew for each guest. So is one whose start functions call out
 * of it: their effects are part of the initial state.
 */
export const resetting = {
  exposeState,
  check: (modules: readonly SourceModule[]) => new ResetCheck(modules),
  instance: () => new ResettableInstance(),
};

export type Resetting = typeof resetting;

/** A core module of a component's file. */
type SourceModule = readonly [definition: Definition, bytes: Uint8Array<ArrayBuffer>];

/** Tells whether the instances of a component can be reset. Finding that out takes some ms. */
export class ResetCheck {
  readonly #modules: readonly SourceModule[];
  readonly #steps: Generator<void, ReadonlyMap<Definition, CodeState>>;
  /** Undefined until it is known, or if it cannot be. */
  #code: ReadonlyMap<Definition, CodeState> | undefined;
  #possible: boolean | undefined;

  constructor(modules: readonly SourceModule[]) {
    this.#modules = modules;
    this.#steps = readAll(modules);
  }

  /** Analyses one more part of the code. Returns true once instances are known to be resettable. */
  advance(): boolean {
    if (this.#possible !== undefined) return this.#possible;
    try {
      const { done, value } = this.#steps.next();
      if (done !== true) return false;
      this.#code = value;
      this.#possible = [...value.values()].every(({ changesHiddenState }) => !changesHiddenState);
    } catch (error) {
      // code that the engine accepts and this parser does not know
      if (!(error instanceof ParseError)) throw error;
      this.#possible = false;
    }
    return this.#possible;
  }

  /**
   * Returns the modules that grow memories, edited so that a memory only seems as large as its guest has made it. Empty if that
   * cannot be done for all.
   */
  oversizedModules(): ReadonlyMap<Definition, Uint8Array<ArrayBuffer>> {
    const oversized = new Map<Definition, Uint8Array<ArrayBuffer>>();
    for (const [definition, bytes] of this.#modules) {
      const growing = this.#code?.get(definition)?.growing ?? [];
      const changed = growing.length === 0 ? bytes : withOversizedMemory(bytes, growing);
      if (changed === undefined) return new Map();
      if (changed !== bytes) oversized.set(definition, changed);
    }
    return oversized;
  }
}

function* readAll(modules: readonly SourceModule[]): Generator<void, ReadonlyMap<Definition, CodeState>> {
  const code = new Map<Definition, CodeState>();
  for (const [definition, bytes] of modules) {
    const state = yield* readCodeState(bytes);
    code.set(definition, state);
    if (state.changesHiddenState) break;
  }
  return code;
}

/** The largest memory that is reset, bytes. */
const LARGEST = 64 * 1024 * 1024;

interface CoreInstance {
  readonly state: ExposedState;
  readonly oversizedMemory: boolean;
  readonly exports: WebAssembly.Exports;
}

/** An instance of a component with those in it. */
export class ResettableInstance {
  readonly #states: InstanceState[] = [];
  readonly #tasks: InstanceTasks[] = [];
  readonly #cores: CoreInstance[] = [];
  readonly #memories: ResettableMemory[] = [];
  readonly #globals: { readonly global: WebAssembly.Global; readonly value: unknown }[] = [];
  #possible = true;

  /** Adds one of its component instances. */
  component(state: InstanceState, tasks: InstanceTasks | undefined): void {
    this.#states.push(state);
    if (tasks !== undefined) this.#tasks.push(tasks);
  }

  /** Adds one of its core instances. */
  core({ state, oversizedMemory }: CompiledModule, exports: WebAssembly.Exports): void {
    if (state === undefined) this.#possible = false;
    else this.#cores.push({ state, oversizedMemory, exports });
  }

  /** Records the initial state, when all is linked. @param images The images of its memories, if another instance has made them */
  linked(images: MemoryImage[]): void {
    for (const { state, oversizedMemory, exports } of this.#cores.splice(0)) {
      for (const name of state.globals) {
        const global = exports[name] as WebAssembly.Global;
        // a NaN loses its bits on the way through JavaScript
        if (Number.isNaN(global.value)) this.#possible = false;
        this.#globals.push({ global, value: global.value });
      }
      for (const name of state.memories) {
        const memory = exports[name] as WebAssembly.Memory;
        if (memory.buffer.byteLength > LARGEST) this.#possible = false;
        if (!this.#possible) return;
        const place = this.#memories.length;
        images[place] ??= new MemoryImage(memory);
        this.#memories.push(new ResettableMemory(memory, images[place], oversizedMemory));
      }
    }
  }

  /** The size of its memories, bytes. */
  get size(): number {
    return this.#memories.reduce((sum, { size }) => sum + size, 0);
  }

  /** Whether it cannot be reset because a memory has grown. */
  get hasGrown(): boolean {
    return this.#possible && this.#memories.some(({ hasGrown }) => hasGrown);
  }

  /**
   * Resets it to its initial state, for another guest. Nothing of the guest before may be under way, or come back.
   *
   * @returns false if it cannot be reset
   */
  reset(scheduler: Scheduler | undefined, budget: HandleBudget): boolean {
    if (!this.#possible || scheduler?.idle === false || !this.#tasks.every(({ idle }) => idle)) return false;
    if (this.#memories.some(({ fits }) => !fits) || this.#states.some(({ ended }) => ended)) return false;
    for (const state of this.#states) state.handles.clear();
    for (const tasks of this.#tasks) tasks.reset();
    budget.clear();
    for (const memory of this.#memories) memory.restore();
    for (const { global, value } of this.#globals) global.value = value;
    return true;
  }
}

/** A memory and its initial content. */
class ResettableMemory {
  readonly #memory: WebAssembly.Memory;
  readonly #oversized: boolean;
  readonly #image: MemoryImage;
  readonly #clear: Clear;

  /** @param oversized Whether it may be larger than it seems */
  constructor(memory: WebAssembly.Memory, image: MemoryImage, oversized: boolean) {
    this.#memory = memory;
    this.#oversized = oversized;
    this.#image = image;
    this.#clear = clearer(memory);
  }

  get size(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Whether it is larger than at first, and seems so. */
  get hasGrown(): boolean {
    return !this.#oversized && this.size !== this.#image.size;
  }

  get fits(): boolean {
    return !this.hasGrown && this.size <= LARGEST;
  }

  restore(): void {
    const bytes = new Uint8Array(this.#memory.buffer);
    let at = 0;
    for (const { start, bytes: part } of this.#image.parts) {
      this.#clear(at, start);
      bytes.set(part, start);
      at = start + part.length;
    }
    this.#clear(at, bytes.length);
  }
}

interface Part {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/**
 * The content of a memory when its instance has been linked. It is the same in all instances, as nothing outside had an influence
 * on it.
 */
export class MemoryImage {
  readonly size: number;
  /** All blocks that are not 0. */
  readonly parts: readonly Part[];

  constructor({ buffer }: WebAssembly.Memory) {
    const bytes = new Uint8Array(buffer);
    const words = new Float64Array(buffer);
    const parts: Part[] = [];
    for (let start = 0; start < bytes.length; ) {
      let end = start;
      while (end < bytes.length && !isEmpty(words, end / 8)) end += BLOCK;
      if (end > start) parts.push({ start, bytes: bytes.slice(start, end) });
      start = end + BLOCK;
    }
    this.size = bytes.length;
    this.parts = parts;
  }
}

/** Whether a block is all zeros. `Object.is`, as -0 and NaN have bits that are set. */
function isEmpty(words: Float64Array, start: number): boolean {
  const end = start + BLOCK / 8;
  for (let i = start; i < end; i++) if (!Object.is(words[i], 0)) return false;
  return true;
}
