import type { IpAddressFamily, IpSocketAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import { Source } from "../../../machine/selector.ts";
import type { ShutdownHow, TcpHandle, TcpOption } from "../../../machine/sockets.ts";
import { fill, TRANSFER_BYTES } from "../libc/context.ts";
import { MIN_DIRECT_BYTES } from "../libc/ffi.ts";
import { POLLIN, pollOne } from "../wait/pollfd.ts";
import { encodeAddress } from "./address.ts";
import type { NetContext } from "./net-context.ts";
import { getOption, setOption } from "./options.ts";
import {
  bindSocket,
  getIntOption,
  localAddress,
  openSocket,
  remoteAddress,
  resetOnClose,
  setIntOption,
} from "./socket.ts";

export function createTcpSocket(context: NetContext, family: IpAddressFamily): TcpHandle | ErrorCode {
  const fd = openSocket(context, family, context.os.constants.SOCK_STREAM);
  return typeof fd === "string" ? fd : new PosixTcpSocket(context, fd, family);
}

/**
 * Sets TCP_NODELAY, which accepted sockets inherit from their listener. Without it the second of two writes waits for
 * the peer to acknowledge the first, which may delay that (40 ms). WASI has no option for it.
 */
export function sendAtOnce(context: NetContext, fd: number): void {
  const { IPPROTO_TCP, TCP_NODELAY } = context.os.constants;
  setIntOption(context, fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

/** tcp(7) over libc. MSG_NOSIGNAL is not needed: all three runtimes ignore SIGPIPE (a test asserts it). */
export class PosixTcpSocket implements TcpHandle {
  /**
   * Its id is the fd. Negative once it is closed, so that the kernel finds no socket for it: the number is soon reused.
   */
  readonly source: Source;
  readonly #context: NetContext;
  readonly #family: IpAddressFamily;

  constructor(context: NetContext, fd: number, family: IpAddressFamily) {
    this.source = new Source(fd);
    this.#context = context;
    this.#family = family;
  }

  receive(max: number): number | ErrorCode {
    const { sockets, incoming, codes } = this.#context;
    const count = sockets.receive(this.source.id, incoming.pointer, max);
    return count < 0 ? codes.of(count) : count;
  }

  send(bytes: Uint8Array, start = 0, end = bytes.length): number | ErrorCode | "broken-pipe" {
    const { codes, os } = this.#context;
    const count =
      end - start < MIN_DIRECT_BYTES ? this.#sendCopy(bytes, start, end) : this.#sendStraight(bytes, start, end);
    if (count >= 0) return count;
    return count === -os.errno.EPIPE ? "broken-pipe" : codes.of(count);
  }

  #sendCopy(bytes: Uint8Array, start: number, end: number): number {
    const { sockets, outgoing } = this.#context;
    fill(outgoing, bytes, start, end);
    return sockets.send(this.source.id, outgoing.pointer, end - start);
  }

  #sendStraight(bytes: Uint8Array, start: number, end: number): number {
    const { sockets, address } = this.#context;
    return sockets.send(this.source.id, address.of(bytes, start), Math.min(end - start, TRANSFER_BYTES));
  }

  bind(address: IpSocketAddress): ErrorCode | undefined {
    const { SOL_SOCKET, SO_REUSEADDR } = this.#context.os.constants;
    setIntOption(this.#context, this.source.id, SOL_SOCKET, SO_REUSEADDR, 1);
    return bindSocket(this.#context, this.source.id, address);
  }

  connect(address: IpSocketAddress): ErrorCode | undefined {
    const { sockets, codes, sockaddr, os } = this.#context;
    sendAtOnce(this.#context, this.source.id);
    const result = sockets.connect(this.source.id, sockaddr.pointer, encodeAddress(address, sockaddr.view, os));
    return result < 0 ? codes.ofAddressCall(result) : undefined;
  }

  outcome(): ErrorCode | undefined {
    const { codes, os } = this.#context;
    const error = getIntOption(this.#context, this.source.id, os.constants.SOL_SOCKET, os.constants.SO_ERROR);
    if (typeof error === "string") return error;
    return error === 0 ? undefined : codes.of(-error);
  }

  listen(backlog: number): ErrorCode | undefined {
    const { sockets, codes } = this.#context;
    sendAtOnce(this.#context, this.source.id);
    const result = sockets.listen(this.source.id, backlog);
    return result < 0 ? codes.of(result) : undefined;
  }

  accept(): PosixTcpSocket | ErrorCode {
    const { sockets, codes, descriptors } = this.#context;
    if (!descriptors.hasRoom) return this.#refuse();
    // Another holder of the socket may make it blocking, for all: Deno does so when it passes one on.
    if (this.source.shared && this.#empty) return "would-block";
    const fd = sockets.accept(this.source.id);
    if (fd < 0) return codes.ofAccept(fd);
    descriptors.opened(fd);
    return new PosixTcpSocket(this.#context, fd, this.#family);
  }

  /** As accept(2): the lack of descriptors is an error only if a connection waits. */
  #refuse(): ErrorCode {
    return this.#empty ? "would-block" : "new-socket-limit";
  }

  /** Whether the accept queue is empty. */
  get #empty(): boolean {
    return pollOne(this.#context, this.source.id, POLLIN, 0) === 0;
  }

  shutdown(how: ShutdownHow): ErrorCode | undefined {
    const { sockets, codes, os } = this.#context;
    const result = sockets.shutdown(this.source.id, how === "receive" ? os.constants.SHUT_RD : os.constants.SHUT_WR);
    return result < 0 ? codes.of(result) : undefined;
  }

  localAddress(): IpSocketAddress | ErrorCode {
    return localAddress(this.#context, this.source.id);
  }

  remoteAddress(): IpSocketAddress | ErrorCode {
    return remoteAddress(this.#context, this.source.id);
  }

  getOption(option: TcpOption): number | ErrorCode {
    return getOption(this.#context, this.source.id, this.#family, option);
  }

  setOption(option: TcpOption, value: number): ErrorCode | undefined {
    return setOption(this.#context, this.source.id, this.#family, option, value);
  }

  close(): void {
    const { id } = this.source;
    if (id < 0) return;
    this.source.id = -1;
    this.#context.sys.close(id);
  }

  reset(): void {
    resetOnClose(this.#context, this.source.id);
    this.close();
  }
}
