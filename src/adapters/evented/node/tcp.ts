import * as net from "node:net";
import { getSystemErrorName } from "node:util";
import type { IpSocketAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import { formatIp, ipOf, socketAddress } from "../../../machine/ip.ts";
import { connectionErrorOf, errorCodeNamed, errorCodeOf } from "../failure.ts";
import { type ListenerEvents, type RuntimeListener, STREAM_LIMIT, type Stream, type StreamEvents } from "../runtime.ts";

/** The options of a half-open, bounded socket of node:net. */
const socketOptions = { allowHalfOpen: true, highWaterMark: STREAM_LIMIT } as const;

/**
 * node:net's own handle of a server: the only object of Node's that binds without listening. It is not documented, but
 * listening on one is.
 */
interface ServerHandle {
  /** Returns a negated errno, possibly that of the bind. */
  getsockname(out: { address: string; port: number }): number;
  close(): void;
}

type CreateServerHandle = (
  address: string,
  port: number,
  family: 4 | 6,
  fd: undefined,
  flags: number,
) => ServerHandle | number;

const { _createServerHandle: createServerHandle } = net as typeof net & { _createServerHandle: CreateServerHandle };

/** libuv's UV_TCP_IPV6ONLY. */
const IPV6_ONLY = 1;

export function bind(address: IpSocketAddress, events: ListenerEvents): void {
  const [family, flags] = address.tag === "ipv4" ? ([4, 0] as const) : ([6, IPV6_ONLY] as const);
  const handle = createServerHandle(formatIp(ipOf(address)), address.val.port, family, undefined, flags);
  const bound = { address: "", port: 0 };
  const failure = typeof handle === "number" ? handle : handle.getsockname(bound);
  if (typeof handle !== "number" && failure === 0) {
    events.opened(new NodeListener(handle, socketAddress(bound.address, bound.port), events));
    return;
  }
  if (typeof handle !== "number") handle.close();
  events.failed(errorCodeNamed(getSystemErrorName(failure)));
}

/** Always accepts, as Node cannot stop it: connections wait in the machine's queue. */
class NodeListener implements RuntimeListener {
  readonly localAddress: IpSocketAddress;
  readonly #handle: ServerHandle;
  readonly #server: net.Server;

  constructor(handle: ServerHandle, local: IpSocketAddress, events: ListenerEvents) {
    this.localAddress = local;
    this.#handle = handle;
    this.#server = net.createServer({ ...socketOptions, pauseOnConnect: true }, (socket) => {
      const accepted = events.accepted();
      if (accepted === undefined) socket.destroy();
      else open(socket, accepted);
    });
    // An accept failed for want of descriptors: libuv closes the connection. A failure of listen is returned by
    // `listen`.
    this.#server.on("error", () => {});
  }

  listen(backlog: number): ErrorCode | undefined {
    this.#server.listen({ _handle: this.#handle }, backlog);
    return this.#server.listening ? undefined : "address-in-use";
  }

  close(): void {
    if (this.#server.listening) this.#server.close();
    else this.#handle.close();
  }
}

export function connect(remote: IpSocketAddress, local: IpSocketAddress | undefined, events: StreamEvents): () => void {
  const from = local === undefined ? {} : { localAddress: formatIp(ipOf(local)), localPort: local.val.port };
  const socket = net.connect({ host: formatIp(ipOf(remote)), port: remote.val.port, ...from, ...socketOptions });
  const failed = (error: Error) => events.failed(errorCodeOf(error));
  socket.once("error", failed);
  socket.once("connect", () => {
    socket.off("error", failed);
    socket.pause();
    open(socket, events);
  });
  return () => {
    socket.on("error", () => {});
    socket.destroy();
  };
}

function open(socket: net.Socket, events: StreamEvents): void {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (
    localAddress === undefined ||
    localPort === undefined ||
    remoteAddress === undefined ||
    remotePort === undefined
  ) {
    // It failed before it could be reported.
    socket.destroy();
    events.failed("connection-reset");
    return;
  }
  const local = socketAddress(localAddress, localPort);
  events.opened(new NodeStream(socket, events, local, socketAddress(remoteAddress, remotePort)));
}

class NodeStream implements Stream {
  readonly localAddress: IpSocketAddress;
  readonly remoteAddress: IpSocketAddress;
  readonly #socket: net.Socket;

  constructor(socket: net.Socket, events: StreamEvents, local: IpSocketAddress, remote: IpSocketAddress) {
    this.localAddress = local;
    this.remoteAddress = remote;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes: Uint8Array) => {
      if (!events.received(bytes)) socket.pause();
    });
    socket.on("end", () => events.ended());
    socket.on("drain", () => events.drained());
    socket.on("error", (error) => events.failed(connectionErrorOf(error)));
    socket.pause();
  }

  get full(): boolean {
    return this.#socket.writableNeedDrain;
  }

  write(bytes: Uint8Array): number {
    const piece = bytes.slice(0, STREAM_LIMIT - this.#socket.writableLength);
    this.#socket.write(piece);
    return piece.length;
  }

  resume(): void {
    this.#socket.resume();
  }

  shutdown(): void {
    this.#socket.end();
  }

  setKeepAlive(enabled: boolean, idle: number): void {
    this.#socket.setKeepAlive(enabled, idle / 1e6);
  }

  close(): Promise<void> | undefined {
    const socket = this.#socket;
    socket.destroySoon();
    return socket.closed ? undefined : new Promise((resolve) => socket.once("close", () => resolve()));
  }

  /** libuv cannot reset a socket that is shutting down: if nothing is left to send, the shutdown completes. */
  reset(): void {
    if (this.#socket.writableEnded && this.#socket.writableLength === 0) this.#socket.destroySoon();
    else this.#socket.resetAndDestroy();
  }
}
