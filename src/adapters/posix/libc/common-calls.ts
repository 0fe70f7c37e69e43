import { Block, type Ffi } from "./ffi.ts";
import type { commonSymbols, Functions, Pointer } from "./symbols.ts";

/**
 * libc's calls, in the kernel's own convention: a failed call returns its errno, negated, so that nothing but this file,
 * socket-calls.ts and the OS's own ever reads errno.
 *
 * Why so careful: between a failed call and the read of errno, the runtime's own calls (its allocator, its collector) may
 * overwrite it. Each function here therefore calls libc and reads errno, through a view of `*__errno_location()`, in the very
 * next statement, with nothing allocated between the two. Each is written out by hand: a generic wrapper would be shared by
 * all symbols, and V8 takes its fast FFI path only where a call site knows its one target.
 */
export interface CommonCalls {
  read(fd: number, buffer: Pointer, count: number): number;
  write(fd: number, buffer: Pointer, count: number): number;
  close(fd: number): number;
  /** `timeout` in ms, negative: for ever. */
  poll(fds: Pointer, count: number, timeout: number): number;
  /** Cannot fail for a clock that exists. */
  clock_gettime(clock: number, time: Pointer): number;
  isatty(fd: number): boolean;
  /** A piece of zeroed native memory, for ever. */
  allocate(size: number): Block;
}

/** @param errno one element: this thread's errno. */
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
