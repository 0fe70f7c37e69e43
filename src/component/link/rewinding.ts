import { BLOCK, type Clear, clearer } from "../../wasm/clear-memory.ts";
import { type CodeState, readCodeState } from "../../wasm/code-state.ts";
import { type ExposedState, exposeState } from "../../wasm/edit/expose-state.ts";
import { virtualGrowth } from "../../wasm/edit/virtual-growth.ts";
import { ParseError } from "../../wasm/errors.ts";
import type { InstanceTasks } from "../async/instance-tasks.ts";
import type { Scheduler } from "../async/scheduler.ts";
import type { Definition } from "../binary/component.ts";
import type { HandleBudget } from "../instance/handles.ts";
import type { InstanceState } from "../instance/state.ts";
import type { CompiledModule } from "./items.ts";

/**
 * Instances of a component one after another in the place of one: what a guest has left behind is put back to what it was when the
 * instance had been linked. That takes a tenth of the time of linking another.
 *
 * All that core code keeps is in memories, globals, tables, segments and objects of the engine's heap. Memories and globals are put
 * back; a component whose code changes any of the others is linked anew for each guest, and so is one whose start functions call
 * out of it: what they have done is part of the beginning.
 */
export const rewinding = {
  exposeState,
  check: (modules: readonly SourceModule[]) => new RewindingCheck(modules),
  instance: () => new RewindableInstance(),
};

export type Rewinding = typeof rewinding;

/** A core module of a component's file. */
type SourceModule = readonly [definition: Definition, bytes: Uint8Array<ArrayBuffer>];

/** Whether the instances of a component can be put back, which takes some ms to find out. */
export class RewindingCheck {
  readonly #modules: readonly SourceModule[];
  readonly #steps: Generator<void, ReadonlyMap<Definition, CodeState>>;
  /** Undefined: not known yet, or that it cannot be known. */
  #code: ReadonlyMap<Definition, CodeState> | undefined;
  #possible: boolean | undefined;

  constructor(modules: readonly SourceModule[]) {
    this.#modules = modules;
    this.#steps = readAll(modules);
  }

  /** Looks through a part of the code that has not been seen. Returns whether it is known that they can. */
  advance(): boolean {
    if (this.#possible !== undefined) return this.#possible;
    try {
      const { done, value } = this.#steps.next();
      if (done !== true) return false;
      this.#code = value;
      this.#possible = [...value.values()].every(({ hidden }) => !hidden);
    } catch (error) {
      // code that an engine takes and this does not know
      if (!(error instanceof ParseError)) throw error;
      this.#possible = false;
    }
    return this.#possible;
  }

  /** Those that grow memories, each with one that grows for its guest alone; none if that cannot be done for all. */
  virtualModules(): ReadonlyMap<Definition, Uint8Array<ArrayBuffer>> {
    const virtual = new Map<Definition, Uint8Array<ArrayBuffer>>();
    for (const [definition, bytes] of this.#modules) {
      const growing = this.#code?.get(definition)?.growing ?? [];
      const changed = growing.length === 0 ? bytes : virtualGrowth(bytes, growing);
      if (changed === undefined) return new Map();
      if (changed !== bytes) virtual.set(definition, changed);
    }
    return virtual;
  }
}

function* readAll(modules: readonly SourceModule[]): Generator<void, ReadonlyMap<Definition, CodeState>> {
  const code = new Map<Definition, CodeState>();
  for (const [definition, bytes] of modules) {
    const state = yield* readCodeState(bytes);
    code.set(definition, state);
    if (state.hidden) break;
  }
  return code;
}

/** The largest memory that is put back, bytes. */
const LARGEST = 64 * 1024 * 1024;

interface CoreInstance {
  readonly state: ExposedState;
  readonly virtual: boolean;
  readonly exports: WebAssembly.Exports;
}

/** An instance of a component with those in it. */
export class RewindableInstance {
  readonly #states: InstanceState[] = [];
  readonly #tasks: InstanceTasks[] = [];
  readonly #cores: CoreInstance[] = [];
  readonly #memories: RewindableMemory[] = [];
  readonly #globals: { readonly global: WebAssembly.Global; readonly value: unknown }[] = [];
  #possible = true;

  /** One of its component instances. */
  component(state: InstanceState, tasks: InstanceTasks | undefined): void {
    this.#states.push(state);
    if (tasks !== undefined) this.#tasks.push(tasks);
  }

  /** One of its core instances. */
  core({ state, virtual }: CompiledModule, exports: WebAssembly.Exports): void {
    if (state === undefined) this.#possible = false;
    else this.#cores.push({ state, virtual, exports });
  }

  /** All is made: that is its beginning. @param images Of its memories, as far as they are known from another instance */
  linked(images: MemoryImage[]): void {
    for (const { state, virtual, exports } of this.#cores.splice(0)) {
      for (const name of state.globals) {
        const global = exports[name] as WebAssembly.Global;
        // through JavaScript the bits of a NaN do not come back as they are
        if (Number.isNaN(global.value)) this.#possible = false;
        this.#globals.push({ global, value: global.value });
      }
      for (const name of state.memories) {
        const memory = exports[name] as WebAssembly.Memory;
        if (memory.buffer.byteLength > LARGEST) this.#possible = false;
        if (!this.#possible) return;
        const place = this.#memories.length;
        images[place] ??= new MemoryImage(memory);
        this.#memories.push(new RewindableMemory(memory, images[place], virtual));
      }
    }
  }

  /** The size of its memories, bytes. */
  get size(): number {
    return this.#memories.reduce((sum, { size }) => sum + size, 0);
  }

  /** Whether it cannot be put back because a memory has grown. */
  get hasGrown(): boolean {
    return this.#possible && this.#memories.some(({ hasGrown }) => hasGrown);
  }

  /**
   * Puts it back to its beginning, for another guest. Nothing of the one before may be under way, nor come back.
   *
   * @returns false: that cannot be
   */
  rewind(scheduler: Scheduler | undefined, budget: HandleBudget): boolean {
    if (!this.#possible || scheduler?.idle === false || !this.#tasks.every(({ idle }) => idle)) return false;
    if (this.#memories.some(({ fits }) => !fits) || this.#states.some(({ ended }) => ended)) return false;
    for (const state of this.#states) state.handles.clear();
    for (const tasks of this.#tasks) tasks.rewind();
    budget.clear();
    for (const memory of this.#memories) memory.restore();
    for (const { global, value } of this.#globals) global.value = value;
    return true;
  }
}

/** A memory, and what it was like at first. */
class RewindableMemory {
  readonly #memory: WebAssembly.Memory;
  readonly #virtual: boolean;
  readonly #image: MemoryImage;
  readonly #clear: Clear;

  /** @param virtual Whether it may be larger than it seems */
  constructor(memory: WebAssembly.Memory, image: MemoryImage, virtual: boolean) {
    this.#memory = memory;
    this.#virtual = virtual;
    this.#image = image;
    this.#clear = clearer(memory);
  }

  get size(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Whether it is larger, and seems so. */
  get hasGrown(): boolean {
    return !this.#virtual && this.size !== this.#image.size;
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

/** What a memory holds when its instance has been linked: the same in all instances, for nobody outside has had a say in it. */
export class MemoryImage {
  readonly size: number;
  /** All that is not 0, in whole blocks. */
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

/** A NaN is not 0 either; -0 is none of those that are. */
function isEmpty(words: Float64Array, start: number): boolean {
  const end = start + BLOCK / 8;
  for (let i = start; i < end; i++) if (!Object.is(words[i], 0)) return false;
  return true;
}
