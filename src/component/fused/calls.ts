import { throwThrough } from "../../core/wait/uncatchable.ts";
import type { CoreFunction } from "../../wasm/types.ts";
import type { InstanceTasks } from "../async/instance-tasks.ts";
import { invalidChar, invalidDiscriminant } from "../instance/faults.ts";
import { cannotEnter, cannotLeave, escaped, type InstanceState } from "../instance/state.ts";
import type { FuncType } from "../types/types.ts";
import { encodeFusedCalls, FAILURES, type FusedCall, type FusedShape } from "./code.ts";
import { SharedFlags } from "./shared-flags.ts";
import { type FusedType, fusedType } from "./types.ts";

/** The modules of a component's fused calls, and the memory with the flags that they check. Shared by its instances. */
export class FusedModules {
  readonly #types = new Map<FuncType, FusedType | undefined>();
  readonly #modules = new Map<string, WebAssembly.Module>();
  #flags: SharedFlags | undefined;

  /** Returns the type for fused calls; undefined if its calls cannot be fused. */
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

  /** The memory for the instances that are linked next. */
  get flags(): SharedFlags {
    if (this.#flags?.hasRoom !== true) this.#flags = new SharedFlags();
    return this.#flags;
  }
}

/** The most fused calls of a component: a file must not make its host generate code without bound. */
const MOST = 1000;
const MOST_ENTERED = 16;

/** The fused calls of a component and of those in it, while they are linked. */
export class FusedCalls {
  readonly modules: FusedModules;
  /** Whether any of its instances has context slots. Then all have tasks. */
  readonly slots: boolean;
  /** The addresses of the flags of instances that make fused calls or are called by them, bytes. */
  readonly #addresses = new Map<InstanceState, number>();
  #flags: SharedFlags | undefined;
  #left = MOST;

  constructor(modules: FusedModules, slots: boolean) {
    this.modules = modules;
    this.slots = slots;
  }

  /** Whether a fused call is on the stack, or has trapped. */
  get underWay(): boolean {
    for (const state of this.#addresses.keys()) if (state.inFusedCall) return true;
    return false;
  }

  /** Makes all fused calls fail from now on. */
  stop(): void {
    for (const state of this.#addresses.keys()) state.stop();
  }

  /** The memory with the flags. */
  get flags(): SharedFlags {
    this.#flags ??= this.modules.flags;
    return this.#flags;
  }

  /** Counts a fused call between these instances. Returns false if it cannot be made. */
  take(states: readonly InstanceState[]): boolean {
    if (this.#left === 0 || states.some((state) => this.address(state) === undefined)) return false;
    this.#left--;
    return true;
  }

  /** Returns the address of an instance's flags, bytes; undefined if there is no room for them. */
  address(state: InstanceState): number | undefined {
    let address = this.#addresses.get(state);
    if (address === undefined) {
      address = this.flags.share(state);
      if (address !== undefined) this.#addresses.set(state, address);
    }
    return address;
  }
}

/** A function that another instance has lifted. */
interface FusibleFunction {
  readonly calleeInstance: InstanceState;
  /** The core function, if it is all that a call runs; undefined if the call cannot be fused. */
  readonly core?: CoreFunction | undefined;
  mayWait(): boolean;
}

/** The fused calls of one instance. They are made together, before the first of them is needed. */
export class FusedLowers {
  readonly #calls: FusedCalls;
  readonly #state: InstanceState;
  readonly #tasks: InstanceTasks | undefined;
  #pending: (FusedCall & { readonly funcIndex: number; readonly core: CoreFunction })[] = [];
  #states: InstanceState[];

  constructor(calls: FusedCalls, state: InstanceState, tasks: InstanceTasks | undefined) {
    this.#calls = calls;
    this.#state = state;
    this.#tasks = tasks;
    this.#states = [state];
  }

  /**
   * Lowers a function of another instance, if a call of it can be fused. `finish` then returns it.
   *
   * @param funcIndex A number that identifies it
   */
  add(funcIndex: number, func: FuncType, fusible: FusibleFunction): boolean {
    const { core, calleeInstance } = fusible;
    if (core === undefined || fusible.mayWait()) return false;
    const type = this.#calls.modules.type(func);
    if (type === undefined) return false;
    const entered = calleeInstance.enteredFrom(this.#state);
    // If no instance is entered, no flag would show that such a call is on the stack.
    if (entered.length === 0 || entered.length > MOST_ENTERED || !this.#calls.take([this.#state, ...entered]))
      return false;
    this.#pending.push({ funcIndex, core, type, entered: entered.map((each) => this.#flagGlobal(each)) });
    return true;
  }

  /** Returns the core functions that were lowered since the last call. */
  finish(): readonly (readonly [funcIndex: number, CoreFunction])[] {
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
      imports[`flags${i}`] = this.#calls.address(state)!;
    });
    if (slots) Object.assign(imports, this.#tasks?.scheduler.slots.globals);
    const module = modules.module({ calls, flagGlobals: states.length, slots });
    const { exports } = new WebAssembly.Instance(module, { "": imports });
    return calls.map(({ funcIndex }, i) => [funcIndex, exports[`call${i}`] as CoreFunction]);
  }

  #flagGlobal(state: InstanceState): number {
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
          tasks?.scheduler.checkRunning();
          return cannotEnter();
      }
    } catch (error) {
      return throwThrough(error);
    }
  };
}
