/** The WebAssembly frames of an error's stack. */
import type { WasmFrame } from "../core/wait/errors.ts";
import { OWN_MODULE } from "../core/wait/uncatchable.ts";

/** How many of a guest's frames are shown, as wasmtime does. */
export const SHOWN_FRAMES = 20;

/** How many frames an engine shall keep of a stack: some of ours may lie between a guest's. */
export function stackTraceLimit(shown = SHOWN_FRAMES): number {
  return 3 * shown + 4;
}

const kept = new WeakMap<Error, readonly WasmFrame[]>();

/**
 * Reads the frames of an error now, for a `wasmFrames` of later: a garbage collection that frees one of the functions on the
 * stack has JavaScriptCore write the stack down as text, in which WebAssembly's frames are `unknown`.
 */
export function keepFrames(error: Error): void {
  if (!kept.has(error)) kept.set(error, readFrames(error));
}

/** Innermost first. */
export function wasmFrames(error: Error): readonly WasmFrame[] {
  return kept.get(error) ?? readFrames(error);
}

/**
 * Engines format stacks when they are first read, by `Error.prepareStackTrace`, and give it call sites with more in them than
 * the text has: on Deno the functions' indices, on Bun their names.
 */
function readFrames(error: Error): readonly WasmFrame[] {
  const before = Error.prepareStackTrace;
  const frames: WasmFrame[] = [];
  Error.prepareStackTrace = (_, sites) => {
    for (const site of sites) {
      const frame = v8Frame(site) ?? jscFrame(site);
      if (frame && frame.module !== OWN_MODULE) frames.push(frame);
    }
    return [`${error}`, ...sites].join("\n    at ");
  };
  try {
    // Reading it is what formats it.
    void error.stack;
  } finally {
    Error.prepareStackTrace = before;
  }
  return frames;
}

const V8_MODULE = "wasm://wasm/";

/** V8: `mod.name (wasm://wasm/mod-1a2b3c4d:wasm-function[7]:0xfb)`, whose file is named `wasm://wasm/mod-1a2b3c4d`. */
function v8Frame(site: NodeJS.CallSite): WasmFrame | undefined {
  const file = site.getFileName();
  if (!file?.startsWith(V8_MODULE)) return undefined;
  const text = String(site);
  const place = text.slice(text.lastIndexOf(":wasm-function["));
  const [, index, offset] = /^:wasm-function\[(\d+)\]:0x([0-9a-f]+)\)?$/.exec(place) ?? [];
  if (offset === undefined) return undefined;
  const hash = file.lastIndexOf("-");
  return {
    offset: Number.parseInt(offset, 16),
    module: hash < 0 ? undefined : file.slice(V8_MODULE.length, hash),
    func: site.getFunctionName() || `<wasm function ${index}>`,
  };
}

const JSC_FUNCTION = "wasm-function[";

/**
 * JavaScriptCore: `mod.wasm-function[name or index]`, in a file named `[wasm code]`. Of a module that names functions, but not
 * this one, it says neither.
 */
function jscFrame(site: NodeJS.CallSite): WasmFrame | undefined {
  const name = site.getFunctionName() ?? "";
  const dot = name.lastIndexOf(`.${JSC_FUNCTION}`);
  if (!name.endsWith("]") || (dot < 0 && !name.startsWith(JSC_FUNCTION))) return undefined;
  const module = name.slice(0, Math.max(dot, 0));
  const func = name.slice(dot + 1 + JSC_FUNCTION.length, -1);
  const nameless = func === "" || /^\d+$/.test(func);
  return {
    offset: undefined,
    module: module === "" ? undefined : module,
    func: nameless ? `<wasm function ${func || "?"}>` : func,
  };
}
