import { throwThrough } from "../../core/wait/uncatchable.ts";
import type { CoreFunction } from "../../wasm/types.ts";
import type { InstanceTasks } from "../async/instance-tasks.ts";
import { invalidChar, invalidDiscriminant } from "../instance/faults.ts";
import { cannotEnter, cannotLeave, escaped, type InstanceState } from "../instance/state.ts";
import type { FuncType } from "../types/types.ts";
import { encodeFusedCalls, FAILURES, type FusedCall, type FusedShape } from "./code.ts";
import { SharedFlags } from "./shared-flags.ts";
import { type FusedType, fusedType } from "./types.ts";

/** Shared by the instances of a component: the modules of its fused calls, and the memory where these look. */
export class FusedModules {
  readonly #types = new Map<FuncType, FusedType | undefined>();
  readonly #modules = new Map<string, WebAssembly.Module>();
  #flags: SharedFlags | undefined;

  /** Undefined: calls of it are not fused. */
  type(func: FuncType): FusedType | undefined {
    if (!this.#types.has(func)) this.#types.set(func, fusedType(func));
    return this.#types.get(func);
  }

  module(shape: FusedShape): WebAssembly.Module {
    const key = [shape.slots, ...shape.calls.map(({ type, entered }) => `${type.key} ${entered}`)].join("; ");
    let module = this.#modules.get(key);
    if (module === undefined) {
      module = new WebAssembly.Module(encodeFusedCalls(shape));
      this.#modules.set(key, module);
    }
    return module;
  }

  /** For those that are linked next. */
  get flags(): SharedFlags {
    if (this.#flags?.hasRoom !== true) this.#flags = new SharedFlags();
    return this.#flags;
  }
}

/** No file is to have its host make any number of them, nor code for any number of instances around a callee. */
const MOST = 1000;
const MOST_ENTERED = 16;

/** The fused calls of a component and those in it, as they are linked. */
export class FusedCalls {
  readonly modules: FusedModules;
  /** Whether any of its instances has context slots: then all have tasks. */
  readonly slots: boolean;
  /** Where the flags of the instances are that call, or are called: bytes. */
  readonly #places = new Map<InstanceState, number>();
  #flags: SharedFlags | undefined;
  #left = MOST;

  constructor(modules: FusedModules, slots: boolean) {
    this.modules = modules;
    this.slots = slots;
  }

  /** Whether such a call is on the stack, or has trapped. */
  get underWay(): boolean {
    for (const state of this.#places.keys()) if (state.inFusedCall) return true;
    return false;
  }

  /** None is made again. */
  stop(): void {
    for (const state of this.#places.keys()) state.stop();
  }

  /** The memory with the flags. */
  get flags(): SharedFlags {
    this.#flags ??= this.modules.flags;
    return this.#flags;
  }

  /** Whether one more can be made, between these instances. */
  take(states: readonly InstanceState[]): boolean {
    if (this.#left === 0 || states.some((state) => this.place(state) === undefined)) return false;
    this.#left--;
    return true;
  }

  /** Where its flags are, bytes; undefined: there is no room for them. */
  place(state: InstanceState): number | undefined {
    let place = this.#places.get(state);
    if (place === undefined) {
      place = this.flags.share(state);
      if (place !== undefined) this.#places.set(state, place);
    }
    return place;
  }
}

/** A function that another instance has lifted. */
interface Lifted {
  readonly callee: InstanceState;
  /** All of its core code that a call runs; undefined: it cannot be fused. */
  readonly core?: CoreFunction | undefined;
  mayWait(): boolean;
}

/** The fused calls of one instance, which are made together, before the first of them is needed. */
export class FusedLowers {
  readonly #calls: FusedCalls;
  readonly #state: InstanceState;
  readonly #tasks: InstanceTasks | undefined;
  #pending: (FusedCall & { readonly at: number; readonly core: CoreFunction })[] = [];
  #states: InstanceState[];

  constructor(calls: FusedCalls, state: InstanceState, tasks: InstanceTasks | undefined) {
    this.#calls = calls;
    this.#state = state;
    this.#tasks = tasks;
    this.#states = [state];
  }

  /**
   * Lowers a function of another instance's, if a call of it can be fused: it is among those that `finish` returns.
   *
   * @param at What tells it from others
   */
  add(at: number, func: FuncType, lifted: Lifted): boolean {
    const { core, callee } = lifted;
    if (core === undefined || lifted.mayWait()) return false;
    const type = this.#calls.modules.type(func);
    if (type === undefined) return false;
    const entered = callee.enteredFrom(this.#state);
    // where nothing is entered, nothing would tell that such a call is on the stack
    if (entered.length === 0 || entered.length > MOST_ENTERED || !this.#calls.take([this.#state, ...entered]))
      return false;
    this.#pending.push({ at, core, type, entered: entered.map((each) => this.#place(each)) });
    return true;
  }

  /** The core functions that have been lowered since it was last called. */
  finish(): readonly (readonly [at: number, CoreFunction])[] {
    if (this.#pending.length === 0) return [];
    const calls = this.#pending;
    const states = this.#states;
    this.#pending = [];
    this.#states = [this.#state];
    const { modules, flags, slots } = this.#calls;
    const imports: WebAssembly.ModuleImports = { fail: failing(this.#state, this.#tasks), flags: flags.memory };
    calls.forEach(({ core }, i) => {
      imports[`core${i}`] = core;
    });
    states.forEach((state, i) => {
      imports[`place${i}`] = this.#calls.place(state)!;
    });
    if (slots) Object.assign(imports, this.#tasks?.scheduler.slots.globals);
    const module = modules.module({ calls, places: states.length, slots });
    const { exports } = new WebAssembly.Instance(module, { "": imports });
    return calls.map(({ at }, i) => [at, exports[`call${i}`] as CoreFunction]);
  }

  #place(state: InstanceState): number {
    const known = this.#states.indexOf(state);
    return known >= 0 ? known : this.#states.push(state) - 1;
  }
}

/** Returns the function that throws when a fused call fails. */
function failing(caller: InstanceState, tasks: InstanceTasks | undefined): (failure: number) => never {
  return (failure) => {
    try {
      switch (failure) {
        case FAILURES.exception:
          return escaped();
        case FAILURES.char:
          return invalidChar();
        case FAILURES.discriminant:
          return invalidDiscriminant();
        default:
          if (!caller.mayLeave) cannotLeave(caller.endedBy);
          tasks?.scheduler.mayRun();
          return cannotEnter();
      }
    } catch (error) {
      return throwThrough(error);
    }
  };
}
