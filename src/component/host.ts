import type { Waiting } from "../core/wait/waiting.ts";

/**
 * How a host gives functions and resources to a component.
 *
 * An import object maps interface names (`wasi:io/poll`, any version or none) to instances. An instance answers each WIT name
 * in one of two conventions:
 *
 * - by its WIT name: `"[method]pollable.block": (self) => ...`, `"subscribe-duration": (ns) => ...`, `pollable: Pollable`;
 * - as jco does: `subscribeDuration`, and classes `Pollable` whose prototype has `block`, whose statics are statics, and which
 *   is constructed by `new`.
 *
 * The WIT name is looked for first. Values follow jco: bigint for 64-bit integers, Uint8Array for list<u8>, strings for enums,
 * `{ tag, val }` for variants, undefined for none, a thrown payload for the error of a `result`. A resource is an instance of
 * the class given for it; that class is its identity: two interface names that give the same class give one resource type.
 * Dropping the last own handle calls its `Symbol.dispose`, if it has one.
 */

/** A function on the JavaScript side of a lift or lower, of whatever type the component says. */
export type JsFunction = (...args: never[]) => unknown;

/** What a lowering calls: a function, a method (`this` is the first argument), or a class (`new`). */
export interface Callee {
  readonly form: "function" | "method" | "constructor";
  readonly target: JsFunction;
}

/** Parameters are checked by the linker against the WIT signature, not by TypeScript. */
export type HostFunction = ((...args: never[]) => unknown) & {
  [raw]?: RawFactory;
  [resultBuffer]?: DataView;
  [mayWait]?: boolean;
};

/** A class, whether or not its constructor is for everybody. */
export type ResourceClass = NewableFunction & {
  readonly prototype: object;
  readonly [extraHandles]?: (instance: never) => number;
};

export interface HostInstance {
  readonly [name: string]: HostFunction | ResourceClass | HostInstance | undefined;
}

export interface HostImports {
  readonly [name: string]: HostInstance | HostFunction | ResourceClass | undefined;
}

/**
 * A hot host function may also offer a raw form, made once per lowering: a core function that gets core values (i64 as bigint)
 * and returns the flat core result, doing its own lifting. It must check what it takes
 * from the guest, as the generated code does.
 */
export const raw: unique symbol = Symbol.for("pollux.raw");

export type RawFactory = (cx: RawContext) => (...args: never[]) => Waiting<number | bigint | undefined>;

/**
 * A hot host function may go without the objects that bytes and counts come and go in:
 *
 * - a `list<u8>` parameter comes as three arguments: the guest's memory, where the bytes begin in it and where they end. They
 *   are the guest's again when the function has returned, or its promise is resolved;
 * - a u64 comes as a number, from 2^53 on as Infinity, and is answered as one;
 * - a `list<u8>` is answered as its length: its bytes are at the start of the DataView that is the value of this property. What is
 *   answered later, by a promise, is the bytes themselves: what is in the view may be another guest's by then.
 */
export const resultBuffer: unique symbol = Symbol.for("pollux.resultBuffer");

/**
 * Whether a host function, or what drops a resource (then on its class), may return a promise to a guest that can be suspended.
 * Calls of those that may not are plain.
 */
export const mayWait: unique symbol = Symbol.for("pollux.mayWait");

/**
 * On a class: how many resources an instance counts for beside itself, where there is a most that a guest may have (wasmtime
 * keeps others behind some of its own).
 */
export const extraHandles: unique symbol = Symbol.for("pollux.extraHandles");

/** What a raw host function sees of its caller: its memory, its handles. */
export interface RawContext {
  /** The caller's memory as bytes, current (a view made before the memory grew is replaced). */
  bytes(): Uint8Array;
  /** The same as a DataView. */
  view(): DataView;
  /** The same as 32-bit words, and as pairs of them. */
  words(): { readonly words: Int32Array; readonly doubles: Float64Array };
  /**
   * Checks that `[ptr, ptr + length)` lies in memory and `ptr` is aligned, or traps (`pointer out of bounds`, `pointer not
   * aligned`). `ptr` may come as a signed i32; returns it unsigned.
   */
  check(ptr: number, length: number, align: number): number;
  /**
   * The same for a list of `length` elements of `size` bytes, or traps (`list pointer/length out of bounds of
   * memory`, `list pointer is not aligned`).
   */
  checkList(ptr: number, length: number, size: number, align: number): number;
  /** `cabi_realloc(0, 0, align, length)`, checked: a fresh piece of guest memory. */
  allocate(length: number, align: number): number;
  /** How many handles have gone so far: while it does not change, every index stands for what it did. */
  readonly removals: number;
  /** The index of the handle that was the nth to go, from 0; undefined: that is too long ago. */
  removed(nth: number): number | undefined;
  /** How many handles one call may borrow. */
  readonly lendable: number;
  /**
   * The object behind a handle that was passed for a `borrow` of the resource type that the function's parameter number `param`
   * (default 0; a list's element type counts) names; traps `unknown handle index N` or on a wrong type.
   */
  borrow(handle: number, param?: number): object;
}
