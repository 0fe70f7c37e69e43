import { type Allowance, Descriptors } from "./descriptors.ts";
import { ErrorCodes } from "./errno.ts";
import type { Block, Ffi } from "./ffi.ts";
import type { Os } from "./os.ts";
import type { Syscalls } from "./syscalls.ts";

/** Bytes moved by one call at most, and the size of the transfer buffers. */
export const TRANSFER = 65536;

/** What every part of one posix machine shares: the calls, and the native memory that libc reads and writes. */
export interface PosixContext {
  readonly ffi: Ffi;
  readonly os: Os;
  readonly sys: Syscalls;
  readonly codes: ErrorCodes;
  readonly descriptors: Allowance;
  /** A piece of zeroed native memory. It is another machine's when this one is closed. */
  allocate(size: number): Block;
  /** `Machine.buffer`. */
  readonly incoming: Block;
  /** Few bytes on their way out. */
  readonly outgoing: Block;
  /** A struct pollfd. */
  readonly pollfd: Block;
  /** Has something done when the machine is closed, by its selector. */
  onClose(act: () => void): void;
  close(): void;
}

/** So few bytes are moved faster one by one than by `set`, which needs a view of them made first (80 ns on Bun, 60 on Node). */
const FEW = 64;

/** Copies `bytes` from `start` to `end` to the start of `to`. */
export function fill(to: Block, bytes: Uint8Array, start: number, end: number): void {
  const length = end - start;
  if (length > FEW) to.bytes.set(bytes.subarray(start, end));
  else for (let i = 0; i < length; i++) to.bytes[i] = bytes[start + i]!;
}

/** What libc is called by: opened once, for what a runtime makes of a symbol is never given back. */
let calls: Syscalls | undefined;

/** The process's, for all machines. */
let descriptors: Descriptors | undefined;

/** The memory of machines that were closed, by its size. */
const free = new Map<number, Block[]>();

export function createContext({ ffi, os }: Pick<PosixContext, "ffi" | "os">, everyDescriptor = false): PosixContext {
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
    descriptors: everyDescriptor ? descriptors.every : descriptors,
    allocate,
    incoming: allocate(TRANSFER),
    outgoing: allocate(TRANSFER),
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
