/** Links core modules with WASI and with preloaded modules, by the names that they import. */

import { awaiting, runAsync, runSync, type Steps } from "../core/wait/steps.ts";
import { throwThrough } from "../core/wait/uncatchable.ts";
import { missingMemory } from "../wasi/p1/abi/memory.ts";
import { checkImports, type ItemTypes, isProvided, ModuleLinkError, type Provided } from "../wasi/p1/import-check.ts";
import type { Preview1Imports } from "../wasi/p1/imports.ts";
import { wrapFunctions } from "../wasi/p1/wrap-functions.ts";
import { compile } from "../wasm/compile.ts";
import { readCoreModuleType } from "../wasm/core-module.ts";
import { Interned } from "../wasm/core-types.ts";
import { recordMove } from "../wasm/edit/code-moves.ts";
import { engineWords, isOutOfMemory } from "../wasm/engine-trap.ts";
import { LimitError } from "../wasm/errors.ts";
import { type Defined, definedIn, ModuleBudget } from "../wasm/limits/module-budget.ts";
import { Reader } from "../wasm/reader.ts";
import type { ModuleType } from "../wasm/types.ts";
import type { GuestOptions } from "./options.ts";
import { merge, standIns } from "./stand-ins.ts";

export interface CompiledModule {
  readonly defined: Defined;
  readonly module: WebAssembly.Module;
  readonly type: ModuleType;
  /** The export name of its start function, if the linker calls that instead of the engine. */
  readonly start: string | undefined;
}

export type ExportFunction = (...args: never[]) => unknown;

/** Suspends calls between modules, with JavaScript between them. */
export interface CallSuspension {
  /** Wraps an export, so that a call of it can be suspended. */
  promising(exported: ExportFunction): (...args: never[]) => unknown;
  /** Makes an import of a function that returns promises. */
  suspended(work: (...args: (number | bigint)[]) => unknown): WebAssembly.ImportValue;
  /** Turns a module's start function into an export: a start function that the engine calls cannot be suspended. */
  detachStart(
    bytes: Uint8Array<ArrayBuffer>,
  ): Pick<CompiledModule, "start"> & { readonly bytes: Uint8Array<ArrayBuffer> };
}

/** `wasi` as in `ModuleOptions`. */
type LinkOptions = Pick<GuestOptions, "limiter" | "limits" | "unknownImports"> & { readonly wasi?: boolean };

export class ModuleLinker {
  readonly #options: LinkOptions;
  readonly #wasi: () => Preview1Imports;
  readonly #suspension: CallSuspension | undefined;
  readonly #budget: ModuleBudget;
  /** The stage of the module that is being defined. */
  stage: "start" | "initialize" = "start";
  /** The exports of preloaded modules, by module name. */
  #defined: Provided = {};
  #types: ItemTypes = {};

  /** @param wasi makes the imports of one instance */
  constructor(options: LinkOptions, wasi: () => Preview1Imports, suspension: CallSuspension | undefined) {
    this.#options = options;
    this.#wasi = wasi;
    this.#suspension = suspension;
    this.#budget = new ModuleBudget(options.limits);
  }

  /** Makes an instance and calls its start function. @throws ModuleLinkError */
  *instantiate({ defined, module, type, start }: CompiledModule): Steps<WebAssembly.Exports> {
    within(() => this.#budget.take(defined));
    const wasi = this.#wasi();
    const { modules, memory } =
      type.exports.get("memory")?.kind === "memory" ? wasi : wrapFunctions(wasi, () => withoutMemory);
    const imports = this.#importsOf(type, this.#provided(modules));
    const { exports } = linked(() => new WebAssembly.Instance(module, imports));
    this.#options.limiter?.instantiated(exports);
    if (start !== undefined) yield* awaiting(this.call(exports[start], []));
    if (exports["memory"] instanceof WebAssembly.Memory) memory.attach(exports["memory"]);
    return exports;
  }

  /**
   * Makes a module's exports importable under `name`. A command (which exports `_start`) exports its functions, and
   * each call gets a new instance; any other module is instantiated and initialized once.
   *
   * @throws ModuleLinkError
   */
  *define(name: string, compiled: CompiledModule): Steps<void> {
    const { exports: types } = compiled.type;
    const items = isCommand(compiled.type) ? this.#calls(compiled) : yield* this.#reactor(compiled);
    const provided = this.#provided(this.#wasi().modules);
    for (const item of Object.keys(items)) {
      if (isProvided({ module: name, name: item }, provided))
        throw new ModuleLinkError(`import of \`${name}::${item}\` defined twice`);
    }
    this.#defined = merge(this.#defined, { [name]: items });
    this.#types = { ...this.#types, [name]: { ...this.#types[name], ...Object.fromEntries(types) } };
  }

  /** Calls an export, if it is a function. The call can be suspended if the guest's stack can. */
  call(exported: unknown, args: readonly (number | bigint)[]): unknown {
    if (typeof exported !== "function") return undefined;
    return this.#suspension === undefined
      ? exported(...args)
      : this.#suspension.promising(exported as ExportFunction)(...(args as never[]));
  }

  *#reactor(compiled: CompiledModule): Steps<WebAssembly.ModuleImports> {
    this.stage = "start";
    const exports = yield* this.instantiate(compiled);
    const wrong = initializeMismatch(compiled.type);
    if (wrong.length > 0) throw new ModuleLinkError("loading the Reactor initialization function", ...wrong);
    this.stage = "initialize";
    yield* awaiting(this.call(exports["_initialize"], []));
    return Object.fromEntries([...compiled.type.exports.keys()].map((name) => [name, exports[name]!]));
  }

  #calls(compiled: CompiledModule): WebAssembly.ModuleImports {
    const names = [...compiled.type.exports].flatMap(([name, { kind }]) => {
      if (kind === "func") return [name];
      if (notOfCommands.has(name)) return [];
      throw new ModuleLinkError(`command export '${name}' is not a function`);
    });
    const call = (name: string): [string, WebAssembly.ImportValue] => {
      const once = (...args: (number | bigint)[]) => this.#once(compiled, name, args);
      const suspended = this.#suspension?.suspended((...args) => runAsync(once(...args)));
      return [name, suspended ?? ((...args: (number | bigint)[]) => runSync(once(...args)))];
    };
    return Object.fromEntries(names.map(call));
  }

  *#once(compiled: CompiledModule, name: string, args: readonly (number | bigint)[]): Steps<unknown> {
    try {
      const exports = yield* this.instantiate(compiled);
      return yield* awaiting(this.call(exports[name], args));
    } catch (error) {
      // Core modules can catch each other's exceptions.
      if (error instanceof WebAssembly.Exception) throw error;
      return throwThrough(error);
    }
  }

  #provided(modules: Provided): Provided {
    return merge(this.#options.wasi === false ? {} : modules, this.#defined);
  }

  #importsOf({ imports }: ModuleType, provided: Provided): Provided {
    const { unknownImports } = this.#options;
    const others = unknownImports === undefined ? {} : standIns(imports, provided, unknownImports);
    const wanted = imports.filter((item) => !isProvided(item, others));
    checkImports(wanted, provided, this.#types);
    return merge(provided, others);
  }
}

/** wasmtime's bindings first look for the caller's memory, even for a function that does not use it. */
function withoutMemory(): never {
  throw missingMemory();
}

/** Exports of commands that wasmtime ignores, as they are not functions. */
const notOfCommands: ReadonlySet<string> = new Set([
  "memory",
  "table",
  "__indirect_function_table",
  "__data_end",
  "__heap_base",
]);

function isCommand({ exports }: ModuleType): boolean {
  const start = exports.get("_start");
  return start?.kind === "func" && start.type.params.length + start.type.results.length === 0;
}

/** Returns why a module's `_initialize` cannot be called; empty if it can, or there is none. */
export function initializeMismatch({ exports }: ModuleType): readonly string[] {
  const initialize = exports.get("_initialize");
  if (initialize?.kind !== "func") return [];
  const { params, results } = initialize.type;
  const [what, types] = params.length > 0 ? ["parameters", params] : ["results", results];
  return types.length === 0 ? [] : [`type mismatch with ${what}`, `expected 0 types, found ${types.length}`];
}

/** Compiles a module. @throws WebAssembly.CompileError; ModuleLinkError for one that exceeds a limit from the start */
export function compileModule(
  bytes: Uint8Array<ArrayBuffer>,
  options: Pick<GuestOptions, "limiter">,
  suspension: Pick<CallSuspension, "detachStart"> | undefined,
): CompiledModule {
  const limited = within(() => options.limiter?.limited(bytes) ?? bytes);
  const module = compile(limited);
  const type = readCoreModuleType(new Reader(bytes), new Interned(), false);
  const detached = suspension?.detachStart(limited);
  const defined = definedIn(bytes);
  recordMove(0, bytes, detached?.bytes ?? limited);
  if (detached?.start === undefined) return { defined, module, type, start: undefined };
  return { defined, module: compile(detached.bytes), type, start: detached.start };
}

/** Turns a LimitError into a ModuleLinkError. @throws ModuleLinkError */
function within<T>(limited: () => T): T {
  try {
    return limited();
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
    throw new ModuleLinkError(error.message);
  }
}

/** Turns failures that only the engine finds, of types or memory, into ModuleLinkErrors. @throws ModuleLinkError */
function linked<T>(link: () => T): T {
  try {
    return link();
  } catch (error) {
    if (!(error instanceof WebAssembly.LinkError || isOutOfMemory(error))) throw error;
    throw new ModuleLinkError(engineWords(error.message));
  }
}
