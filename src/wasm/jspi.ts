/** JSPI: suspending imports, and promising calls into a guest. Loaded only for guests that are suspended. */

import { Trap } from "../core/wait/errors.ts";
import { EngineTrap } from "./engine-trap.ts";
import { keepFrames } from "./frames.ts";
import type { CoreFuncType, CoreFunction } from "./types.ts";
import { encodeName, encodeOwnModule, leb128 } from "./writer.ts";

declare global {
  /** The JS API of JSPI, which TypeScript's library does not have yet. */
  namespace WebAssembly {
    class Suspending {
      constructor(work: (...args: never[]) => unknown);
    }
    function promising(exported: (...args: never[]) => unknown): (...args: never[]) => Promise<unknown>;
  }
}

/** An import of a guest that can suspend it. */
export interface Suspension {
  /**
   * Returned by the import in place of its result. The guest is then suspended until `promise` settles. It resumes with the value
   * of the promise (a core value), or with its rejection thrown.
   */
  readonly suspendUntil: (promise: Promise<unknown>) => number | bigint;
  /** Returns the import, made of the function that does its work. `work` has the core type that the suspension was made for. */
  wrap(work: CoreFunction): CoreFunction;
}

/**
 * The most calls of the process that may have a stack of their own. V8 maps memory twice for each, of the 65,530 mappings that
 * Linux grants a process, and ends the process when a mapping fails. JavaScriptCore keeps stacks in its heap.
 */
const MOST_STACKS = "Bun" in globalThis ? Number.POSITIVE_INFINITY : 10_000;

/** The most promising calls that may be nested: frames of Pollux's own lie between two of them, on the thread's stack. */
const MOST_NESTED = 200;

let stacks = 0;
let nested = 0;

/**
 * Returns the function as one that returns a promise and may be suspended meanwhile. A function that is not a WebAssembly function
 * is returned as it is. The returned function throws a Trap if there are too many such calls.
 */
export function promising(core: CoreFunction): CoreFunction {
  let call: ReturnType<typeof WebAssembly.promising>;
  try {
    call = WebAssembly.promising(core);
  } catch (error) {
    // A lowered function that never waits, lifted again.
    if (error instanceof TypeError) return core;
    throw error;
  }
  return (...args) => {
    if (nested >= MOST_NESTED) throw new EngineTrap("wasm trap: call stack exhausted");
    if (stacks >= MOST_STACKS) throw new Trap(`cannot suspend another call: the process has ${stacks} suspended`);
    let result: Promise<unknown>;
    nested++;
    try {
      result = call(...args);
    } finally {
      nested--;
    }
    stacks++;
    return result.then(returned, thrown);
  };
}

function returned(result: unknown): unknown {
  stacks--;
  return result;
}

/** Handles an exception that ends a call. This is the first place that sees it. */
function thrown(error: unknown): never {
  stacks--;
  if (error instanceof Error) keepFrames(error);
  throw error;
}

/**
 * As `promising`, for a caller that must know the result at once: `returned` is given it as soon as the function has returned,
 * while the promise resolves in a later microtask. An exception of `returned` ends the call.
 *
 *     (func (param ...) (result r) (local r)
 *       (call $core (param ...))
 *       (local.tee $result)
 *       (call $returned)
 *       (local.get $result))
 */
export function promisingAtOnce(
  core: CoreFunction,
  type: CoreFuncType,
  returned: (result: number | bigint | undefined) => void,
): CoreFunction {
  const module = moduleOf(type, "returning", encodeReturning);
  const { exports } = new WebAssembly.Instance(module, { "": { core, returned: returned as never } });
  return promising(exports["call"] as CoreFunction);
}

const I32 = 0x7f;
const CORE_TYPES: Readonly<Record<string, number>> = { i32: I32, i64: 0x7e, f32: 0x7d, f64: 0x7c };

const modules = new Map<string, WebAssembly.Module>();

/**
 * A `WebAssembly.Suspending` import suspends its guest whatever it returns, which costs 0.13 us on V8 and 0.9 us on JavaScriptCore.
 * Most calls have their result at once. So a function of a few instructions stands between: it calls the plain import, and the
 * suspending one only if the plain one asked for that.
 *
 *     (func (param ...) (result r)
 *       (call $work (param ...))
 *       (br_if 0 (i32.eqz (global.get $mustSuspend)))
 *       (drop)
 *       (call $wait))
 */
export function suspension(type: CoreFuncType): Suspension {
  const mustSuspend = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
  const nothing = type.results[0] === "i64" ? 0n : 0;
  let pending: Promise<unknown> | undefined;
  const wait = new WebAssembly.Suspending(() => {
    mustSuspend.value = 0;
    return pending;
  });
  return {
    suspendUntil(promise) {
      pending = promise;
      mustSuspend.value = 1;
      return nothing;
    },
    wrap(work) {
      const module = moduleOf(type, "suspending", encodeSuspending);
      const { exports } = new WebAssembly.Instance(module, { "": { work, wait: wait as never, mustSuspend } });
      return exports["call"] as CoreFunction;
    },
  };
}

type Encode = (type: CoreFuncType) => Uint8Array<ArrayBuffer>;

function moduleOf(type: CoreFuncType, purpose: string, encode: Encode): WebAssembly.Module {
  const key = `${purpose}:${type.params.join()}:${type.results.join()}`;
  let module = modules.get(key);
  if (module === undefined) {
    module = new WebAssembly.Module(encode(type));
    modules.set(key, module);
  }
  return module;
}

const codesOf = (list: readonly string[]) => [...leb128(list.length), ...list.map((type) => CORE_TYPES[type]!)];
const imported = (name: string, description: readonly number[]) => [0, ...encodeName(name), ...description];

/** The number of functions that such a module imports: its own function has the next index. */
const IMPORTED = 2;

/**
 * Encodes a module of one function.
 *
 * @param types A list of function types
 * @param imports A list of imports, functions before globals
 */
function encodeModule(
  types: readonly number[],
  imports: readonly number[],
  body: readonly number[],
): Uint8Array<ArrayBuffer> {
  return encodeOwnModule(
    [1, types],
    [2, imports],
    [3, [1, 0]],
    [7, [1, ...encodeName("call"), 0, IMPORTED]],
    [10, [1, ...leb128(body.length), ...body]],
  );
}

const gets = (params: readonly string[]) => params.flatMap((_, i) => [0x20, ...leb128(i)]); // local.get i

function encodeReturning({ params, results }: CoreFuncType): Uint8Array<ArrayBuffer> {
  const result = leb128(params.length);
  const body = [
    ...(results.length > 0 ? [1, 1, CORE_TYPES[results[0]!]!] : [0]), // a local for the result
    ...[...gets(params), 0x10, 0], // call $core
    ...(results.length > 0 ? [0x22, ...result, 0x10, 1, 0x20, ...result] : [0x10, 1]), // local.tee; call $returned; local.get
    0x0b,
  ];
  const types = [2, 0x60, ...codesOf(params), ...codesOf(results), 0x60, ...codesOf(results), 0];
  return encodeModule(types, [2, ...imported("core", [0, 0]), ...imported("returned", [0, 1])], body);
}

function encodeSuspending({ params, results }: CoreFuncType): Uint8Array<ArrayBuffer> {
  const drop = results.length > 0 ? [0x1a] : [];
  const body = [
    0, // no locals
    ...gets(params),
    ...[0x10, 0, 0x23, 0, 0x45, 0x0d, 0], // call $work; global.get $mustSuspend; i32.eqz; br_if 0
    ...[...drop, 0x10, 1, 0x0b], // drop; call $wait; end
  ];
  const types = [2, 0x60, ...codesOf(params), ...codesOf(results), 0x60, 0, ...codesOf(results)];
  const imports = [
    3,
    ...imported("work", [0, 0]),
    ...imported("wait", [0, 1]),
    ...imported("mustSuspend", [3, I32, 1]),
  ];
  return encodeModule(types, imports, body);
}
