import type { CommonCalls } from "./common-calls.ts";
import type { Block } from "./ffi.ts";
import type { FileCalls } from "./file-calls.ts";
import type { SocketCalls } from "./socket-calls.ts";
import type { Pointer } from "./symbols.ts";

/** What each OS does its own way. */
export interface Syscalls extends CommonCalls {
  /** Writes two ints, the reading end's fd and the writing end's. Both are non-blocking and close-on-exec. */
  pipe(fds: Block): number;
  /** strerror(3)'s text, e.g. "Is a directory". */
  strerror(errno: number): string;
  /** Undefined where the OS has no epoll. */
  readonly epoll: EpollCalls | undefined;
  /** Has the kernel kill this process when the one that started it ends, however that does. Undefined where the OS does not. */
  readonly endWithParent: (() => void) | undefined;
  /** As `Machine.handleOnce`. */
  readonly handleOnce: ((signal: number) => void) | undefined;
  /** Whether the signal has its default action, in all threads. */
  readonly isDefault: ((signal: number) => boolean) | undefined;
  /** Loads and opens the calls on sockets. */
  loadSockets(): Promise<SocketCalls>;
  /** Loads what opens the calls on files. Undefined where Pollux cannot contain a guest in a directory. */
  readonly loadFiles: (() => Promise<() => FileCalls>) | undefined;
}

/** What `Syscalls.pipe` wrote. */
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
  /** struct epoll_event: its size, and where in it `data` stands. */
  readonly eventSize: number;
  readonly dataOffset: number;
  create(): number;
  control(epoll: number, operation: number, fd: number, event: Pointer): number;
  /** `timeout` in ms, -1: for ever. */
  wait(epoll: number, events: Pointer, count: number, timeout: number): number;
}
