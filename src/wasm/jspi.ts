/** JSPI: imports at which a guest may be suspended, and the calls into it that allow that. Loaded only for guests that are. */

import { OWN_MODULE } from "../core/wait/uncatchable.ts";
import { keepFrames } from "./frames.ts";
import { encodeName, leb128, section } from "./splice.ts";
import type { CoreFuncType, CoreFunction } from "./types.ts";

declare global {
  /** The JS API of JSPI, which TypeScript's library does not have yet. */
  namespace WebAssembly {
    class Suspending {
      constructor(work: (...args: never[]) => unknown);
    }
    function promising(exported: (...args: never[]) => unknown): (...args: never[]) => Promise<unknown>;
  }
}

/** Where one import of a guest is suspended. */
export interface Suspension {
  /**
   * What the import answers instead of its result: the guest is then suspended until `promise` resolves, and goes on with what
   * it resolves to (a core value), or with what it rejects with, thrown.
   */
  readonly park: (promise: Promise<unknown>) => number | bigint;
  /** The import, given the function that does its work, of the core type that the suspension was made for. */
  wrap(work: CoreFunction): CoreFunction;
}

/** The function as one that answers a promise, and may be suspended meanwhile. What is no function of a guest cannot be. */
export function promising(core: CoreFunction): CoreFunction {
  let call: ReturnType<typeof WebAssembly.promising>;
  try {
    call = WebAssembly.promising(core);
  } catch (error) {
    // A lowered function that never waits, lifted again.
    if (error instanceof TypeError) return core;
    throw error;
  }
  return (...args) => call(...args).catch(rethrow);
}

/** The first to see what ended a call. */
function rethrow(error: unknown): never {
  if (error instanceof Error) keepFrames(error);
  throw error;
}

const I32 = 0x7f;
const CORE_TYPES: Readonly<Record<string, number>> = { i32: I32, i64: 0x7e, f32: 0x7d, f64: 0x7c };

const modules = new Map<string, WebAssembly.Module>();

/**
 * A Suspending import suspends its guest whatever it answers, which costs 0.13 us on V8 and 0.9 us on JavaScriptCore. Most
 * calls have their result at once, so a function of a few instructions stands between: it calls the plain import, and the
 * suspending one only if that said so.
 *
 *     (func (param ...) (result r)
 *       (call $work (param ...))
 *       (br_if 0 (i32.eqz (global.get $parked)))
 *       (drop)
 *       (call $wait))
 */
export function suspension(type: CoreFuncType): Suspension {
  const parked = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
  const nothing = type.results[0] === "i64" ? 0n : 0;
  let pending: Promise<unknown> | undefined;
  const wait = new WebAssembly.Suspending(() => {
    parked.value = 0;
    return pending;
  });
  return {
    park(promise) {
      pending = promise;
      parked.value = 1;
      return nothing;
    },
    wrap(work) {
      const { exports } = new WebAssembly.Instance(moduleOf(type), { "": { work, wait: wait as never, parked } });
      return exports["call"] as CoreFunction;
    },
  };
}

function moduleOf({ params, results }: CoreFuncType): WebAssembly.Module {
  const key = `${params.join()}:${results.join()}`;
  let module = modules.get(key);
  if (module === undefined) {
    module = new WebAssembly.Module(encodeModule(params, results));
    modules.set(key, module);
  }
  return module;
}

function encodeModule(params: readonly string[], results: readonly string[]): Uint8Array<ArrayBuffer> {
  const types = (list: readonly string[]) => [...leb128(list.length), ...list.map((type) => CORE_TYPES[type]!)];
  const imported = (name: string, description: readonly number[]) => [0, ...encodeName(name), ...description];
  const drop = results.length > 0 ? [0x1a] : [];
  const body = [
    0, // no locals
    ...params.flatMap((_, i) => [0x20, ...leb128(i)]), // local.get i
    ...[0x10, 0, 0x23, 0, 0x45, 0x0d, 0], // call $work; global.get $parked; i32.eqz; br_if 0
    ...[...drop, 0x10, 1, 0x0b], // drop; call $wait; end
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [2, 0x60, ...types(params), ...types(results), 0x60, 0, ...types(results)]),
    ...section(2, [3, ...imported("work", [0, 0]), ...imported("wait", [0, 1]), ...imported("parked", [3, I32, 1])]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...encodeName("call"), 0, 2]),
    ...section(10, [1, ...leb128(body.length), ...body]),
    ...section(0, [...encodeName("name"), ...section(0, encodeName(OWN_MODULE))]),
  ]);
}
