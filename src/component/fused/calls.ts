import { throwThrough } from "../../core/wait/uncatchable.ts";
import type { CoreFunction } from "../../wasm/types.ts";
import type { InstanceTasks } from "../async/instance-tasks.ts";
import { invalidChar, invalidDiscriminant } from "../instance/faults.ts";
import { cannotEnter, cannotLeave, escaped, type InstanceState } from "../instance/state.ts";
import type { FuncType } from "../types/types.ts";
import { encodeFusedCall, FAILURES, type FusedShape, type FusedType, fusedType } from "./code.ts";
import { SharedFlags } from "./shared-flags.ts";

/** What the instances of a component share: the modules of its fused calls, and the memory where these look. */
export class FusedModules {
  readonly #modules = new Map<string, WebAssembly.Module>();
  #flags: SharedFlags | undefined;

  module(type: FusedType, shape: FusedShape): WebAssembly.Module {
    const key = `${type.key} ${shape.entered} ${shape.slots}`;
    let module = this.#modules.get(key);
    if (module === undefined) {
      module = new WebAssembly.Module(encodeFusedCall(type, shape));
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

/** Each is an instance of a module: no file is to have its host make any number of them. */
const MOST = 1000;

interface Caller {
  readonly state: InstanceState;
  readonly tasks: InstanceTasks | undefined;
}

interface Called {
  /** The core function. */
  readonly core: CoreFunction;
  readonly callee: InstanceState;
}

/** The fused calls of a component and those in it, as they are linked. */
export class FusedCalls {
  readonly #modules: FusedModules;
  readonly #slots: boolean;
  /** Where the flags of the instances are that call, or are called. */
  readonly #places = new Map<InstanceState, number>();
  #flags: SharedFlags | undefined;
  #made = 0;

  /** @param slots Whether any of its instances has context slots */
  constructor(modules: FusedModules, slots: boolean) {
    this.#modules = modules;
    this.#slots = slots;
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

  /** The core function that calls another instance's; undefined: there must be JavaScript between the two. */
  lower(func: FuncType, caller: Caller, { core, callee }: Called): CoreFunction | undefined {
    const { state, tasks } = caller;
    const type = fusedType(func);
    const entered = callee.enteredFrom(state);
    // where nothing is entered, nothing would tell that such a call is on the stack
    if (type === undefined || entered.length === 0 || this.#made === MOST) return undefined;
    const places = [state, ...entered].map((each) => this.#place(each));
    if (places.includes(undefined)) return undefined;
    this.#made++;
    const module = this.#modules.module(type, { entered: entered.length, slots: this.#slots });
    const imports: WebAssembly.ModuleImports = { core, fail: failing(caller, callee), flags: this.#flags!.memory };
    places.forEach((place, i) => {
      imports[i === 0 ? "caller" : `callee${i - 1}`] = place!;
    });
    if (this.#slots) Object.assign(imports, tasks?.scheduler.slots.globals);
    return new WebAssembly.Instance(module, { "": imports }).exports["call"] as CoreFunction;
  }

  #place(state: InstanceState): number | undefined {
    let place = this.#places.get(state);
    if (place === undefined) {
      this.#flags ??= this.#modules.flags;
      place = this.#flags.share(state);
      if (place !== undefined) this.#places.set(state, place);
    }
    return place;
  }
}

/** What a fused call ends with when it fails. */
function failing({ state, tasks }: Caller, callee: InstanceState): (failure: number) => never {
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
          if (!state.mayLeave) cannotLeave(state.endedBy);
          tasks?.scheduler.mayRun();
          return cannotEnter(callee.endedBy);
      }
    } catch (error) {
      return throwThrough(error);
    }
  };
}
