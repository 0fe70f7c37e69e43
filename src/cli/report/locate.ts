/** Where the frames of a trap are in the file that was run, and in its source. Loaded at a trap. */
import type { WasmFrame } from "../../core/wait/errors.ts";
import {
  type ModuleSymbols,
  readModuleSymbols,
  type SourceFrame,
  type SourcePlace,
} from "../../dwarf/module-symbols.ts";
import { lastAtMost } from "../../dwarf/search.ts";
import { bodiesOf } from "../../wasm/code-section.ts";
import { moveOf } from "../../wasm/edit/code-moves.ts";
import { ParseError } from "../../wasm/errors.ts";
import { spacesOf } from "../../wasm/index-spaces.ts";
import { FUNCTION_NAMES, MODULE_NAME, nameSubsection } from "../../wasm/name-section.ts";
import { Reader } from "../../wasm/reader.ts";
import { CODE_SECTION, readSections, sectionsOf } from "../../wasm/sections.ts";

export interface LocatedFrame extends WasmFrame {
  /** The function and what was inlined there, innermost first; empty: nothing is known. */
  readonly symbols?: readonly SourceFrame[];
  /** Where the function is declared, if that is all that is known. */
  readonly declared?: SourcePlace | undefined;
}

interface LocatorOptions {
  /** Whether the file is a core module. */
  readonly core: boolean;
  /** Whether DWARF is read. */
  readonly lines: boolean;
}

/**
 * Finds the frames in a file. Their offsets become offsets in the file; those of a frame that is in none of its modules stay as
 * they are if the file is a core module (it is another's, preloaded), and are left out if it is a component.
 */
export class FrameLocator {
  readonly #modules: readonly Module[];
  readonly #whole: boolean;
  readonly #lines: boolean;

  constructor(file: Uint8Array<ArrayBuffer>, { core, lines }: LocatorOptions) {
    this.#whole = core;
    this.#lines = lines;
    const modules = this.#whole ? [file] : [...modulesIn(new Reader(file))];
    this.#modules = modules.map((bytes) => new Module(bytes, bytes.byteOffset - file.byteOffset));
  }

  locate(frame: WasmFrame): LocatedFrame {
    try {
      return this.#locate(frame);
    } catch (error) {
      // It is not the file that was run, though nothing told.
      if (error instanceof ParseError) return { ...frame, offset: undefined };
      throw error;
    }
  }

  #locate(frame: WasmFrame): LocatedFrame {
    const modules = this.#modules.filter(({ name }) => name === frame.module);
    return frame.offset === undefined ? this.#declared(frame, modules) : this.#exact(frame, frame.offset, modules);
  }

  #exact(frame: WasmFrame, offset: number, modules: readonly Module[]): LocatedFrame {
    const found = modules.flatMap((module) => {
      const own = module.ownOffset(offset, frame.func);
      return own === undefined ? [] : [{ module, own }];
    });
    const [only, ...others] = found;
    // The engine does not tell which of several it is.
    if (others.length > 0) return { ...frame, offset: undefined };
    if (only !== undefined) {
      const { module, own } = only;
      const located = { ...frame, offset: module.start + own };
      return this.#lines ? { ...located, symbols: module.symbols?.framesAt(own - module.codeStart) ?? [] } : located;
    }
    const preloaded = this.#whole && !modules.some(({ rewritten }) => rewritten);
    return preloaded ? frame : { ...frame, offset: undefined };
  }

  /** The engine tells a name alone: it must be one function's. */
  #declared(frame: WasmFrame, modules: readonly Module[]): LocatedFrame {
    if (!this.#lines) return frame;
    const found = modules.flatMap((module) => module.bodiesNamed(frame.func).map((body) => ({ module, body })));
    const [only, ...others] = found;
    if (only === undefined || others.length > 0) return frame;
    const { module, body } = only;
    return { ...frame, declared: module.symbols?.functionAt(body - module.codeStart)?.place };
  }
}

/** A core module, whose parts are read when they are asked for. */
class Module {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  /** In the file. */
  readonly start: number;
  readonly name: string | undefined;
  #code: Code | undefined;
  #names: ReadonlyMap<number, string> | undefined;
  #symbols: ModuleSymbols | null | undefined;

  constructor(bytes: Uint8Array<ArrayBuffer>, start: number) {
    this.#bytes = bytes;
    this.start = start;
    this.name = nameSubsection(bytes, MODULE_NAME, (content) => content.name());
  }

  /** Whether its functions themselves were changed before it was compiled. */
  get rewritten(): boolean {
    return moveOf(this.start) === undefined;
  }

  get codeStart(): number {
    return this.#read().start;
  }

  get symbols(): ModuleSymbols | undefined {
    if (this.#symbols === undefined) this.#symbols = readModuleSymbols(this.#bytes) ?? null;
    return this.#symbols ?? undefined;
  }

  /** Returns the offset in this module of what the engine has at `offset` in a function of that name; undefined: it is another's. */
  ownOffset(offset: number, func: string): number | undefined {
    const move = moveOf(this.start);
    if (move === undefined) return undefined;
    const own = offset - move;
    const { starts, end, imported } = this.#read();
    const i = lastAtMost(starts.length, (at) => starts[at]!, own);
    if (i < 0 || own >= end) return undefined;
    return this.#nameOf(imported + i) === func ? own : undefined;
  }

  /** Returns the offsets of the bodies of all functions of that name. */
  bodiesNamed(func: string): number[] {
    const { starts, imported } = this.#read();
    const found: number[] = [];
    for (const [i, start] of starts.entries()) if (this.#nameOf(imported + i) === func) found.push(start);
    return found;
  }

  #nameOf(index: number): string {
    this.#names ??= functionNames(this.#bytes);
    return this.#names.get(index) ?? `<wasm function ${index}>`;
  }

  #read(): Code {
    this.#code ??= readCode(this.#bytes);
    return this.#code;
  }
}

interface Code {
  /** Of the section's content. */
  readonly start: number;
  readonly end: number;
  /** Of the bodies' locals: rises. */
  readonly starts: readonly number[];
  /** How many functions are imported. */
  readonly imported: number;
}

function readCode(module: Uint8Array<ArrayBuffer>): Code {
  for (const { id, content } of sectionsOf(module)) {
    if (id !== CODE_SECTION) continue;
    const start = content.pos;
    const starts = Array.from(bodiesOf(content), ({ locals }) => locals);
    return { start, end: content.end, starts, imported: spacesOf(module).importedFunctions };
  }
  return { start: 0, end: 0, starts: [], imported: 0 };
}

function functionNames(module: Uint8Array<ArrayBuffer>): ReadonlyMap<number, string> {
  const read = (content: Reader) => {
    const names = new Map<number, string>();
    for (let left = content.count("function name"); left > 0; left--) names.set(content.u32(), content.name());
    return names;
  };
  return nameSubsection(module, FUNCTION_NAMES, read) ?? new Map();
}

// Ids of a component's sections.
const CORE_MODULE = 1;
const COMPONENT = 4;

/** Yields the core modules of a component and of those in it, as views of the file. */
function* modulesIn(component: Reader): Generator<Uint8Array<ArrayBuffer>> {
  for (const { id, content } of readSections(component)) {
    if (id === CORE_MODULE) yield content.bytes.subarray(content.pos, content.end);
    else if (id === COMPONENT) yield* modulesIn(content);
  }
}

/** Returns undefined for a file that is not what was run: it cannot be read as WebAssembly. */
export function frameLocator(file: Uint8Array<ArrayBuffer>, options: LocatorOptions): FrameLocator | undefined {
  try {
    return new FrameLocator(file, options);
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}
