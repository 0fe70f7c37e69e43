import { compile } from "../../wasm/compile.ts";
import { recordMove } from "../../wasm/edit/code-moves.ts";
import { engineWords } from "../../wasm/engine-trap.ts";
import { LinkError } from "../../wasm/errors.ts";
import { definedIn } from "../../wasm/limits/module-budget.ts";
import type { CallGraph } from "../async/stack-switching.ts";
import type { AsyncBuiltin } from "../binary/canon.ts";
import type { Component, ComponentFile, Definition } from "../binary/component.ts";
import { FusedModules } from "../fused/calls.ts";
import { JsNames } from "../types/names.ts";
import type { FuncType } from "../types/types.ts";
import type { AsyncSupport } from "./async-support.ts";
import { CanonCode } from "./canon-code.ts";
import type { CompiledModule } from "./items.ts";
import type { MemoryImage, ResetCheck, Resetting } from "./resetting.ts";
import type { Suspending } from "./suspending.ts";

/** Yields the core modules of a component and of those nested in it, in the order of the file. */
export function* coreModules({ definitions }: Component): Generator<Definition & { kind: "core-module" }> {
  for (const definition of definitions) {
    if (definition.kind === "core-module") yield definition;
    else if (definition.kind === "component") yield* coreModules(definition.component);
  }
}

/** Returns the bytes of a core module, as a view of the file. */
export function moduleBytes(
  { bytes }: ComponentFile,
  { offset, size }: Definition & { kind: "core-module" },
): Uint8Array<ArrayBuffer> {
  return bytes.subarray(offset, offset + size);
}

export interface CompileOptions {
  /** Returns a core module as it is to be compiled; without it as it is. */
  edit?(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;
  /** Compiles a core module; `new WebAssembly.Module` unless given. */
  compile?(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module;
  /** Resets instances to their initial state. Without it they cannot be reset. */
  readonly resetting?: Resetting | undefined;
  /** Suspends guests that wait. Without it only the thread can wait. */
  readonly suspending?: Suspending | undefined;
  /** The code for async functions, streams and futures. Without it a component that has any cannot be linked. */
  readonly asyncSupport?: AsyncSupport | undefined;
}

/**
 * A component with the parts that its instances share: compiled core modules, and generated lifts and lowers for the shapes of
 * imports that they were linked with. All is made on first use.
 */
export class CompiledComponent {
  readonly file: ComponentFile;
  readonly suspending: Suspending | undefined;
  readonly asyncSupport: AsyncSupport | undefined;
  readonly names = new JsNames();
  readonly resetting: Resetting | undefined;
  /** The initial contents of its instances' memories (resetting.ts). */
  readonly images: MemoryImage[] = [];
  /** Whether a start function was found to call out of its component. */
  startCallsOut = false;
  #graph: CallGraph | undefined;
  #check: ResetCheck | undefined;
  /** Core modules to be compiled with memories that may be larger than they seem (oversized-memory.ts). */
  #oversized: ReadonlyMap<Definition, Uint8Array<ArrayBuffer>> | undefined;
  #addChecks: ((module: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) | undefined;
  readonly #options: Pick<CompileOptions, "compile" | "edit">;
  readonly #modules = new Map<Definition, CompiledModule>();
  readonly #code = new Map<Definition, CanonCode>();
  readonly fused = new FusedModules();
  #hasContextSlots: boolean | undefined;

  constructor(file: ComponentFile, options: CompileOptions = {}) {
    this.file = file;
    this.asyncSupport = options.asyncSupport;
    this.suspending = options.suspending;
    this.resetting = options.resetting;
    this.#options = options;
  }

  /** The calls among its components; undefined if it has nothing of component model async. */
  get graph(): CallGraph | undefined {
    this.#graph ??= this.asyncSupport?.callGraph(this.file);
    return this.#graph;
  }

  /** Whether it, or a component in it, has `context.get` or `context.set`. */
  get hasContextSlots(): boolean {
    this.#hasContextSlots ??= this.asyncSupport?.hasContextSlots(this.file) === true;
    return this.#hasContextSlots;
  }

  /** Compiles all its core modules now. @throws as `module` */
  prepare(): void {
    for (const definition of coreModules(this.file)) this.module(definition);
  }

  /**
   * Returns a compiled core module. Where guests are suspended, its start function is detached.
   *
   * @throws LinkError with the engine's message, if the engine refuses it
   */
  module(definition: Definition & { kind: "core-module" }): CompiledModule {
    let compiled = this.#modules.get(definition);
    if (compiled === undefined) {
      compiled = this.#compiled(definition);
      this.#modules.set(definition, compiled);
    }
    return compiled;
  }

  #compiled(definition: Definition & { kind: "core-module" }): CompiledModule {
    const source = moduleBytes(this.file, definition);
    try {
      const oversized = this.#oversized?.get(definition);
      const whole = oversized ?? source;
      const { bytes, start } = this.suspending?.detachStart(whole) ?? { bytes: whole, start: undefined };
      const exposed = this.resetting?.exposeState(bytes);
      const code = exposed?.bytes ?? bytes;
      const checked = this.#addChecks?.(code) ?? code;
      const edited = this.#options.edit?.(checked) ?? checked;
      recordMove(definition.offset, source, edited);
      const module = this.#options.compile?.(edited) ?? compile(edited);
      return {
        module,
        defined: definedIn(source),
        start,
        state: exposed?.state,
        oversizedMemory: oversized !== undefined,
      };
    } catch (error) {
      if (!(error instanceof WebAssembly.CompileError)) throw error;
      throw new LinkError(`core module at offset 0x${definition.offset.toString(16)}`, [
        "failed to compile a core module",
        engineWords(error.message),
      ]);
    }
  }

  /**
   * Makes instances suspendable while they compute, from now on.
   *
   * @param addChecks Adds the checks to a module (wasm/limits/interruptible.ts)
   * @throws the error of `addChecks`; nothing has changed then
   */
  makeInterruptible(addChecks: (module: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): void {
    const before = [...this.#modules];
    this.#modules.clear();
    this.#addChecks = addChecks;
    try {
      this.prepare();
    } catch (error) {
      this.#addChecks = undefined;
      for (const [definition, module] of before) this.#modules.set(definition, module);
      throw error;
    }
  }

  /** Whether its instances are known to be resettable. Each call analyses one more part of the code. */
  knownResettable(): boolean {
    this.#check ??= this.resetting?.check(
      [...coreModules(this.file)].map((module) => [module, moduleBytes(this.file, module)]),
    );
    return this.#check?.advance() ?? false;
  }

  /**
   * Gives modules memories that may be larger than they seem, as an instance could not be reset because its memory had grown. It
   * applies to instances that are made from now on.
   */
  oversizeMemories(): void {
    if (this.#oversized !== undefined || this.#check === undefined) return;
    this.#oversized = this.#check.oversizedModules();
    for (const definition of this.#oversized.keys()) this.#modules.delete(definition);
  }

  /** Returns the code of a lift, of a lower, or of a built-in of component model async that moves values. */
  code(definition: (Definition & { kind: "lift" | "lower" }) | AsyncBuiltin): CanonCode {
    let code = this.#code.get(definition);
    if (code === undefined) {
      code = new CanonCode(movedValues(definition));
      this.#code.set(definition, code);
    }
    return code;
  }
}

/** Returns the values that a definition moves, as the parameters of a function type. */
function movedValues(definition: (Definition & { kind: "lift" | "lower" }) | AsyncBuiltin): FuncType {
  if (definition.kind === "lift" || definition.kind === "lower") return definition.type;
  const type = "result" in definition ? definition.result : "type" in definition ? definition.type.payload : undefined;
  return { async: false, params: type === undefined ? [] : [{ name: "", type }], result: undefined };
}
