import { Block, type Ffi } from "./ffi.ts";
import type { commonSymbols, Functions, Pointer } from "./symbols.ts";

/**
 * libc's calls in the kernel's own convention: a failed call returns its errno, negated. Only this file,
 * socket-calls.ts and the files of each OS read errno.
 *
 * Between a failed call and the read of errno, the runtime's own calls (its allocator, its collector) may overwrite it.
 * Each function here therefore calls libc and reads errno, through a view of `*__errno_location()`, in the very next
 * statement, with nothing allocated between the two. Each is written by hand: all symbols would share a generic
 * wrapper, and V8 takes its fast FFI path only at a call site with one known target.
 */
export interface CommonCalls {
  read(fd: number, buffer: Pointer, count: number): number;
  write(fd: number, buffer: Pointer, count: number): number;
  close(fd: number): number;
  /** `timeout` in ms; a negative one waits for ever. */
  poll(fds: Pointer, count: number, timeout: number): number;
  /** Cannot fail for a clock that exists. */
  clock_gettime(clock: number, time: Pointer): number;
  isatty(fd: number): boolean;
  /** Allocates zeroed native memory that is never freed. */
  allocate(size: number): Block;
}

/** @param errno one element: this thread's errno */
export function createCommonCalls(ffi: Ffi, libc: Functions<typeof commonSymbols>, errno: Int32Array): CommonCalls {
  return {
    read(fd, buffer, count) {
      const result = libc.read(fd, buffer, count);
      return result === -1 ? -errno[0]! : result;
    },
    write(fd, buffer, count) {
      const result = libc.write(fd, buffer, count);
      return result === -1 ? -errno[0]! : result;
    },
    close(fd) {
      const result = libc.close(fd);
      return result === -1 ? -errno[0]! : result;
    },
    poll(fds, count, timeout) {
      const result = libc.poll(fds, count, timeout);
      return result === -1 ? -errno[0]! : result;
    },
    clock_gettime: (clock, time) => libc.clock_gettime(clock, time),
    isatty: (fd) => libc.isatty(fd) === 1,
    allocate: (size) => new Block(ffi, libc.calloc(1, size), size),
  };
}
