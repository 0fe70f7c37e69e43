import type { Block, Ffi } from "./ffi.ts";
import type { Os } from "./os.ts";
import { type Functions, limitSymbols } from "./symbols.ts";
import { fdsOf, type Syscalls } from "./syscalls.ts";

/** How many of the process's descriptors guests leave, a quarter of them at most: for threads, and modules that are loaded late. */
const OWN = 32;

/** How many descriptors the start of a thread takes at most: the runtime's, and Pollux's for it (measured: 8 on Node and Deno). */
const THREAD = 16;

/** A machine's share of the process's descriptors. */
export interface Allowance {
  /** Whether it may have one more: to be asked before it is opened, for a connection that was accepted cannot be put back. */
  readonly left: boolean;
  /** It has this one. */
  given(fd: number): void;
  /** Whether a thread can start. On Bun and Deno one that cannot ends the process. */
  readonly forThread: boolean;
}

/** The process's descriptors, as guests may have them. */
export class Descriptors implements Allowance {
  readonly #ffi: Ffi;
  readonly #os: Os;
  readonly #sys: Syscalls;
  readonly #block: Block;
  #libc: Functions<typeof limitSymbols> | undefined;
  /** The first that is not for guests, when it was last looked for. */
  #forGuests = 0;
  /** Whether a guest has that, or one beyond. */
  #reached = false;

  constructor(ffi: Ffi, os: Os, sys: Syscalls) {
    this.#ffi = ffi;
    this.#os = os;
    this.#sys = sys;
    this.#block = sys.allocate(16);
  }

  /** For who may have all. */
  get every(): Allowance {
    const forThread = () => this.forThread;
    return {
      left: true,
      given: () => {},
      get forThread() {
        return forThread();
      },
    };
  }

  get left(): boolean {
    if (!this.#reached) return true;
    const pipe = this.#openPipe();
    if (pipe === undefined) return false;
    for (const fd of pipe) this.#sys.close(fd);
    this.given(Math.min(...pipe) - 1);
    return !this.#reached;
  }

  /** The kernel gives the lowest that is free. */
  given(fd: number): void {
    this.#reached = fd + 1 >= this.#forGuests && fd + 1 >= this.#readLimit();
  }

  get forThread(): boolean {
    const opened: number[] = [];
    while (opened.length < THREAD) {
      const pipe = this.#openPipe();
      if (pipe === undefined) break;
      opened.push(...pipe);
    }
    for (const fd of opened) this.#sys.close(fd);
    return opened.length >= THREAD;
  }

  #openPipe(): [number, number] | undefined {
    return this.#sys.pipe(this.#block) < 0 ? undefined : fdsOf(this.#block);
  }

  /** The program may have changed it. */
  #readLimit(): number {
    this.#libc ??= this.#ffi.open(this.#os.libraries, limitSymbols);
    const { pointer, view } = this.#block;
    this.#libc.getrlimit(this.#os.constants.RLIMIT_NOFILE, pointer);
    // struct rlimit { rlim_t current, most; }
    const limit = Number(view.getBigUint64(0, true));
    this.#forGuests = limit - Math.min(OWN, Math.floor(limit / 4));
    return this.#forGuests;
  }
}
