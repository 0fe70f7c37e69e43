import { concat } from "../../../core/streams/concat.ts";
import { Condition, SOURCE } from "../../../core/wait/condition.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import type { Machine } from "../../../machine/machine.ts";
import { HUNG_UP, READABLE, WRITABLE } from "../../../machine/selector.ts";
import type { TcpHandle } from "../../../machine/sockets.ts";
import { fdflags, filetype, sdflags } from "../abi/constants.ts";
import { errno, orErrno } from "../abi/errno.ts";
import { rights } from "../abi/rights.ts";
import { StreamFileDescriptor } from "./descriptor.ts";

/** The parts of the guest that a socket uses. */
export interface Preview1SocketContext {
  readonly machine: Machine;
  readonly poll: Poll;
}

/** A TCP socket of the machine. The machine's socket never blocks; this layer waits unless NONBLOCK is set. */
abstract class Socket extends StreamFileDescriptor {
  readonly filetype = filetype.socketStream;
  readonly rightsBase = rights("fd_read", "fd_write");
  readonly rightsInheriting = 0n;
  readonly readable: Condition;
  readonly writable: Condition;
  protected readonly cx: Preview1SocketContext;
  protected readonly handle: TcpHandle;

  constructor(cx: Preview1SocketContext, handle: TcpHandle, flags: number) {
    super();
    this.cx = cx;
    this.handle = handle;
    cx.poll.opened(handle);
    this.flags = flags;
    this.readable = Condition.source(handle.source, READABLE);
    this.writable = Condition.source(handle.source, WRITABLE);
  }

  override get isSocket(): boolean {
    return true;
  }

  /** As poll(2) reports it: not for a half-close, after which the peer can still read. */
  override hungUp(): boolean {
    return this.readable.kind === SOURCE && (this.handle.source.ready & HUNG_UP) !== 0;
  }

  override close(): void {
    this.cx.poll.close(this.handle);
  }
}

/** A preopened listening socket. NONBLOCK is set from the start, as in wasmtime. */
export class ListeningSocket extends Socket {
  constructor(cx: Preview1SocketContext, handle: TcpHandle) {
    super(cx, handle, fdflags.nonblock);
  }

  override accept(): ConnectedSocket | number {
    const handle = this.handle.accept();
    return typeof handle === "string" ? -orErrno(handle) : new ConnectedSocket(this.cx, handle);
  }

  override receive(): number {
    return -errno.ENOTCONN;
  }

  override peek(): number {
    return -errno.ENOTCONN;
  }

  override send(): number {
    return -errno.ENOTCONN;
  }

  override shutdown(): number {
    return errno.ENOTCONN;
  }
}

/** A connection that accept returned. */
export class ConnectedSocket extends Socket {
  /** Bytes that were peeked and not read yet. */
  #peeked: Uint8Array | undefined;
  /** The failure, a negated errno, that a peek met behind those bytes: the read after them returns it. 0: none. */
  #failure = 0;
  /**
   * The number of the streak in which the last read got less than it asked for; -1 if it did not. The socket is then
   * empty, so the next non-blocking read of that streak returns EAGAIN without a system call. This happens once, and
   * only while all the guest's calls are about this connection, so the guest cannot know that more has arrived since.
   * Go reads until EAGAIN before it polls: this spares it a third of its calls.
   */
  #drained = -1;

  constructor(cx: Preview1SocketContext, handle: TcpHandle) {
    super(cx, handle, 0);
  }

  override receive(max: number): number {
    if (this.#peeked !== undefined) return this.#take(this.#peeked, max);
    if (max === 0) return 0;
    if (this.#failure !== 0) return this.#fail();
    return this.#receive(max);
  }

  #receive(max: number): number {
    if (this.#drained === this.cx.poll.streak.number && this.nonblocking) {
      this.#drained = -1;
      return -errno.EAGAIN;
    }
    const count = orErrno(this.handle.receive(max));
    this.#drained = count > 0 && count < max ? this.cx.poll.streak.number : -1;
    return count;
  }

  /** The machine has no MSG_PEEK: the bytes are received and kept, and a longer peek adds what has arrived since. */
  override peek(max: number): number {
    const { buffer } = this.cx.machine;
    if (this.#peeked === undefined) {
      const count = this.receive(max);
      if (count <= 0) return count;
      this.#peeked = buffer.slice(0, count);
      this.readable.markReady();
      return count;
    }
    if (this.#peeked.length < max && this.#failure === 0) this.#peekOn(this.#peeked, max);
    const count = Math.min(max, this.#peeked.length);
    buffer.set(this.#peeked.subarray(0, count));
    return count;
  }

  #peekOn(peeked: Uint8Array, max: number): void {
    const count = this.#receive(max - peeked.length);
    if (count < 0 && count !== -errno.EAGAIN) this.#failure = count;
    if (count <= 0) return;
    this.#peeked = concat([peeked, this.cx.machine.buffer.subarray(0, count)]);
  }

  #take(peeked: Uint8Array, max: number): number {
    const count = Math.min(max, peeked.length);
    this.cx.machine.buffer.set(peeked.subarray(0, count));
    this.#peeked = count < peeked.length ? peeked.subarray(count) : undefined;
    if (this.#peeked === undefined && this.#failure === 0) this.readable.watch(this.handle.source, READABLE);
    return count;
  }

  #fail(): number {
    const failure = this.#failure;
    this.#failure = 0;
    this.readable.watch(this.handle.source, READABLE);
    return failure;
  }

  override send(bytes: Uint8Array): number {
    return bytes.length === 0 ? 0 : orErrno(this.handle.send(bytes));
  }

  override accept(): number {
    return errno.EINVAL;
  }

  /** shutdown(2): data that has arrived can still be read. */
  override shutdown(how: number): number {
    this.#drained = -1;
    let failure: number = errno.ESUCCESS;
    for (const [bit, half] of halves) {
      if ((how & bit) === 0) continue;
      const error = this.handle.shutdown(half);
      if (error !== undefined) failure = -orErrno(error);
    }
    return failure;
  }
}

const halves = [
  [sdflags.rd, "receive"],
  [sdflags.wr, "send"],
] as const;
