import { createSocket, type Socket } from "node:dgram";
import type { ErrorCode, IpAddressFamily, IpSocketAddress } from "../contract.ts";
import { formatIp, ipOf, socketAddress } from "../ip.ts";
import { errorCodeOf } from "./failure.ts";
import type { DatagramEvents, Datagrams } from "./runtime.ts";

type LookupCallback = (error: null, address: string, family: number) => void;

/** @param limit How many bytes may be under way, with one for each datagram, before a send would block. */
export function openDatagrams(
  limit: number,
  family: IpAddressFamily,
  address: IpSocketAddress,
  events: DatagramEvents,
): void {
  const version = family === "ipv4" ? 4 : 6;
  const socket = createSocket({
    type: `udp${version}`,
    ipv6Only: version === 6,
    // All that it is given are addresses, so that it binds and sends at once.
    lookup: (host: string, _options: unknown, done: LookupCallback) => done(null, host, version),
  });
  socket.on("error", (error) => events.failed(errorCodeOf(error)));
  socket.on("listening", () => events.opened(new NodeDatagrams(socket, events, limit)));
  socket.on("message", (bytes, sender) => events.received(bytes, socketAddress(sender.address, sender.port)));
  socket.bind({ address: formatIp(ipOf(address)), port: address.val.port, exclusive: true });
}

class NodeDatagrams implements Datagrams {
  readonly localAddress: IpSocketAddress;
  readonly #socket: Socket;
  readonly #events: DatagramEvents;
  readonly #limit: number;
  #sending = 0;

  constructor(socket: Socket, events: DatagramEvents, limit: number) {
    const { address, port } = socket.address();
    this.localAddress = socketAddress(address, port);
    this.#socket = socket;
    this.#events = events;
    this.#limit = limit;
  }

  send(bytes: Uint8Array, to: IpSocketAddress): ErrorCode | undefined {
    if (this.#sending >= this.#limit) return "would-block";
    const size = bytes.length + 1;
    this.#sending += size;
    this.#socket.send(bytes.slice(), to.val.port, formatIp(ipOf(to)), (error) => {
      const full = this.#sending >= this.#limit;
      this.#sending -= size;
      if (error) this.#events.failed(errorCodeOf(error));
      else if (full && this.#sending < this.#limit) this.#events.drained();
    });
    return undefined;
  }

  setHopLimit(hops: number): ErrorCode | undefined {
    return attempt(() => void this.#socket.setTTL(hops));
  }

  getBufferSize(of: "receive" | "send"): number | ErrorCode {
    return attempt(() => (of === "receive" ? this.#socket.getRecvBufferSize() : this.#socket.getSendBufferSize()) / 2);
  }

  setBufferSize(of: "receive" | "send", size: number): ErrorCode | undefined {
    return attempt(() => {
      if (of === "receive") this.#socket.setRecvBufferSize(size);
      else this.#socket.setSendBufferSize(size);
      return undefined;
    });
  }

  close(): void {
    this.#socket.close();
  }
}

function attempt<T>(call: () => T): T | ErrorCode {
  try {
    return call();
  } catch (error) {
    return errorCodeOf(error);
  }
}
