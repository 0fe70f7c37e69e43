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

/** What the functions of one module share. */
export interface Preview1 {
  readonly machine: Machine;
  readonly poll: Poll;
  readonly memory: Preview1Memory;
  /** Of the machine's buffer. */
  readonly received: Prefixes;
  readonly fds: FdTable;
  /** argv, with argv[0]. */
  readonly args: readonly string[];
  /** In the guest's order; names may repeat. */
  readonly env: readonly (readonly [string, string])[];
  readonly limits: Preview1Limits;
  /** The start of the guest's monotonic clock, ns on the machine's. */
  readonly origin: number;
  /** Told of what the guest looks for and was not given. */
  readonly onMissing?: ((what: "directories" | "listener") => void) | undefined;
}

/** The first descriptor that a host may hand in: programs look for their listening socket there. */
const FIRST = 3;

/** Tells of a guest that looks for a socket that it was not handed. */
export function missesListener({ onMissing }: Preview1, fd: number): void {
  if (fd === FIRST) onMissing?.("listener");
}

/** wasmtime's limits. */
export interface Preview1Limits {
  /** The most that one call may copy from the guest, or read into it, bytes (-Shostcall-fuel); more is ENOMEM. */
  readonly hostcallFuel: number;
  /** The most descriptors at once, to which a poll_oneoff adds what it waits for (-Smax-resources); more ends the guest. */
  readonly maxResources: number;
  /** The most bytes that random_get may be asked for (-Smax-random-size); more ends the guest. */
  readonly maxRandomSize: bigint;
}

/** Core functions by name. Integers of 64 bits are bigint; the result is an errno. */
export type Functions = Readonly<Record<string, (...args: never[]) => Waiting<number>>>;

export type Preview1Function = Functions[string];

/** One area of the interface, for one version of it. */
export type Area = (cx: Preview1, layout: Layout) => Functions;

/** What a call in blocking mode waits for, after it answered EAGAIN. */
export function awaited(descriptor: FileDescriptor, what: "readable" | "writable"): Condition {
  const condition = descriptor[what];
  if (condition === undefined) throw new Error("a descriptor that cannot be waited for would block");
  return condition;
}

/** The end of a call that returns a count in the guest's memory: `done` is that, or a negated errno. */
export function answer(cx: Preview1, done: Waiting<number>, at: number): Waiting<number> {
  if (typeof done !== "number") return done.then((later) => answer(cx, later, at));
  if (done < 0) return -done;
  cx.memory.setU32(at, done);
  return errno.ESUCCESS;
}
