import type { IpAddressFamily, IpSocketAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import type { TcpOption } from "../../../machine/sockets.ts";
import type { NetContext } from "./net-context.ts";
import { localAddress, openSocket } from "./socket.ts";
import { PosixTcpSocket } from "./tcp.ts";

/**
 * Listening sockets that outlive this process, because its parent holds them too. The parent made them, without an
 * address, and every process that it starts inherits them. What one of these binds and listens on continues to listen
 * when that process ends. The next one that asks for the same address gets it, with the connections that arrived in
 * between.
 */
export class InheritedListeners {
  readonly #context: NetContext;
  /** The sockets that no guest's socket uses now. */
  readonly #free: Set<number>;

  constructor(context: NetContext, fds: readonly number[]) {
    this.#context = context;
    this.#free = new Set(fds);
  }

  createTcpSocket(family: IpAddressFamily): PosixTcpSocket | ErrorCode {
    const fd = openSocket(this.#context, family, this.#context.os.constants.SOCK_STREAM);
    return typeof fd === "string" ? fd : new InheritedTcpSocket(this.#context, this, fd, family);
  }

  /**
   * Makes `fd` refer to the socket that already listens on `address`. Returns that socket's fd; undefined if there is
   * none.
   */
  adopt(fd: number, address: IpSocketAddress): number | undefined {
    return this.#become(fd, (kept) => kept.tag === address.tag && sameAddress(kept, address));
  }

  /**
   * Makes `fd` refer to a socket without an address. Returns that socket's fd; if none is left it returns undefined,
   * and `fd` is unchanged.
   */
  takeUnbound(fd: number, family: IpAddressFamily): number | undefined {
    return this.#become(fd, (kept) => kept.tag === family && kept.val.port === 0);
  }

  /** Makes a socket available again. */
  release(kept: number): void {
    this.#free.add(kept);
  }

  #become(fd: number, suits: (address: IpSocketAddress) => boolean): number | undefined {
    const { sockets } = this.#context;
    for (const kept of this.#free) {
      const address = localAddress(this.#context, kept);
      if (typeof address === "string" || !suits(address) || sockets.dup2(kept, fd) < 0) continue;
      this.#free.delete(kept);
      return kept;
    }
    return undefined;
  }
}

function sameAddress(a: IpSocketAddress, b: IpSocketAddress): boolean {
  return a.val.port === b.val.port && a.val.address.every((part, i) => part === b.val.address[i]);
}

/**
 * An ordinary socket until it listens, or binds an address that is already listened on. Port 0 is never inherited, as it is
 * a different port each time.
 */
class InheritedTcpSocket extends PosixTcpSocket {
  readonly #listeners: InheritedListeners;
  readonly #family: IpAddressFamily;
  readonly #options = new Map<TcpOption, number>();
  #requested: IpSocketAddress | undefined;
  /** The inherited socket that this one refers to. */
  #inherited: number | undefined;

  constructor(context: NetContext, listeners: InheritedListeners, fd: number, family: IpAddressFamily) {
    super(context, fd, family);
    this.source.shared = true;
    this.#listeners = listeners;
    this.#family = family;
  }

  override bind(address: IpSocketAddress): ErrorCode | undefined {
    this.#requested = address;
    if (address.val.port !== 0) this.#inherited = this.#listeners.adopt(this.source.id, address);
    return this.#inherited === undefined ? super.bind(address) : this.#setOptions();
  }

  override listen(backlog: number): ErrorCode | undefined {
    if (this.#inherited === undefined && this.#requested !== undefined && this.#requested.val.port !== 0) {
      this.#inherited = this.#listeners.takeUnbound(this.source.id, this.#family);
      const failure = this.#inherited === undefined ? undefined : (this.#setOptions() ?? super.bind(this.#requested));
      if (failure !== undefined) return failure;
    }
    return super.listen(backlog);
  }

  override setOption(option: TcpOption, value: number): ErrorCode | undefined {
    this.#options.set(option, value);
    return super.setOption(option, value);
  }

  /** Sets the options again that the guest set before the socket was replaced. */
  #setOptions(): ErrorCode | undefined {
    for (const [option, value] of this.#options) {
      const failure = super.setOption(option, value);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  override close(): void {
    super.close();
    if (this.#inherited !== undefined) this.#listeners.release(this.#inherited);
    this.#inherited = undefined;
  }
}
