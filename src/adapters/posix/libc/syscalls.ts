import type { CommonCalls } from "./common-calls.ts";
import type { Block } from "./ffi.ts";
import type { FileCalls } from "./file-calls.ts";
import type { SocketCalls } from "./socket-calls.ts";
import type { Pointer } from "./symbols.ts";

/** The calls that differ between operating systems. */
export interface Syscalls extends CommonCalls {
  /** Writes two ints: the fds of the reading end and of the writing end. Both are non-blocking and close-on-exec. */
  pipe(fds: Block): number;
  /** Returns strerror(3)'s text, such as "Is a directory". */
  strerror(errno: number): string;
  /** Undefined if the OS has no epoll. */
  readonly epoll: EpollCalls | undefined;
  /** Makes the kernel kill this process when its parent ends, however that happens. Undefined if the OS cannot. */
  readonly endWithParent: (() => void) | undefined;
  /** As `Machine.handleOnce`. */
  readonly handleOnce: ((signal: number) => void) | undefined;
  /** Whether the signal has its default action, in all threads. */
  readonly isDefault: ((signal: number) => boolean) | undefined;
  /** Loads and opens the calls on sockets. */
  loadSockets(): Promise<SocketCalls>;
  /**
   * Loads the function that opens the calls on files. Undefined if Pollux cannot contain a guest in a directory on this
   * OS.
   */
  readonly loadFiles: (() => Promise<() => FileCalls>) | undefined;
}

/** Returns the two fds that `Syscalls.pipe` wrote. */
export function fdsOf({ view }: Block): [reading: number, writing: number] {
  return [view.getInt32(0, true), view.getInt32(4, true)];
}

// <sys/epoll.h>
export const EPOLLIN = 0x1;
export const EPOLLOUT = 0x4;
export const EPOLLERR = 0x8;
export const EPOLLHUP = 0x10;
export const EPOLLONESHOT = 1 << 30;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;

export interface EpollCalls {
  /** The size of struct epoll_event, and the offset of `data` in it, bytes. */
  readonly eventSize: number;
  readonly dataOffset: number;
  create(): number;
  control(epoll: number, operation: number, fd: number, event: Pointer): number;
  /** `timeout` in ms; -1 waits for ever. */
  wait(epoll: number, events: Pointer, count: number, timeout: number): number;
}
