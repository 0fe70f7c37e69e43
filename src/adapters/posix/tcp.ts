import {
  type ErrorCode,
  type IpAddressFamily,
  type IpSocketAddress,
  type ShutdownHow,
  Source,
  type TcpHandle,
  type TcpOption,
} from "../contract.ts";
import { encodeAddress } from "./address.ts";
import { type Context, fill, TRANSFER } from "./context.ts";
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

export function createTcpSocket(context: Context, family: IpAddressFamily): TcpHandle | ErrorCode {
  const fd = openSocket(context, family, context.os.constants.SOCK_STREAM);
  return typeof fd === "string" ? fd : new PosixTcpSocket(context, fd, family);
}

/** Makes it non-blocking, for itself and for whoever else holds it, and close-on-exec. */
export function adoptListener(context: Context, fd: number): TcpHandle | ErrorCode {
  const { sys, codes, os } = context;
  const listens = getIntOption(context, fd, os.constants.SOL_SOCKET, os.constants.SO_ACCEPTCONN);
  const address = localAddress(context, fd);
  if (listens !== 1 || typeof address === "string") return "invalid-argument";
  const result = sys.adopt(fd);
  if (result < 0) return codes.of(result);
  const socket = new PosixTcpSocket(context, fd, address.tag);
  socket.source.shared = true;
  return socket;
}

/** tcp(7) over libc. MSG_NOSIGNAL is not missed, for all three runtimes ignore SIGPIPE (a test asserts it). */
export class PosixTcpSocket implements TcpHandle {
  readonly source: Source;
  readonly #fd: number;
  readonly #context: Context;
  readonly #family: IpAddressFamily;

  constructor(context: Context, fd: number, family: IpAddressFamily) {
    this.source = new Source(fd);
    this.#fd = fd;
    this.#context = context;
    this.#family = family;
  }

  receive(max: number): number | ErrorCode {
    const { sys, incoming, codes } = this.#context;
    const count = sys.receive(this.#fd, incoming.pointer, max);
    return count < 0 ? codes.of(count) : count;
  }

  send(bytes: Uint8Array, start = 0, end = bytes.length): number | ErrorCode | "broken-pipe" {
    const { sys, outgoing, codes, os } = this.#context;
    const length = Math.min(end - start, TRANSFER);
    fill(outgoing, bytes, start, start + length);
    const count = sys.send(this.#fd, outgoing.pointer, length);
    if (count >= 0) return count;
    return count === -os.errno.EPIPE ? "broken-pipe" : codes.of(count);
  }

  bind(address: IpSocketAddress): ErrorCode | undefined {
    const { SOL_SOCKET, SO_REUSEADDR } = this.#context.os.constants;
    setIntOption(this.#context, this.#fd, SOL_SOCKET, SO_REUSEADDR, 1);
    return bindSocket(this.#context, this.#fd, address);
  }

  connect(address: IpSocketAddress): ErrorCode | undefined {
    const { sys, codes, sockaddr, os } = this.#context;
    const result = sys.connect(this.#fd, sockaddr.pointer, encodeAddress(address, sockaddr.view, os));
    return result < 0 ? codes.ofAddressCall(result) : undefined;
  }

  outcome(): ErrorCode | undefined {
    const { codes, os } = this.#context;
    const error = getIntOption(this.#context, this.#fd, os.constants.SOL_SOCKET, os.constants.SO_ERROR);
    if (typeof error === "string") return error;
    return error === 0 ? undefined : codes.of(-error);
  }

  listen(backlog: number): ErrorCode | undefined {
    const { sys, codes } = this.#context;
    const result = sys.listen(this.#fd, backlog);
    return result < 0 ? codes.of(result) : undefined;
  }

  accept(): PosixTcpSocket | ErrorCode {
    const { sys, codes } = this.#context;
    const fd = sys.accept(this.#fd);
    return fd < 0 ? codes.ofAccept(fd) : new PosixTcpSocket(this.#context, fd, this.#family);
  }

  shutdown(how: ShutdownHow): ErrorCode | undefined {
    const { sys, codes, os } = this.#context;
    const result = sys.shutdown(this.#fd, how === "receive" ? os.constants.SHUT_RD : os.constants.SHUT_WR);
    return result < 0 ? codes.of(result) : undefined;
  }

  localAddress(): IpSocketAddress | ErrorCode {
    return localAddress(this.#context, this.#fd);
  }

  remoteAddress(): IpSocketAddress | ErrorCode {
    return remoteAddress(this.#context, this.#fd);
  }

  getOption(option: TcpOption): number | ErrorCode {
    return getOption(this.#context, this.#fd, this.#family, option);
  }

  setOption(option: TcpOption, value: number): ErrorCode | undefined {
    return setOption(this.#context, this.#fd, this.#family, option, value);
  }

  close(): void {
    this.#context.sys.close(this.#fd);
  }

  reset(): void {
    resetOnClose(this.#context, this.#fd);
    this.close();
  }
}
