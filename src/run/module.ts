import { OpenFiles } from "../core/files/open-files.ts";
import { openPreopens } from "../core/files/preopens.ts";
import { Aborted, Exit, Trap } from "../core/wait/errors.ts";
import { BlockingPoll, type Poll } from "../core/wait/poll.ts";
import { awaiting, runSync, type Steps } from "../core/wait/steps.ts";
import { received } from "../core/wait/uncatchable.ts";
import type { Machine } from "../machine/machine.ts";
import type { TcpHandle } from "../machine/sockets.ts";
import { ModuleLinkError } from "../wasi/p1/import-check.ts";
import { openPreview1, type Preview1Imports } from "../wasi/p1/imports.ts";
import type { CoreFuncType, ModuleType } from "../wasm/types.ts";
import { endReason } from "./guest-end.ts";
import {
  type CallSuspension,
  type CompiledModule,
  compileModule,
  initializeMismatch,
  ModuleLinker,
} from "./module-linker.ts";
import type { GuestOptions } from "./options.ts";

export interface ModuleOptions extends GuestOptions {
  /** False: no WASI at all (wasmtime's -Scli=n). */
  readonly wasi?: boolean;
  /**
   * Opens listening sockets of the machine, after the module was compiled: they get the guest's descriptors from 3,
   * before directories.
   */
  readonly listeners: () => readonly TcpHandle[];
  /** Whether the guest may import `wasi_unstable` too. */
  readonly unstable: boolean;
  /** Modules to link before it, in this order. */
  readonly preloads?: readonly Preload[];
  readonly invoke: Invocation;
}

/** The function of a module that a run calls, its arguments and results. */
export interface Invocation {
  /** The export; undefined means the one named "", or `_start`, if there is one. */
  readonly name: string | undefined;
  /** Returns the arguments, by its type: numbers, and bigints for i64. @throws InvokeError */
  arguments(type: CoreFuncType): readonly (number | bigint)[];
  /** Called with the results, in order. */
  results(type: CoreFuncType, values: readonly unknown[]): void;
}

/** A core module whose exports others may import (wasmtime's --preload). */
export interface Preload {
  /** The module name that guests import from. */
  readonly name: string;
  /** The name for messages. */
  readonly path: string;
  /** Reads its binary, when it is linked. */
  readonly read: () => Uint8Array<ArrayBuffer>;
}

/** Thrown when a module could not be preloaded. */
export class PreloadError extends Error {
  override readonly name = "PreloadError";
  override readonly cause: ModuleLinkError | Trap;

  constructor({ name, path }: Preload, cause: ModuleLinkError | Trap) {
    super(`failed to process preload \`${name}\` at \`${path}\``);
    this.cause = cause;
  }
}

/** Thrown when the function to call is missing, or takes other arguments. */
export class InvokeError extends Error {
  override readonly name = "InvokeError";
  readonly causes: readonly string[];

  constructor(...causes: readonly string[]) {
    super(causes.join(": "));
    this.causes = causes;
  }
}

/** There is no function of that name. */
export class NoFunctionError extends InvokeError {
  readonly wanted: string;
  /** Those that there are. */
  readonly functions: readonly string[];

  constructor(wanted: string, functions: readonly string[]) {
    super(`no func export named \`${wanted}\` found`);
    this.wanted = wanted;
    this.functions = functions;
  }
}

/**
 * Runs a core module to its end and returns its exit status, 0 to 255: calls `_initialize` if there is one, then the
 * function of `invoke`. A module with neither has run by then.
 *
 * @param source Its binary; or what was compiled of it before, for the same way of waiting
 * @throws WebAssembly.CompileError, ModuleLinkError, PreloadError, InvokeError: it is broken, or wants what is not there
 * @throws PreopenError: a directory cannot be opened
 * @throws Trap: the guest was ended; EngineTrap: by the engine
 */
export function runModule(machine: Machine, source: ModuleSource, options: ModuleOptions): number {
  return runSync(moduleSteps(machine, new BlockingPoll(machine), source, options, undefined));
}

export type ModuleSource = Uint8Array<ArrayBuffer> | CompiledModule;

/** How a core module is suspended while it waits. */
export interface ModuleSuspension extends CallSuspension {
  /** Wraps the imports at which the guest can be suspended. */
  imports(made: Preview1Imports): Preview1Imports;
}

/**
 * Runs a module as steps, which wait while the guest is suspended.
 *
 * @throws as `runModule`, and the reason for an abort
 */
export function* moduleSteps(
  machine: Machine,
  poll: Poll,
  source: ModuleSource,
  options: ModuleOptions,
  suspension: ModuleSuspension | undefined,
): Steps<number> {
  options.enter?.("compile");
  const compiled = source instanceof Uint8Array ? compileModule(source, options, suspension) : source;
  options.enter?.("link");
  const openFiles = new OpenFiles();
  const listeners = options.listeners();
  const preopens = openPreopens(machine.files, openFiles, options.preopens ?? []);
  const opened = openPreview1(machine, poll, { ...options, listeners, preopens, openFiles });
  const { observe } = options;
  const wasi = observe === undefined ? opened : () => observe.module(opened());
  const imports = suspension === undefined ? wasi : () => suspension.imports(wasi());
  const linker = new ModuleLinker(options, imports, suspension);
  const call = (exported: unknown, args: readonly (number | bigint)[]) => awaiting(linker.call(exported, args));
  let stage: Trap["stage"] = "start";
  try {
    for (const preload of options.preloads ?? [])
      yield* define(linker, preload, options, () => compileModule(preload.read(), options, suspension));
    const exports = yield* linker.instantiate(compiled);
    observe?.linked?.();
    options.enter?.("run");
    stage = "initialize";
    const wrong = initializeMismatch(compiled.type);
    if (wrong.length > 0) throw new InvokeError(...wrong);
    yield* call(exports["_initialize"], []);
    stage = "call";
    yield* invoke(exports, compiled.type, options.invoke, call);
    return 0;
  } catch (passed) {
    const error = received(passed);
    if (error instanceof Exit) return error.code;
    if (error instanceof Aborted) throw error.reason;
    throw endReason(error, stage, options);
  } finally {
    poll.closeAll();
    openFiles.closeAll();
  }
}

function* define(
  linker: ModuleLinker,
  preload: Preload,
  options: GuestOptions,
  compile: () => CompiledModule,
): Steps<void> {
  try {
    yield* linker.define(preload.name, compile());
  } catch (passed) {
    const error = received(passed);
    const cause = endReason(error, linker.stage, options);
    throw cause instanceof ModuleLinkError || cause instanceof Trap ? new PreloadError(preload, cause) : error;
  }
}

function functionType({ exports }: ModuleType, name: string): CoreFuncType | undefined {
  const type = exports.get(name);
  return type?.kind === "func" ? type.type : undefined;
}

function* invoke(
  exports: WebAssembly.Exports,
  module: ModuleType,
  invocation: Invocation,
  call: (exported: unknown, args: readonly (number | bigint)[]) => Steps<unknown>,
): Steps<void> {
  const name = invocation.name ?? ["", "_start"].find((each) => functionType(module, each) !== undefined);
  if (name === undefined) return;
  const type = functionType(module, name);
  if (type === undefined) {
    const functions = [...module.exports].flatMap(([each, { kind }]) => (kind === "func" ? [each] : []));
    throw new NoFunctionError(name, functions);
  }
  const answer = yield* call(exports[name], invocation.arguments(type));
  const { length } = type.results;
  invocation.results(type, length === 0 ? [] : length === 1 ? [answer] : Array.from(answer as Iterable<unknown>));
}
