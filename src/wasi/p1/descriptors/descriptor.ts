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
 * What a file descriptor stands for. Here is what something that can do nothing answers; each kind overrides what it can.
 *
 * Nothing waits: what cannot be done now is -EAGAIN, and `readable` or `writable` is then what to wait for. Counts are bytes,
 * failures negated errnos, and where nothing is counted the errno itself (0: done).
 */
export abstract class FileDescriptor {
  /** `filetype` */
  abstract readonly filetype: number;
  /** `rights`: what fd_fdstat_get reports; nothing checks them. */
  abstract readonly rightsBase: bigint;
  abstract readonly rightsInheriting: bigint;
  /** `fdflags` */
  flags = 0;
  /** What was written last, where it lies in the guest's memory. */
  readonly written = new LastSlice();
  /** What poll_oneoff waits for; undefined: EBADF there. */
  abstract readonly readable: Condition | undefined;
  abstract readonly writable: Condition | undefined;

  get nonblocking(): boolean {
    return (this.flags & fdflags.nonblock) !== 0;
  }

  /** Whether an event of its readiness, which has just been found, carries fd_readwrite_hangup. */
  hungUp(_reading: boolean): boolean {
    return false;
  }

  /** Puts up to `max` bytes (at most the buffer's size) at the start of `Machine.buffer`; 0 is the end. */
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

  /** The new offset, or a negated errno. */
  seek(_offset: bigint, _whence: Whence): bigint {
    return BigInt(-errno.EBADF);
  }

  setFlags(_flags: number): number {
    return errno.EBADF;
  }

  /** No runtime reduces rights any more. */
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

  /** posix_fallocate(3): every runtime has given it up. */
  allocate(): number {
    return errno.EBADF;
  }

  sync(_what: "data" | "all"): number {
    return errno.EBADF;
  }

  /** Takes a connection out of a listener's queue. */
  accept(): FileDescriptor | number {
    return errno.ENOTSOCK;
  }

  /** As `receive`, and leaves the bytes where they are. */
  peek(_max: number): number {
    return -errno.ENOTSOCK;
  }

  get isSocket(): boolean {
    return false;
  }

  /** The guest's name, in UTF-8, of a directory that the host handed in. */
  get preopen(): Uint8Array | undefined {
    return undefined;
  }

  /** @param how `sdflags` */
  shutdown(_how: number): number {
    return errno.ENOTSOCK;
  }

  /** Called once, when its last number is gone. */
  close(): void {}
}

/** What has no place to seek to: sockets and stdio. Of the flags it takes NONBLOCK alone. */
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
