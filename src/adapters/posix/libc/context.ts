import { type Allowance, Descriptors } from "./descriptors.ts";
import { ErrorCodes } from "./errno.ts";
import type { Block, Ffi } from "./ffi.ts";
import type { Os } from "./os.ts";
import type { Syscalls } from "./syscalls.ts";

/** The most bytes that one call moves, and the size of the transfer buffers. */
export const TRANSFER_BYTES = 65536;

/** The state that all parts of one posix machine share: the calls, and the native memory that libc reads and writes. */
export interface PosixContext {
  readonly ffi: Ffi;
  readonly os: Os;
  readonly sys: Syscalls;
  readonly codes: ErrorCodes;
  readonly descriptors: Allowance;
  /** Allocates zeroed native memory. When this machine is closed, another one gets it. */
  allocate(size: number): Block;
  /** `Machine.buffer`. */
  readonly incoming: Block;
  /** Small amounts of bytes to be sent. */
  readonly outgoing: Block;
  /** A struct pollfd. */
  readonly pollfd: Block;
  /** Calls `act` when the machine's selector is closed. */
  onClose(act: () => void): void;
  close(): void;
}

/**
 * Up to this many bytes are copied faster one by one than by `set`, which needs a new view (80 ns on Bun, 60 ns on
 * Node).
 */
const MAX_LOOP_BYTES = 64;

/** Copies the bytes from `start` to `end` of `bytes` to the start of `to`. */
export function fill(to: Block, bytes: Uint8Array, start: number, end: number): void {
  const length = end - start;
  if (length > MAX_LOOP_BYTES) to.bytes.set(bytes.subarray(start, end));
  else for (let i = 0; i < length; i++) to.bytes[i] = bytes[start + i]!;
}

/** libc's calls, opened once: what a runtime makes for a symbol is never freed. */
let calls: Syscalls | undefined;

/** The process's descriptors, shared by all machines. */
let descriptors: Descriptors | undefined;

/** The memory of closed machines, by size. */
const free = new Map<number, Block[]>();

export function createContext({ ffi, os }: Pick<PosixContext, "ffi" | "os">, ownsDescriptors = false): PosixContext {
  calls ??= os.open(ffi);
  const sys = calls;
  descriptors ??= new Descriptors(ffi, os, sys);
  const blocks: Block[] = [];
  const closing: (() => void)[] = [];

  function allocate(size: number): Block {
    const block = free.get(size)?.pop();
    block?.bytes.fill(0);
    const given = block ?? sys.allocate(size);
    blocks.push(given);
    return given;
  }

  return {
    ffi,
    os,
    sys,
    codes: new ErrorCodes(os.errno),
    descriptors: ownsDescriptors ? descriptors.unlimited : descriptors,
    allocate,
    incoming: allocate(TRANSFER_BYTES),
    outgoing: allocate(TRANSFER_BYTES),
    pollfd: allocate(8),
    onClose: (act) => void closing.push(act),
    close() {
      for (const act of closing.splice(0)) act();
      for (const block of blocks.splice(0)) {
        const same = free.get(block.bytes.length);
        if (same === undefined) free.set(block.bytes.length, [block]);
        else same.push(block);
      }
    },
  };
}
