import type { CoreFuncType } from "../../wasm/types.ts";
import { type AsyncOptions, flatten } from "../types/layout.ts";
import type { StreamOrFuture, ValType } from "../types/types.ts";

export type StringEncoding = "utf8" | "utf16" | "latin1+utf16";

/** The canonical options of a definition. Numbers are indices into core index spaces. */
export interface CanonOptions extends AsyncOptions {
  readonly encoding: StringEncoding;
  readonly memory: number | undefined;
  readonly realloc: number | undefined;
  readonly postReturn: number | undefined;
}

/**
 * A canonical built-in of component model async, by its name in the specification. `async`: it returns BLOCKED instead of waiting.
 */
export type AsyncBuiltin =
  | { readonly kind: PlainBuiltin }
  | { readonly kind: "task.return"; readonly result: ValType | undefined; readonly options: CanonOptions }
  | { readonly kind: "context.get" | "context.set"; readonly slot: 0 | 1 }
  | { readonly kind: "subtask.cancel"; readonly async: boolean }
  | { readonly kind: "error-context.new" | "error-context.debug-message"; readonly options: CanonOptions }
  /** `memory`: the index of the core memory that the event is written to. */
  | { readonly kind: "waitable-set.wait" | "waitable-set.poll"; readonly memory: number }
  | ThreadBuiltin
  | { readonly kind: Of<"new" | "drop-readable" | "drop-writable">; readonly type: StreamOrFuture }
  | { readonly kind: Of<"read" | "write">; readonly type: StreamOrFuture; readonly options: CanonOptions }
  | { readonly kind: Of<"cancel-read" | "cancel-write">; readonly type: StreamOrFuture; readonly async: boolean };

/**
 * The name of a built-in that streams and futures have: `stream.read` and `future.read`, for example. Its `type` is of the same
 * kind.
 */
type Of<Name extends string> = `${StreamOrFuture["kind"]}.${Name}`;

/** The built-ins without parameters. */
export type PlainBuiltin =
  | "task.cancel"
  | "subtask.drop"
  | "error-context.drop"
  | "thread.yield"
  | PlainThreadBuiltin
  | "waitable-set.new"
  | "waitable-set.drop"
  | "waitable.join"
  | "backpressure.inc"
  | "backpressure.dec";

/** A built-in of cooperative threads. */
export type ThreadBuiltin =
  /** `table`: the index of the core table that holds start functions. */
  { readonly kind: "thread.new-indirect"; readonly table: number } | { readonly kind: PlainThreadBuiltin };

type PlainThreadBuiltin =
  | "thread.index"
  | "thread.resume-later"
  | "thread.suspend"
  | "thread.suspend-then-resume"
  | "thread.yield-then-resume"
  | "thread.suspend-then-promote"
  | "thread.yield-then-promote";

/** Whether it is a built-in of cooperative threads. `thread.yield` is not: a task can yield without threads. */
export function isThreadBuiltin(kind: string): boolean {
  return kind.startsWith("thread.") && kind !== "thread.yield";
}

/** Returns the type of a built-in's core function (CanonicalABI.md, "Canonical Definitions"). */
export function coreTypeOf(builtin: AsyncBuiltin): CoreFuncType {
  switch (builtin.kind) {
    case "task.cancel":
    case "backpressure.inc":
    case "backpressure.dec":
      return { params: [], results: [] };
    case "task.return": {
      const { result } = builtin;
      const params = result === undefined ? [] : [{ name: "", type: result }];
      return flatten({ async: false, params, result: undefined }, "lower");
    }
    case "context.get":
    case "thread.yield":
    case "thread.index":
    case "thread.suspend":
    case "waitable-set.new":
      return { params: [], results: ["i32"] };
    case "context.set":
    case "error-context.drop":
    case "subtask.drop":
    case "thread.resume-later":
    case "waitable-set.drop":
    case "stream.drop-readable":
    case "stream.drop-writable":
    case "future.drop-readable":
    case "future.drop-writable":
      return { params: ["i32"], results: [] };
    case "error-context.debug-message":
    case "waitable.join":
      return { params: ["i32", "i32"], results: [] };
    case "stream.new":
    case "future.new":
      return { params: [], results: ["i64"] };
    case "subtask.cancel":
    case "thread.suspend-then-resume":
    case "thread.yield-then-resume":
    case "thread.suspend-then-promote":
    case "thread.yield-then-promote":
    case "stream.cancel-read":
    case "stream.cancel-write":
    case "future.cancel-read":
    case "future.cancel-write":
      return { params: ["i32"], results: ["i32"] };
    case "error-context.new":
    case "thread.new-indirect":
    case "waitable-set.wait":
    case "waitable-set.poll":
    case "future.read":
    case "future.write":
      return { params: ["i32", "i32"], results: ["i32"] };
    case "stream.read":
    case "stream.write":
      return { params: ["i32", "i32", "i32"], results: ["i32"] };
  }
}
