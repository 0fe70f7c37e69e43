import { createSocket, type Socket } from "node:dgram";
import type { IpAddressFamily, IpSocketAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import { formatIp, ipOf, socketAddress } from "../../../machine/ip.ts";
import { errorCodeOf } from "../failure.ts";
import { DATAGRAM_LIMIT, type DatagramEvents, type Datagrams } from "../runtime.ts";

type LookupCallback = (error: null, address: string, family: number) => void;

/** Closing sockets: Deno frees their ports a little later. */
const closing = new Set<Promise<void>>();

/**
 * Opens a socket of node:dgram.
 *
 * @param together whether it sends several datagrams in the order they were passed. Deno's does not: those in progress
 * together leave in reverse
 */
export function openDatagrams(
  together: boolean,
  family: IpAddressFamily,
  address: IpSocketAddress,
  events: DatagramEvents,
): void {
  const version = family === "ipv4" ? 4 : 6;
  const socket = createSocket({
    type: `udp${version}`,
    ipv6Only: version === 6,
    // It only gets addresses, so it can bind and send at once.
    lookup: (host: string, _options: unknown, done: LookupCallback) => done(null, host, version),
  });
  let bound = false;
  socket.on("error", (error) => {
    const code = errorCodeOf(error);
    // Node keeps the descriptor of a socket whose bind failed.
    if (!bound) socket.close();
    if (bound || code !== "address-in-use" || closing.size === 0) events.failed(code);
    else Promise.all(closing).then(() => openDatagrams(together, family, address, events));
  });
  socket.on("listening", () => {
    bound = true;
    events.opened(new NodeDatagrams(socket, events, together));
  });
  socket.on("message", (bytes, sender) => events.received(bytes, socketAddress(sender.address, sender.port)));
  socket.bind({ address: formatIp(ipOf(address)), port: address.val.port, exclusive: true });
}

interface Outgoing {
  readonly bytes: Uint8Array;
  readonly to: IpSocketAddress;
}

class NodeDatagrams implements Datagrams {
  readonly localAddress: IpSocketAddress;
  readonly #socket: Socket;
  readonly #events: DatagramEvents;
  readonly #together: boolean;
  /** Datagrams that wait for the one in progress. */
  readonly #queue: Outgoing[] = [];
  /** Bytes that are in progress or wait, plus one for each datagram. */
  #sending = 0;
  /** Called when nothing is in progress any more. */
  #closing: (() => void) | undefined;

  constructor(socket: Socket, events: DatagramEvents, together: boolean) {
    const { address, port } = socket.address();
    this.localAddress = socketAddress(address, port);
    this.#socket = socket;
    this.#events = events;
    this.#together = together;
  }

  send(bytes: Uint8Array, to: IpSocketAddress): ErrorCode | undefined {
    if (this.#sending >= DATAGRAM_LIMIT) return "would-block";
    const outgoing = { bytes: bytes.slice(), to };
    const first = this.#sending === 0;
    this.#sending += bytes.length + 1;
    if (this.#together || first) this.#send(outgoing);
    else this.#queue.push(outgoing);
    return undefined;
  }

  #send({ bytes, to }: Outgoing): void {
    this.#socket.send(bytes, to.val.port, formatIp(ipOf(to)), (error) => {
      const full = this.#sending >= DATAGRAM_LIMIT;
      this.#sending -= bytes.length + 1;
      const next = this.#queue.shift();
      if (next !== undefined) this.#send(next);
      if (this.#sending === 0) this.#closing?.();
      if (this.#closing !== undefined) return;
      if (error) this.#events.failed(errorCodeOf(error));
      else if (full && this.#sending < DATAGRAM_LIMIT) this.#events.drained();
    });
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

  /** Sends what it has accepted, then closes. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#closing = () => this.#socket.close(resolve);
    });
    closing.add(closed);
    closed.then(() => closing.delete(closed));
    if (this.#sending === 0) this.#closing?.();
    return closed;
  }
}

function attempt<T>(call: () => T): T | ErrorCode {
  try {
    return call();
  } catch (error) {
    return errorCodeOf(error);
  }
}
