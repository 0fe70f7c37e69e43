/** Reads the WebAssembly frames of an error's stack. */
import type { WasmFrame } from "../core/wait/errors.ts";
import { OWN_MODULE } from "../core/wait/uncatchable.ts";

/** The number of a guest's frames that are shown: wasmtime's. */
export const SHOWN_FRAMES = 20;

/** Returns the number of frames that an engine should record: some of Pollux's own may lie between a guest's. */
export function stackTraceLimit(shown = SHOWN_FRAMES): number {
  return 3 * shown + 4;
}

const kept = new WeakMap<Error, readonly WasmFrame[]>();

/**
 * Reads the frames of an error now, for a later call of `wasmFrames`. When garbage collection frees a function on the stack,
 * JavaScriptCore turns the stack into text, in which WebAssembly frames are `unknown`.
 */
export function keepFrames(error: Error): void {
  if (!kept.has(error)) kept.set(error, readFrames(error));
}

/** Returns the WebAssembly frames of an error's stack, innermost first. */
export function wasmFrames(error: Error): readonly WasmFrame[] {
  return kept.get(error) ?? readFrames(error);
}

/**
 * Reads the frames through `Error.prepareStackTrace`. Engines format a stack when it is first read, and pass that function call
 * sites that tell more than the text: on Deno the functions' indices, on Bun their names.
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
    // Reading the stack formats it.
    void error.stack;
  } finally {
    Error.prepareStackTrace = before;
  }
  return frames;
}

const V8_MODULE = "wasm://wasm/";

/**
 * Parses a frame of V8: `mod.name (wasm://wasm/mod-1a2b3c4d:wasm-function[7]:0xfb)`, in a file named `wasm://wasm/mod-1a2b3c4d`.
 */
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
 * Parses a frame of JavaScriptCore: `mod.wasm-function[name or index]`, in a file named `[wasm code]`. For a function without a
 * name, in a module that names others, it gives neither name nor index.
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
