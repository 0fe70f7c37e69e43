import type { Waiting } from "../core/wait/waiting.ts";

/**
 * How a host gives functions and resources to a component.
 *
 * An import object maps interface names (`wasi:io/poll`, any version or none) to instances. An instance may have each item under
 * one of two names:
 *
 * - its WIT name: `"[method]pollable.block": (self) => ...`, `"subscribe-duration": (ns) => ...`, `pollable: Pollable`;
 * - jco's: `subscribeDuration`, and classes `Pollable` with `block` on the prototype, static functions as statics, and a
 *   constructor that is called with `new`.
 *
 * The WIT name is looked up first. Values follow jco: bigint for 64-bit integers, Uint8Array for list<u8>, strings for enums,
 * `{ tag, val }` for variants, undefined for none, a thrown payload for the error of a `result`. A resource is an instance of the
 * class given for it. The class is its identity: two interface names that give the same class give one resource type. Dropping the
 * last own handle calls `Symbol.dispose`, if the resource has it.
 */

/** A function on the JavaScript side of a lift or lower. The component determines its type. */
export type JsFunction = (...args: never[]) => unknown;

/** The callee of a lowered function: a function, a method (`this` is the first argument), or a class (`new`). */
export interface Callee {
  readonly form: "function" | "method" | "constructor";
  readonly target: JsFunction;
}

/**
 * A function that a program gives to a component. Its parameters are what the WIT says, in the conventions of jco; it throws the error of
 * a `result`, and answers a promise only where the component is suspended while it waits. What it takes is checked against the WIT when
 * it is called, not by TypeScript.
 */
export type HostFunction = ((...args: never[]) => unknown) & {
  [raw]?: RawFactory;
  [resultBuffer]?: DataView;
  [mayWait]?: boolean;
};

/**
 * The class of a resource that a program gives: its methods and static functions in camelCase, `new` for the constructor. Dropping the
 * component's last handle on an object of it calls `Symbol.dispose`, if it has one.
 */
export type ResourceClass = NewableFunction & {
  readonly prototype: object;
  readonly [extraResourceWeight]?: (instance: never) => number;
};

/** An interface that a program gives: functions in camelCase, classes of resources; or each by its WIT name. */
export interface HostInstance {
  /** By name. */
  readonly [name: string]: HostFunction | ResourceClass | HostInstance | undefined;
}

/**
 * What a program gives to a component: interfaces by their names (`wasi:io/poll`, with or without a version); functions and classes that are
 * imported by themselves by theirs, or as the `default` of an object.
 */
export interface HostImports {
  /** By name. */
  readonly [name: string]: HostInstance | HostFunction | ResourceClass | undefined;
}

/**
 * A host function that is called often may also offer a raw form, made once per lowering: a core function that takes core values
 * (i64 as bigint) and returns the flat core result, and does its own lifting. It must check the guest's values as generated code
 * does.
 */
export const raw: unique symbol = Symbol.for("pollux.raw");

export type RawFactory = (cx: RawContext) => (...args: never[]) => Waiting<number | bigint | undefined>;

/**
 * A host function that is called often may do without the objects that carry bytes and numbers:
 *
 * - a `list<u8>` parameter is passed as three arguments: the guest's memory, and the start and end of the bytes in it. They belong
 *   to the guest again when the function has returned, or its promise has resolved;
 * - a u64 is passed as a number, from 2^53 on as Infinity, and returned as one;
 * - a `list<u8>` is returned as its length. Its bytes are at the start of the DataView that is the value of this property. A
 *   promise resolves with the bytes themselves, as the view may hold another guest's by then.
 */
export const resultBuffer: unique symbol = Symbol.for("pollux.resultBuffer");

/**
 * Whether a host function, or the destructor of a resource (then on its class), may return a promise to a guest that can be
 * suspended. Calls of all others are plain.
 */
export const mayWait: unique symbol = Symbol.for("pollux.mayWait");

/**
 * On a class: the number of resources that an instance counts as beside itself, where their number is limited (wasmtime keeps
 * others behind some of its own).
 */
export const extraResourceWeight: unique symbol = Symbol.for("pollux.extraResourceWeight");

/** The caller of a raw host function: its memory and its handles. */
export interface RawContext {
  /** Returns the caller's memory as bytes. Views made before the memory grew are invalid. */
  bytes(): Uint8Array;
  /** Returns the memory as a DataView. */
  view(): DataView;
  /** Returns the memory as 32-bit words, and as pairs of them. */
  words(): { readonly words: Int32Array; readonly doubles: Float64Array };
  /**
   * Checks that `[ptr, ptr + length)` lies in memory and that `ptr` is aligned. `ptr` may be a signed i32. Returns it unsigned.
   *
   * @throws Trap `pointer out of bounds`, `pointer not aligned`
   */
  check(ptr: number, length: number, align: number): number;
  /**
   * As `check`, for a list of `length` elements of `size` bytes.
   *
   * @throws Trap `list pointer/length out of bounds of memory`, `list pointer is not aligned`
   */
  checkList(ptr: number, length: number, size: number, align: number): number;
  /** Calls `cabi_realloc(0, 0, align, length)` and checks the result. Returns the address of new guest memory. */
  allocate(length: number, align: number): number;
  /** The number of handles removed so far. While it does not change, every index has the same handle. */
  readonly removals: number;
  /** Returns the index of the nth handle that was removed, from 0; undefined if that was too long ago. */
  removed(nth: number): number | undefined;
  /** The number of handles that one call may borrow. */
  readonly lendable: number;
  /**
   * Returns the object behind a handle that was passed for a `borrow`.
   *
   * @param param The index of the function's parameter whose type names the resource (a list's element type counts); 0 unless given
   * @throws Trap `unknown handle index N`, or if the handle has another type
   */
  borrow(handle: number, param?: number): object;
}
