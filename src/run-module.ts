import type { Machine, TcpHandle } from "./adapters/contract.ts";
import { readCoreModuleType } from "./component/core-module.ts";
import { Interned } from "./component/core-types.ts";
import { trapOf } from "./component/engine-trap.ts";
import { limitModule } from "./component/limit-module.ts";
import { Reader } from "./component/reader.ts";
import type { CoreFuncType, ModuleType } from "./component/types.ts";
import { Exit } from "./core/errors.ts";
import { OpenFiles } from "./core/open-files.ts";
import { BlockingPoll } from "./core/poll.ts";
import { openPreopens } from "./core/preopens.ts";
import { preview1Imports } from "./preview1/imports.ts";
import { signatures } from "./preview1/signatures.ts";
import type { RunOptions } from "./run.ts";

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

/** A core module imports what is not there, or as something else. */
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
  options.enter?.("compile");
  const module = new WebAssembly.Module(limitModule(bytes, options.limits ?? {}));
  options.enter?.("link");
  const type = readCoreModuleType(new Reader(bytes), new Interned(), false);
  const openFiles = new OpenFiles();
  const listeners = options.listeners();
  const preopens = openPreopens(machine.files, openFiles, options.preopens ?? []);
  const wasi = preview1Imports(machine, poll, { ...options, listeners, preopens, openFiles });
  try {
    checkImports(type, wasi.modules);
    const { exports } = new WebAssembly.Instance(module, wasi.modules);
    if (exports["memory"] instanceof WebAssembly.Memory) wasi.memory.attach(exports["memory"]);
    options.enter?.("run");
    call(exports["_initialize"], []);
    if (options.invoke === undefined) call(exports[""] ?? exports["_start"], []);
    else invoke(exports, type, options.invoke);
    return 0;
  } catch (error) {
    if (error instanceof Exit) return error.code;
    throw trapOf(error) ?? error;
  } finally {
    openFiles.closeAll();
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
export function checkImports({ imports }: ModuleType, provided: Readonly<Record<string, object>>): void {
  for (const { module, name, type } of imports) {
    const functions = Object.hasOwn(provided, module) ? provided[module] : undefined;
    if (functions === undefined || !Object.hasOwn(functions, name))
      throw new ModuleLinkError(`unknown import: \`${module}::${name}\` has not been defined`);
    const params = type.kind === "func" ? type.type.params.map((param) => letters[param] ?? "?").join("") : undefined;
    const results = type.kind === "func" ? type.type.results.join() : "";
    if (params !== signatures[name] || results !== (name === "proc_exit" ? "" : "i32"))
      throw new ModuleLinkError(`incompatible import type for \`${module}::${name}\``);
  }
}
