import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from "node:net";
import type { IpSocketAddress } from "../contract.ts";
import { formatIp, ipOf, socketAddress } from "../ip.ts";
import { connectionErrorOf, errorCodeOf } from "./failure.ts";
import { type Listener, type ListenerEvents, STREAM_LIMIT, type Stream, type StreamEvents } from "./runtime.ts";

/** What a half-open, bounded socket of node:net is made with. */
const socketOptions = { allowHalfOpen: true, highWaterMark: STREAM_LIMIT } as const;

export function listen(address: IpSocketAddress, events: ListenerEvents): void {
  const server = createServer({ ...socketOptions, pauseOnConnect: true });
  server.on("error", (error) => events.failed(errorCodeOf(error)));
  server.on("listening", () => events.opened(new NodeListener(server)));
  server.on("connection", (socket) => {
    const accepted = events.accepted();
    if (accepted === undefined) socket.destroy();
    else open(socket, accepted);
  });
  server.listen({ host: formatIp(ipOf(address)), port: address.val.port, ipv6Only: true, exclusive: true });
}

/** It cannot be told not to accept: what connects waits in the machine's queue. */
class NodeListener implements Listener {
  readonly localAddress: IpSocketAddress;
  readonly #server: Server;

  constructor(server: Server) {
    const { address, port } = server.address() as AddressInfo;
    this.localAddress = socketAddress(address, port);
    this.#server = server;
  }

  resume(): void {}

  close(): void {
    this.#server.close();
  }
}

export function connect(remote: IpSocketAddress, local: IpSocketAddress | undefined, events: StreamEvents): () => void {
  const from = local === undefined ? {} : { localAddress: formatIp(ipOf(local)), localPort: local.val.port };
  const socket = dial({ host: formatIp(ipOf(remote)), port: remote.val.port, ...from, ...socketOptions });
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

function open(socket: Socket, events: StreamEvents): void {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (
    localAddress === undefined ||
    localPort === undefined ||
    remoteAddress === undefined ||
    remotePort === undefined
  ) {
    // It died while it waited to be told of.
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
  readonly #socket: Socket;

  constructor(socket: Socket, events: StreamEvents, local: IpSocketAddress, remote: IpSocketAddress) {
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
    this.#socket.write(bytes.slice());
    return bytes.length;
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

  close(): void {
    this.#socket.destroySoon();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }
}
