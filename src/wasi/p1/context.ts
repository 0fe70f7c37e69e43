import type { Condition } from "../../core/wait/condition.ts";
import type { Poll } from "../../core/wait/poll.ts";
import type { Waiting } from "../../core/wait/waiting.ts";
import type { Machine } from "../../machine/machine.ts";
import { errno } from "./abi/errno.ts";
import type { Layout } from "./abi/layout.ts";
import type { Preview1Memory } from "./abi/memory.ts";
import type { Prefixes } from "./abi/slices.ts";
import type { FileDescriptor } from "./descriptors/descriptor.ts";
import type { FdTable } from "./descriptors/fd-table.ts";

/** The state that the functions of one module share. */
export interface Preview1Context {
  readonly machine: Machine;
  readonly poll: Poll;
  readonly memory: Preview1Memory;
  /** Prefixes of the machine's buffer. */
  readonly received: Prefixes;
  readonly fds: FdTable;
  /** argv, including argv[0]. */
  readonly args: readonly string[];
  /** In the order the guest sees; names may repeat. */
  readonly env: readonly (readonly [string, string])[];
  readonly limits: Preview1Limits;
  /** When the guest's monotonic clock started, ns on the machine's clock. */
  readonly origin: number;
  /** Told of what the guest looks for and was not given. */
  readonly onMissing?: ((what: "directories" | "listener") => void) | undefined;
}

/** The first descriptor that a host may hand in: programs look for their listening socket there. */
const FIRST = 3;

/** Tells of a guest that looks for a socket that it was not handed. */
export function missesListener({ onMissing }: Preview1Context, fd: number): void {
  if (fd === FIRST) onMissing?.("listener");
}

/** The limits that wasmtime sets too. */
export interface Preview1Limits {
  /**
   * The most bytes that one call may copy between the guest and the host (-Shostcall-fuel); beyond it calls return
   * ENOMEM.
   */
  readonly hostcallFuel: number;
  /** The most open descriptors, plus the pollables of a running poll_oneoff (-Smax-resources); more traps. */
  readonly maxResources: number;
  /** The most bytes of one random_get (-Smax-random-size); more traps. */
  readonly maxRandomSize: bigint;
}

/** Core functions by name. A 64-bit integer is a bigint; the result is an errno. */
export type Preview1Functions = Readonly<Record<string, (...args: never[]) => Waiting<number>>>;

export type Preview1Function = Preview1Functions[string];

/**
 * Makes the functions of one area of the interface, for one version of it. They return an errno. A pointer out of
 * bounds, and an enumeration's case or a flag that the witx does not have, trap. Their text is
 * wasi_snapshot_preview1.witx.
 */
export type Area = (cx: Preview1Context, layout: Layout) => Preview1Functions;

/** Returns the condition to wait for after a blocking call met EAGAIN. */
export function awaited(descriptor: FileDescriptor, what: "readable" | "writable"): Condition {
  const condition = descriptor[what];
  if (condition === undefined) throw new Error("a descriptor that cannot be waited for would block");
  return condition;
}

/**
 * Finishes a call that stores a count: stores `done` at `at` and returns ESUCCESS, or returns the errno if `done` is a
 * negated one.
 */
export function storeCount(cx: Preview1Context, done: Waiting<number>, at: number): Waiting<number> {
  if (typeof done !== "number") return done.then((later) => storeCount(cx, later, at));
  if (done < 0) return -done;
  cx.memory.setU32(at, done);
  return errno.ESUCCESS;
}
