import type { Block, Ffi } from "./ffi.ts";
import type { Os } from "./os.ts";
import { type Functions, limitSymbols } from "./symbols.ts";
import { fdsOf, type Syscalls } from "./syscalls.ts";

/**
 * How many descriptors are reserved from guests, at most a quarter of the process's: for threads and modules loaded
 * later.
 */
const RESERVED_FDS = 32;

/**
 * The most descriptors that starting a thread takes: the runtime's, and Pollux's for it (measured: 8 on Node and Deno).
 */
const THREAD_FDS = 16;

/** A machine's share of the process's descriptors. */
export interface Allowance {
  /** Whether the machine may open one more. Ask before opening: an accepted connection cannot be put back. */
  readonly hasRoom: boolean;
  /** Records that the machine has opened this fd. */
  opened(fd: number): void;
  /** Whether a thread can start. On Bun and Deno a failed start ends the process. */
  readonly forThread: boolean;
}

/** The descriptors that guests may have. */
export class Descriptors implements Allowance {
  readonly #ffi: Ffi;
  readonly #os: Os;
  readonly #sys: Syscalls;
  readonly #block: Block;
  #libc: Functions<typeof limitSymbols> | undefined;
  /** The first fd that is reserved, when the limit was last read. */
  #forGuests = 0;
  /** Whether a guest has that fd, or a higher one. */
  #reached = false;

  constructor(ffi: Ffi, os: Os, sys: Syscalls) {
    this.#ffi = ffi;
    this.#os = os;
    this.#sys = sys;
    this.#block = sys.allocate(16);
  }

  /** The allowance of a machine that may use all descriptors. */
  get unlimited(): Allowance {
    const forThread = () => this.forThread;
    return {
      hasRoom: true,
      opened: () => {},
      get forThread() {
        return forThread();
      },
    };
  }

  get hasRoom(): boolean {
    if (!this.#reached) return true;
    const pipe = this.#openPipe();
    if (pipe === undefined) return false;
    for (const fd of pipe) this.#sys.close(fd);
    this.opened(Math.min(...pipe) - 1);
    return !this.#reached;
  }

  /** The kernel returns the lowest free fd. */
  opened(fd: number): void {
    this.#reached = fd + 1 >= this.#forGuests && fd + 1 >= this.#readLimit();
  }

  get forThread(): boolean {
    const opened: number[] = [];
    while (opened.length < THREAD_FDS) {
      const pipe = this.#openPipe();
      if (pipe === undefined) break;
      opened.push(...pipe);
    }
    for (const fd of opened) this.#sys.close(fd);
    return opened.length >= THREAD_FDS;
  }

  #openPipe(): [number, number] | undefined {
    return this.#sys.pipe(this.#block) < 0 ? undefined : fdsOf(this.#block);
  }

  /** Reads the limit again: the program may have changed it. */
  #readLimit(): number {
    this.#libc ??= this.#ffi.open(this.#os.libraries, limitSymbols);
    const { pointer, view } = this.#block;
    this.#libc.getrlimit(this.#os.constants.RLIMIT_NOFILE, pointer);
    // struct rlimit { rlim_t current, most; }
    const limit = Number(view.getBigUint64(0, true));
    this.#forGuests = limit - Math.min(RESERVED_FDS, Math.floor(limit / 4));
    return this.#forGuests;
  }
}
