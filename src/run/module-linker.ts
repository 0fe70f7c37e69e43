/** Links core modules with WASI, and with the modules that were preloaded, by the names that they import. */

import { awaiting, runAsync, runSync, type Steps } from "../core/wait/steps.ts";
import { throwThrough } from "../core/wait/uncatchable.ts";
import { missingMemory } from "../wasi/p1/abi/memory.ts";
import { checkImports, type ItemTypes, isProvided, ModuleLinkError, type Provided } from "../wasi/p1/import-check.ts";
import type { Preview1Imports } from "../wasi/p1/imports.ts";
import { wrapFunctions } from "../wasi/p1/wrap-functions.ts";
import { compile } from "../wasm/compile.ts";
import { readCoreModuleType } from "../wasm/core-module.ts";
import { Interned } from "../wasm/core-types.ts";
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
  /** The name under which its start function is exported, where the linker calls it and not the engine. */
  readonly start: string | undefined;
}

export type ExportFunction = (...args: never[]) => unknown;

/** How calls between modules are suspended where JavaScript stands between them. */
export interface CallSuspension {
  /** An export, called so that it may be. */
  promising(exported: ExportFunction): (...args: never[]) => unknown;
  /** An import that returns promises. */
  suspended(work: (...args: (number | bigint)[]) => unknown): WebAssembly.ImportValue;
  /** A module whose start function is an export: the engine calls start functions where they cannot be. */
  detachStart(
    bytes: Uint8Array<ArrayBuffer>,
  ): Pick<CompiledModule, "start"> & { readonly bytes: Uint8Array<ArrayBuffer> };
}

/** `wasi`: as `ModuleOptions`. */
type LinkOptions = Pick<GuestOptions, "limiter" | "limits" | "unknownImports"> & { readonly wasi?: boolean };

export class ModuleLinker {
  readonly #options: LinkOptions;
  readonly #wasi: () => Preview1Imports;
  readonly #suspension: CallSuspension | undefined;
  readonly #budget: ModuleBudget;
  /** The phase of the module that is being defined. */
  stage: "start" | "initialize" = "start";
  /** The exports of preloaded modules, by the names that they were given. */
  #defined: Provided = {};
  #types: ItemTypes = {};

  /** @param wasi makes the imports of one instance */
  constructor(options: LinkOptions, wasi: () => Preview1Imports, suspension: CallSuspension | undefined) {
    this.#options = options;
    this.#wasi = wasi;
    this.#suspension = suspension;
    this.#budget = new ModuleBudget(options.limits);
  }

  /** @throws ModuleLinkError */
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
   * Makes a module's exports importable under `name`. Of a command (it exports `_start`) those are its functions, and each call
   * has an instance of its own; anything else is instantiated and initialized once.
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

  /** Calls what an instance exports, if it is a function; it may be suspended meanwhile where guests are. */
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
      // core modules see one another's exceptions
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

/** wasmtime's bindings ask for the caller's memory before anything else, also where a function has no use for it. */
function withoutMemory(): never {
  throw missingMemory();
}

/** Exports of commands that are no functions, which wasmtime passes over. */
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

/** Why a module's `_initialize` cannot be called; nothing: it can, or there is none. */
export function initializeMismatch({ exports }: ModuleType): readonly string[] {
  const initialize = exports.get("_initialize");
  if (initialize?.kind !== "func") return [];
  const { params, results } = initialize.type;
  const [what, types] = params.length > 0 ? ["parameters", params] : ["results", results];
  return types.length === 0 ? [] : [`type mismatch with ${what}`, `expected 0 types, found ${types.length}`];
}

/** @throws WebAssembly.CompileError; ModuleLinkError for what is over a limit from the start */
export function compileModule(
  bytes: Uint8Array<ArrayBuffer>,
  options: GuestOptions,
  suspension: CallSuspension | undefined,
): CompiledModule {
  const limited = within(() => options.limiter?.limited(bytes) ?? bytes);
  const module = compile(limited);
  const type = readCoreModuleType(new Reader(bytes), new Interned(), false);
  const detached = suspension?.detachStart(limited);
  const defined = definedIn(bytes);
  if (detached?.start === undefined) return { defined, module, type, start: undefined };
  return { defined, module: compile(detached.bytes), type, start: detached.start };
}

/** @throws ModuleLinkError for a LimitError */
function within<T>(limited: () => T): T {
  try {
    return limited();
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
    throw new ModuleLinkError(error.message);
  }
}

/** @throws ModuleLinkError for what only the engine knows: of types, of the memory that there is */
function linked<T>(link: () => T): T {
  try {
    return link();
  } catch (error) {
    if (!(error instanceof WebAssembly.LinkError || isOutOfMemory(error))) throw error;
    throw new ModuleLinkError(engineWords(error.message));
  }
}
