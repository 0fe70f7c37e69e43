import { Trap } from "../../../core/wait/errors.ts";
import type { Streak } from "../../../core/wait/streak.ts";
import { errno } from "../abi/errno.ts";
import type { FileDescriptor } from "./descriptor.ts";

/**
 * The open file descriptors by number. wasip1 has no dup: fd_renumber moves a descriptor, so each has one number, and
 * closing that number closes it.
 */
export class FdTable {
  readonly #used: (FileDescriptor | undefined)[] = [];
  /** Free numbers, ascending. The highest is reused first, as in wasmtime. */
  readonly #free: number[] = [];

  readonly #most: number;
  readonly #streak: Streak;
  /** Incremented when a number gets another descriptor or none. */
  version = 0;

  /** @param most the most descriptors that may be open after a push (wasmtime's -Smax-resources) */
  constructor(first: readonly FileDescriptor[], most: number, streak: Streak) {
    this.#used.push(...first);
    this.#most = most;
    this.#streak = streak;
  }

  /** The number of open descriptors. */
  get count(): number {
    return this.#used.length - this.#free.length;
  }

  /** Checks that `more` resources still fit. @throws Trap if they do not */
  reserve(more: number): void {
    if (this.count + more > this.#most) throw new Trap("resource table has no free keys");
  }

  /** Returns the descriptor that a call names. @param fd as core wasm passes it: a signed i32 */
  get(fd: number): FileDescriptor | undefined {
    const descriptor = this.#used[fd >>> 0];
    this.#streak.continueWith(descriptor);
    return descriptor;
  }

  /** Returns whether a descriptor with a higher number is a preopened directory. */
  hasPreopenAfter(fd: number): boolean {
    return this.#used.some((descriptor, number) => number > fd >>> 0 && descriptor?.preopen !== undefined);
  }

  /** Adds a descriptor and returns its number. @throws Trap when there are too many */
  push(descriptor: FileDescriptor): number {
    this.reserve(1);
    const fd = this.#free.pop() ?? this.#used.length;
    this.#used[fd] = descriptor;
    this.version++;
    return fd;
  }

  /** Closes a descriptor. Returns EBADF if the number is not open. */
  close(fd: number): number {
    const descriptor = this.#remove(fd >>> 0);
    if (descriptor === undefined) return errno.EBADF;
    descriptor.close();
    return errno.ESUCCESS;
  }

  /** Closes `to` and moves `from` to its number. Returns EBADF unless both are open. */
  renumber(from: number, to: number): number {
    const target = this.get(to);
    if (target === undefined || this.get(from) === undefined) return errno.EBADF;
    if (from === to) return errno.ESUCCESS;
    target.close();
    this.#used[to >>> 0] = this.#remove(from >>> 0);
    return errno.ESUCCESS;
  }

  #remove(fd: number): FileDescriptor | undefined {
    const descriptor = this.#used[fd];
    if (descriptor === undefined) return undefined;
    this.#used[fd] = undefined;
    this.version++;
    this.#streak.end();
    const after = this.#free.findLastIndex((free) => free < fd) + 1;
    this.#free.splice(after, 0, fd);
    return descriptor;
  }
}
