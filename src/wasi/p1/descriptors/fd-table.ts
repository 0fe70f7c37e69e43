import { Trap } from "../../../core/wait/errors.ts";
import type { Streak } from "../../../core/wait/streak.ts";
import { errno } from "../abi/errno.ts";
import type { FileDescriptor } from "./descriptor.ts";

/**
 * File descriptors by number. wasip1 has no dup: fd_renumber moves a descriptor, so one number refers to it at a time, and it
 * is closed with that number.
 */
export class FdTable {
  readonly #used: (FileDescriptor | undefined)[] = [];
  /** Ascending; the highest is given out again first, as wasmtime does. */
  readonly #free: number[] = [];

  readonly #most: number;
  readonly #streak: Streak;
  /** Changes with what any number stands for. */
  version = 0;

  /** @param most how many there may be when more are pushed (wasmtime's -Smax-resources) */
  constructor(first: readonly FileDescriptor[], most: number, streak: Streak) {
    this.#used.push(...first);
    this.#most = most;
    this.#streak = streak;
  }

  /** How many are open. */
  get count(): number {
    return this.#used.length - this.#free.length;
  }

  /** @throws Trap unless so many more may be held */
  reserve(more: number): void {
    if (this.count + more > this.#most) throw new Trap("resource table has no free keys");
  }

  /** What a call is about. @param fd as core wasm passes it: a signed i32 */
  get(fd: number): FileDescriptor | undefined {
    const descriptor = this.#used[fd >>> 0];
    this.#streak.continueWith(descriptor);
    return descriptor;
  }

  /** Whether a higher number is a directory that the host handed in. */
  hasPreopenAfter(fd: number): boolean {
    return this.#used.some((descriptor, number) => number > fd >>> 0 && descriptor?.preopen !== undefined);
  }

  /** Returns its number. @throws Trap when there are too many */
  push(descriptor: FileDescriptor): number {
    this.reserve(1);
    const fd = this.#free.pop() ?? this.#used.length;
    this.#used[fd] = descriptor;
    this.version++;
    return fd;
  }

  /** Returns an errno. */
  close(fd: number): number {
    const descriptor = this.#remove(fd >>> 0);
    if (descriptor === undefined) return errno.EBADF;
    descriptor.close();
    return errno.ESUCCESS;
  }

  /** Closes what `to` was, which then is what `from` was. Returns an errno. */
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
