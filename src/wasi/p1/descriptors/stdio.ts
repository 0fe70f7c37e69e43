import { type Bytes, readinessOf } from "../../../core/streams/input-stream.ts";
import { Condition } from "../../../core/wait/condition.ts";
import type { ByteSink, ByteSource } from "../../../machine/streams.ts";
import { filetype } from "../abi/constants.ts";
import { errno, orErrno } from "../abi/errno.ts";
import { rights } from "../abi/rights.ts";
import { StreamFileDescriptor } from "./descriptor.ts";

/**
 * The common part of stdin, stdout and stderr. NONBLOCK can be set, which wasmtime refuses: Go sets it when it starts,
 * and parks goroutines that read stdin only if that succeeded.
 */
abstract class Stdio extends StreamFileDescriptor {
  readonly filetype: number;

  constructor(terminal: boolean) {
    super();
    this.filetype = terminal ? filetype.characterDevice : filetype.unknown;
  }

  override setRights(): number {
    return errno.EBADF;
  }
}

export class Stdin extends Stdio {
  readonly rightsBase = rights("fd_read");
  readonly rightsInheriting = rights("fd_read");
  readonly readable: Condition;
  readonly writable = undefined;
  readonly #bytes: Bytes;
  /**
   * Whether a read met the end: a terminal could deliver more after ^D. A failure ends it too and is reported once, as
   * in wasmtime.
   */
  #ended = false;

  constructor(bytes: Bytes, terminal: boolean) {
    super(terminal);
    this.#bytes = bytes;
    this.readable = readinessOf(bytes);
  }

  override sendAt(): number {
    return -errno.EBADF;
  }

  override receive(max: number): number {
    if (this.#ended || max === 0) return 0;
    const received = orErrno(this.#bytes.receive(max));
    this.#ended = received <= 0 && received !== -errno.EAGAIN;
    return received;
  }
}

/** stdout and stderr: the machine's sink takes all bytes, and blocks until they are written. */
export class Stdout extends Stdio {
  readonly rightsBase = rights("fd_write");
  readonly rightsInheriting = rights("fd_write");
  readonly readable = undefined;
  readonly writable = Condition.ready();
  readonly #bytes: ByteSink;

  constructor(bytes: ByteSink, terminal: boolean) {
    super(terminal);
    this.#bytes = bytes;
  }

  override receiveAt(): number {
    return -errno.EBADF;
  }

  override send(bytes: Uint8Array): number {
    return bytes.length === 0 ? 0 : orErrno(this.#bytes.send(bytes));
  }
}

/** The stdin of a guest that does not inherit it. */
export const noInput: ByteSource = { source: undefined, receive: () => 0 };

/** The stdout or stderr of a guest that does not inherit it. */
export const noOutput: ByteSink = { source: undefined, send: (bytes, start = 0, end = bytes.length) => end - start };
