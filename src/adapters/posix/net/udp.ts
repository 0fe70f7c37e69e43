import type { IpAddressFamily, IpSocketAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import { Source } from "../../../machine/selector.ts";
import type { UdpHandle, UdpOption } from "../../../machine/sockets.ts";
import { fill, TRANSFER_BYTES } from "../libc/context.ts";
import { decodeAddress, encodeAddress, SOCKADDR_IN } from "./address.ts";
import type { NetContext } from "./net-context.ts";
import { getOption, setOption } from "./options.ts";
import { bindSocket, localAddress, openSocket, remoteAddress } from "./socket.ts";

export function createUdpSocket(context: NetContext, family: IpAddressFamily): UdpHandle | ErrorCode {
  const fd = openSocket(context, family, context.os.constants.SOCK_DGRAM);
  return typeof fd === "string" ? fd : new PosixUdpSocket(context, fd, family);
}

/** udp(7) over libc. As in the kernel, an ICMP error for an earlier datagram is the failure of a later call. */
class PosixUdpSocket implements UdpHandle {
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

  bind(address: IpSocketAddress): ErrorCode | undefined {
    return bindSocket(this.#context, this.source.id, address);
  }

  /** bind(2) is over when it returns. */
  outcome(): undefined {}

  connect(peer: IpSocketAddress | undefined): ErrorCode | undefined {
    if (peer === undefined) return this.#disconnect();
    const { errno } = this.#context.os;
    let result = this.#connect(peer);
    // For a peer on another route than the old one's, Linux wants the old association dissolved first.
    if (result === -errno.EINVAL && this.#disconnect() === undefined) result = this.#connect(peer);
    return result < 0 ? this.#context.codes.ofAddressCall(result) : undefined;
  }

  receive(): number | ErrorCode {
    const { sockets, incomingMessage, sender, codes } = this.#context;
    incomingMessage.setLengths(sender.bytes.length, TRANSFER_BYTES);
    const count = sockets.recvmsg(this.source.id, incomingMessage.pointer, 0);
    return count < 0 ? codes.of(count) : count;
  }

  sender(): IpSocketAddress {
    const address = decodeAddress(this.#context.sender.view, this.#context.os);
    if (address === undefined) throw new Error("no datagram was received yet");
    return address;
  }

  send(bytes: Uint8Array, to: IpSocketAddress | undefined): ErrorCode | undefined {
    const { sockets, outgoing, outgoingMessage, sockaddr, codes, os } = this.#context;
    fill(outgoing, bytes, 0, bytes.length);
    outgoingMessage.setLengths(to === undefined ? 0 : encodeAddress(to, sockaddr.view, os), bytes.length);
    const result = sockets.sendmsg(this.source.id, outgoingMessage.pointer, 0);
    return result < 0 ? codes.of(result) : undefined;
  }

  localAddress(): IpSocketAddress | ErrorCode {
    return localAddress(this.#context, this.source.id);
  }

  remoteAddress(): IpSocketAddress | ErrorCode {
    return remoteAddress(this.#context, this.source.id);
  }

  getOption(option: UdpOption): number | ErrorCode {
    return getOption(this.#context, this.source.id, this.#family, option);
  }

  setOption(option: UdpOption, value: number): ErrorCode | undefined {
    return setOption(this.#context, this.source.id, this.#family, option, value);
  }

  close(): void {
    const { id } = this.source;
    if (id < 0) return;
    this.source.id = -1;
    this.#context.sys.close(id);
  }

  #connect(peer: IpSocketAddress): number {
    const { sockets, sockaddr, os } = this.#context;
    return sockets.connect(this.source.id, sockaddr.pointer, encodeAddress(peer, sockaddr.view, os));
  }

  /** connect(2) to AF_UNSPEC dissolves the association. On BSD it does so too, but returns EINVAL or EAFNOSUPPORT. */
  #disconnect(): ErrorCode | undefined {
    const { sockets, sockaddr, codes, os } = this.#context;
    sockaddr.bytes.fill(0);
    const result = sockets.connect(this.source.id, sockaddr.pointer, SOCKADDR_IN);
    if (result >= 0) return undefined;
    if (os.sockaddrHasLength && (result === -os.errno.EINVAL || result === -os.errno.EAFNOSUPPORT)) return undefined;
    return codes.of(result);
  }
}
