import type { Machine, TcpHandle } from "./adapters/contract.ts";
import { readCoreModuleType } from "./component/core-module.ts";
import { Interned } from "./component/core-types.ts";
import { trapOf } from "./component/engine-trap.ts";
import { LimitError, limitModule } from "./component/limit-module.ts";
import { ModuleBudget } from "./component/module-budget.ts";
import { Reader } from "./component/reader.ts";
import type { CoreFuncType, ModuleImport, ModuleType } from "./component/types.ts";
import { Exit, type Trap } from "./core/errors.ts";
import { OpenFiles } from "./core/open-files.ts";
import { BlockingPoll } from "./core/poll.ts";
import { openPreopens } from "./core/preopens.ts";
import { openPreview1 } from "./preview1/imports.ts";
import { signatures } from "./preview1/signatures.ts";
import type { RunOptions } from "./run.ts";
import { isProvided, merge, type Provided, standIns, unknownImport } from "./unknown-imports.ts";

export interface ModuleOptions extends RunOptions {
  /** Opens listening sockets of the machine, once the module has compiled: the guest's descriptors 3 and up, before directories. */
  readonly listeners: () => readonly TcpHandle[];
  /** Whether the guest may import `wasi_unstable` too. */
  readonly unstable: boolean;
  /** Calls this export instead of `_start`. */
  readonly invoke?: Invocation;
}

export interface Invocation {
  readonly name: string;
  /** Its arguments, of its type: numbers, and bigint for i64. @throws InvokeError */
  arguments(type: CoreFuncType): readonly (number | bigint)[];
  /** Told of what it returned, in order. */
  results(type: CoreFuncType, values: readonly unknown[]): void;
}

/** A core module cannot be instantiated: it imports what is not there, or as something else, or is over a limit. */
export class ModuleLinkError extends Error {
  override readonly name = "ModuleLinkError";
}

/** What was to be called is not there, or cannot be called like that. */
export class InvokeError extends Error {
  override readonly name = "InvokeError";
}

/**
 * Runs a core module to its end and answers its exit status, 0..255: `_initialize` if there is one, then the function that
 * `invoke` names, or the one without a name, or `_start`; a module that has none of them has run.
 *
 * @throws WebAssembly.CompileError, ModuleLinkError, InvokeError: it is broken, or wants what is not there
 * @throws PreopenError: a directory cannot be opened
 * @throws Trap: the guest was ended; EngineTrap: by the engine
 */
export function runModule(machine: Machine, bytes: Uint8Array<ArrayBuffer>, options: ModuleOptions): number {
  const poll = new BlockingPoll(machine);
  const { limits = {} } = options;
  options.enter?.("compile");
  const module = new WebAssembly.Module(within(() => limitModule(bytes, limits)));
  options.enter?.("link");
  const type = readCoreModuleType(new Reader(bytes), new Interned(), false);
  const openFiles = new OpenFiles();
  const listeners = options.listeners();
  const preopens = openPreopens(machine.files, openFiles, options.preopens ?? []);
  const wasi = openPreview1(machine, poll, { ...options, listeners, preopens, openFiles })();
  let stage: Trap["stage"] = "start";
  try {
    within(() => new ModuleBudget(limits).take(bytes));
    const { exports } = new WebAssembly.Instance(module, importsOf(type, options, wasi.modules));
    if (exports["memory"] instanceof WebAssembly.Memory) wasi.memory.attach(exports["memory"]);
    options.enter?.("run");
    stage = "initialize";
    call(exports["_initialize"], []);
    stage = "call";
    if (options.invoke === undefined) call(exports[""] ?? exports["_start"], []);
    else invoke(exports, type, options.invoke);
    return 0;
  } catch (error) {
    if (error instanceof Exit) return error.code;
    throw trapOf(error, stage) ?? error;
  } finally {
    openFiles.closeAll();
  }
}

/** @throws ModuleLinkError */
function importsOf({ imports }: ModuleType, { wasi, unknownImports }: ModuleOptions, modules: Provided): Provided {
  const provided = wasi === false ? {} : modules;
  const others = unknownImports === undefined ? {} : standIns(imports, provided, unknownImports);
  checkImports(
    imports.filter((wanted) => !isProvided(wanted, others)),
    provided,
  );
  return merge(provided, others);
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

function call(exported: unknown, args: readonly (number | bigint)[]): unknown {
  return typeof exported === "function" ? exported(...args) : undefined;
}

function invoke(exports: WebAssembly.Exports, { exports: types }: ModuleType, invocation: Invocation): void {
  const type = types.get(invocation.name);
  if (type?.kind !== "func") throw new InvokeError(`no func export named \`${invocation.name}\` found`);
  const answer = call(exports[invocation.name], invocation.arguments(type.type));
  const { length } = type.type.results;
  invocation.results(type.type, length === 0 ? [] : length === 1 ? [answer] : Array.from(answer as Iterable<unknown>));
}

const letters: Readonly<Record<string, string>> = { i32: "i", i64: "I" };

/**
 * The engine would call a function of any type with whatever the guest passes: what the guest thinks that it imports is
 * compared here with what it is.
 *
 * @throws ModuleLinkError for the first that is not there, or is something else
 */
export function checkImports(imports: readonly ModuleImport[], provided: Readonly<Record<string, object>>): void {
  for (const wanted of imports) {
    const { module, name, type } = wanted;
    if (!isProvided(wanted, provided)) throw new ModuleLinkError(unknownImport(wanted));
    const params = type.kind === "func" ? type.type.params.map((param) => letters[param] ?? "?").join("") : undefined;
    const results = type.kind === "func" ? type.type.results.join() : "";
    if (params !== signatures[name] || results !== (name === "proc_exit" ? "" : "i32"))
      throw new ModuleLinkError(`incompatible import type for \`${module}::${name}\``);
  }
}
