import { OutOfResources } from "../../../machine/out-of-resources.ts";
import { HUNG_UP, READABLE, type Selector, type Source, WRITABLE } from "../../../machine/selector.ts";
import type { PosixContext } from "../libc/context.ts";
import type { Block } from "../libc/ffi.ts";
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  type EpollCalls,
} from "../libc/syscalls.ts";
import { lookAt } from "./pollfd.ts";
import { MAX_WAIT_NS, milliseconds } from "./timeout.ts";

/** The initial capacity for the events of one epoll_wait. */
const INITIAL_EVENTS = 512;

/** epoll(7), level-triggered. */
export class EpollSelector implements Selector {
  readonly sources: Source[] = [];
  events = new Uint8Array(INITIAL_EVENTS);
  readonly #context: PosixContext;
  /**
   * The errnos of epoll_ctl for an fd that never waits: a regular file or directory, or a stdio fd that was closed
   * before the start.
   */
  readonly #neverWaits: readonly number[];
  readonly #calls: EpollCalls;
  protected readonly fd: number;
  /** The size of struct epoll_event, and the offset of the fd in it, in u32 words. */
  readonly #stride: number;
  readonly #data: number;
  readonly #event: Block;
  #list: Block;
  #words: Uint32Array;
  /** By fd: the source, and the interest that the kernel knows. */
  readonly #registered: (Source | undefined)[] = [];
  readonly #interests: number[] = [];

  constructor(context: PosixContext, calls: EpollCalls) {
    const { sys, os } = context;
    this.#context = context;
    this.#neverWaits = [-os.errno.EPERM, -os.errno.EBADF];
    this.#calls = calls;
    this.#stride = calls.eventSize / 4;
    this.#data = calls.dataOffset / 4;
    this.#event = context.allocate(calls.eventSize);
    this.#list = context.allocate(calls.eventSize * INITIAL_EVENTS);
    this.#words = new Uint32Array(this.#list.bytes.buffer);
    this.fd = calls.create();
    if (this.fd >= 0) return;
    context.close();
    throw new OutOfResources("epoll_create1", sys.strerror(-this.fd));
  }

  setInterest(source: Source, interest: number): boolean {
    const fd = source.id;
    const current = this.#registered[fd] === undefined ? 0 : this.#interests[fd]!;
    if (interest === current) return true;
    const operation = current === 0 ? EPOLL_CTL_ADD : interest === 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    const { view, pointer } = this.#event;
    view.setUint32(0, ((interest & READABLE) !== 0 ? EPOLLIN : 0) | ((interest & WRITABLE) !== 0 ? EPOLLOUT : 0), true);
    view.setInt32(this.#data * 4, fd, true);
    const result = this.#calls.control(this.fd, operation, fd, pointer);
    if (result < 0) {
      if (this.#neverWaits.includes(result)) return false;
      throw new Error(`epoll_ctl: ${this.#context.sys.strerror(-result)}`);
    }
    this.#registered[fd] = interest === 0 ? undefined : source;
    this.#interests[fd] = interest;
    return true;
  }

  forget(source: Source): void {
    // close(2), which follows, removes the fd from the kernel's list only if no other fd refers to the socket.
    if (source.shared) this.setInterest(source, 0);
    if (this.#registered[source.id] === source) this.#registered[source.id] = undefined;
  }

  look(source: Source, interest: number): number {
    return lookAt(this.#context, source, interest);
  }

  select(timeout: number): number {
    let left = timeout;
    let count: number;
    for (;;) {
      count = this.#wait(left);
      if (count !== 0 || left <= MAX_WAIT_NS || left === Infinity) break;
      left -= MAX_WAIT_NS;
    }
    // If the list was full there may be more. Events are level-triggered, so a longer list gets all of them.
    while (count === this.events.length) {
      this.#grow();
      count = this.#wait(0);
    }
    // A signal (EINTR) ends the wait.
    if (count < 0) return 0;
    for (let i = 0; i < count; i++) {
      const fd = this.#words[i * this.#stride + this.#data]!;
      const events = this.#words[i * this.#stride]!;
      this.sources[i] = this.#registered[fd]!;
      this.events[i] =
        (events & (EPOLLERR | EPOLLHUP)) !== 0
          ? this.#interests[fd]! | HUNG_UP
          : ((events & EPOLLIN) !== 0 ? READABLE : 0) | ((events & EPOLLOUT) !== 0 ? WRITABLE : 0);
    }
    return count;
  }

  #wait(timeout: number): number {
    return this.#calls.wait(this.fd, this.#list.pointer, this.events.length, milliseconds(timeout));
  }

  #grow(): void {
    this.events = new Uint8Array(this.events.length * 2);
    this.#list = this.#context.allocate(this.#calls.eventSize * this.events.length);
    this.#words = new Uint32Array(this.#list.bytes.buffer);
  }

  close(): void {
    this.#context.sys.close(this.fd);
    this.#context.close();
  }
}
