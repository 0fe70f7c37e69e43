import type { Condition } from "../../../core/wait/condition.ts";
import type { Advice, NewTimestamp } from "../../../machine/files.ts";
import { fdflags } from "../abi/constants.ts";
import { errno } from "../abi/errno.ts";
import type { Whence } from "../abi/layout.ts";
import { LastSlice } from "../abi/slices.ts";

/** `filestat`. Timestamps are ns since 1970. */
export interface Filestat {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly filetype: number;
  readonly nlink: bigint;
  readonly size: bigint;
  readonly atim: bigint;
  readonly mtim: bigint;
  readonly ctim: bigint;
}

/**
 * What a file descriptor refers to. The methods here fail, as for an object that can do nothing; each kind of
 * descriptor overrides those it supports.
 *
 * No method waits. One that cannot be done now returns -EAGAIN, and `readable` or `writable` is the condition to wait
 * for. Methods that count return bytes or a negated errno; the others return an errno (0: success).
 */
export abstract class FileDescriptor {
  /** `filetype` */
  abstract readonly filetype: number;
  /** `rights`: what fd_fdstat_get reports; nothing checks them. */
  abstract readonly rightsBase: bigint;
  abstract readonly rightsInheriting: bigint;
  /** `fdflags` */
  flags = 0;
  /** The last slice of the guest's memory that was written from. */
  readonly written = new LastSlice();
  /** The condition for poll_oneoff; undefined if it returns EBADF for this descriptor. */
  abstract readonly readable: Condition | undefined;
  abstract readonly writable: Condition | undefined;

  get nonblocking(): boolean {
    return (this.flags & fdflags.nonblock) !== 0;
  }

  /** Returns whether a readiness event just found carries fd_readwrite_hangup. */
  hungUp(_reading: boolean): boolean {
    return false;
  }

  /**
   * Receives up to `max` bytes (at most the buffer's size) into the start of `Machine.buffer`. Returns 0 at the end.
   */
  receive(_max: number): number {
    return -errno.EBADF;
  }

  send(_bytes: Uint8Array): number {
    return -errno.EBADF;
  }

  receiveAt(_max: number, _offset: bigint): number {
    return -errno.EBADF;
  }

  sendAt(_bytes: Uint8Array, _offset: bigint): number {
    return -errno.EBADF;
  }

  /** Returns the new offset, or a negated errno. */
  seek(_offset: bigint, _whence: Whence): bigint {
    return BigInt(-errno.EBADF);
  }

  setFlags(_flags: number): number {
    return errno.EBADF;
  }

  /** No runtime can reduce rights any more. */
  setRights(): number {
    return errno.ENOTSUP;
  }

  filestat(): Filestat | number {
    return { dev: 0n, ino: 0n, filetype: this.filetype, nlink: 0n, size: 0n, atim: 0n, mtim: 0n, ctim: 0n };
  }

  setSize(_size: bigint): number {
    return errno.EBADF;
  }

  setTimes(_atim: NewTimestamp, _mtim: NewTimestamp): number {
    return errno.EBADF;
  }

  advise(_offset: bigint, _length: bigint, _advice: Advice): number {
    return errno.EBADF;
  }

  /** posix_fallocate(3): no runtime supports it any more. */
  allocate(): number {
    return errno.EBADF;
  }

  sync(_what: "data" | "all"): number {
    return errno.EBADF;
  }

  /** Takes a connection from the accept queue. Returns it, or an errno. */
  accept(): FileDescriptor | number {
    return errno.ENOTSOCK;
  }

  /** As `receive`, but the bytes stay in the socket (MSG_PEEK). */
  peek(_max: number): number {
    return -errno.ENOTSOCK;
  }

  get isSocket(): boolean {
    return false;
  }

  /** The name by which the guest knows a preopened directory, in UTF-8; undefined for other descriptors. */
  get preopen(): Uint8Array | undefined {
    return undefined;
  }

  /** @param how `sdflags` */
  shutdown(_how: number): number {
    return errno.ENOTSOCK;
  }

  /** Called once, when its number is closed. */
  close(): void {}
}

/** A descriptor without a position: a socket, a pipe or a terminal. The only flag that can be set is NONBLOCK. */
export abstract class StreamFileDescriptor extends FileDescriptor {
  override receiveAt(): number {
    return -errno.ESPIPE;
  }

  override sendAt(): number {
    return -errno.ESPIPE;
  }

  override seek(): bigint {
    return BigInt(-errno.ESPIPE);
  }

  override setFlags(flags: number): number {
    if ((flags & ~fdflags.nonblock) !== 0) return errno.EINVAL;
    this.flags = flags;
    return errno.ESUCCESS;
  }
}
