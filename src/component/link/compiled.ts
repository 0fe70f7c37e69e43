import { compile } from "../../wasm/compile.ts";
import { engineWords } from "../../wasm/engine-trap.ts";
import { LinkError } from "../../wasm/errors.ts";
import { definedIn } from "../../wasm/limits/module-budget.ts";
import type { Owner } from "../abi/emitter.ts";
import type { Template } from "../abi/template.ts";
import type { AsyncBuiltin } from "../binary/canon.ts";
import type { Component, ComponentFile, Definition } from "../binary/component.ts";
import { partsOf } from "../types/layout.ts";
import { JsNames } from "../types/names.ts";
import type { FuncType, ResourceId, ValType } from "../types/types.ts";
import type { CompiledModule } from "./items.ts";
import type { Suspending } from "./suspending.ts";

/** The core modules of a component and of those nested in it, in the order of the file. */
export function* coreModules({ definitions }: Component): Generator<Definition & { kind: "core-module" }> {
  for (const definition of definitions) {
    if (definition.kind === "core-module") yield definition;
    else if (definition.kind === "component") yield* coreModules(definition.component);
  }
}

export interface CompileOptions {
  /** Compiles a core module; `new WebAssembly.Module` unless given. */
  compile?(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module;
  /** How guests are suspended while they wait; without it nothing can wait but their thread. */
  readonly suspending?: Suspending | undefined;
}

/**
 * A component with what its instances share: its core modules compiled, its lifts and lowers generated for the shapes of imports
 * that they were linked with. All of it is made when an instance first needs it.
 */
export class CompiledComponent {
  readonly file: ComponentFile;
  readonly suspending: Suspending | undefined;
  /** Whether it has anything of component model async. */
  readonly concurrent: boolean;
  readonly names = new JsNames();
  readonly #compile: (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module;
  readonly #modules = new Map<Definition, CompiledModule>();
  readonly #code = new Map<Definition, CanonCode>();

  constructor(file: ComponentFile, options: CompileOptions = {}) {
    this.file = file;
    this.concurrent = isConcurrent(file);
    this.suspending = options.suspending;
    this.#compile = (bytes) => options.compile?.(bytes) ?? compile(bytes);
  }

  /** Makes all its core modules now. @throws as `module` */
  prepare(): void {
    for (const definition of coreModules(this.file)) this.module(definition);
  }

  /** The bytes of a core module, as they lie in the file. */
  bytesOf({ offset, size }: Definition & { kind: "core-module" }): Uint8Array<ArrayBuffer> {
    return this.file.bytes.subarray(offset, offset + size);
  }

  /**
   * A core module, where guests are suspended without its start function.
   *
   * @throws LinkError with the engine's words, for what it refuses
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
    const source = this.bytesOf(definition);
    try {
      const { bytes, start } = this.suspending?.detachStart(source) ?? { bytes: source, start: undefined };
      return { module: this.#compile(bytes), defined: definedIn(source), start };
    } catch (error) {
      if (!(error instanceof WebAssembly.CompileError)) throw error;
      throw new LinkError(`core module at offset 0x${definition.offset.toString(16)}`, [
        "failed to compile a core module",
        engineWords(error.message),
      ]);
    }
  }

  /** The code of a lift or lower. */
  code(definition: Definition & { kind: "lift" | "lower" }): CanonCode {
    let code = this.#code.get(definition);
    if (code === undefined) {
      code = new CanonCode(definition.type);
      this.#code.set(definition, code);
    }
    return code;
  }
}

function isConcurrent({ definitions }: Component): boolean {
  return definitions.some((definition) => {
    switch (definition.kind) {
      case "component":
        return isConcurrent(definition.component);
      case "lift":
      case "lower":
        return definition.type.async || hasStreams(definition.type);
      default:
        return isAsyncBuiltin(definition);
    }
  });
}

function hasStreams({ params, result }: FuncType): boolean {
  return params.some(({ type }) => type.info.streams) || result?.info.streams === true;
}

/** The kinds of definitions that are no built-in of component model async. */
const others: ReadonlySet<string> = new Set<Exclude<Definition["kind"], AsyncBuiltin["kind"]>>([
  "core-module",
  "core-instantiate",
  "core-exports",
  "component",
  "instantiate",
  "exports",
  "alias-export",
  "alias-core-export",
  "alias-outer",
  "resource",
  "lift",
  "lower",
  "resource.new",
  "resource.drop",
  "resource.rep",
  "import",
  "export",
]);

function isAsyncBuiltin(definition: Definition): definition is AsyncBuiltin {
  return !others.has(definition.kind);
}

/** The code of one lift or lower, by the shape of what it was generated for. */
export class CanonCode {
  readonly type: FuncType;
  /** The resource types in the signature, each once. */
  readonly resources: readonly ResourceId[];
  /** A component meets few. */
  readonly #templates: { readonly variant: number; readonly owners: readonly Owner[]; readonly template: Template }[] =
    [];

  constructor(type: FuncType) {
    this.type = type;
    const found = new Set<ResourceId>();
    for (const { type: param } of type.params) collectResources(param, found);
    if (type.result !== undefined) collectResources(type.result, found);
    this.resources = [...found];
  }

  /**
   * @param variant A number for what the code depends on beside the definition and the owners
   * @param owners Of `resources`
   */
  template(variant: number, owners: readonly Owner[], generate: () => Template): Template {
    for (const known of this.#templates) {
      if (known.variant === variant && isSame(known.owners, owners)) return known.template;
    }
    const template = generate();
    this.#templates.push({ variant, owners, template });
    return template;
  }
}

function isSame(a: readonly Owner[], b: readonly Owner[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function collectResources(type: ValType, found: Set<ResourceId>): void {
  if (type.kind === "own" || type.kind === "borrow") found.add(type.resource.root);
  else if (type.info.borrows || type.info.owns) for (const part of partsOf(type)) collectResources(part, found);
}
