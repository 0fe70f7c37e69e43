import type { Socket, SocketHandler, TCPSocketListener } from "bun";
import type { IpSocketAddress } from "../../../machine/address.ts";
import { formatIp, ipOf, socketAddress } from "../../../machine/ip.ts";
import { connectionErrorOf, errorCodeOf } from "../failure.ts";
import type { ListenerEvents, RuntimeListener, Stream, StreamEvents } from "../runtime.ts";

export function bind(address: IpSocketAddress, events: ListenerEvents): void {
  const handler: SocketHandler<BunStream | undefined> = {
    ...handlers,
    open(socket) {
      const accepted = events.accepted();
      if (accepted === undefined) socket.terminate();
      else open(socket, accepted);
    },
  };
  const ipv6Only = address.tag === "ipv6";
  const options = { hostname: formatIp(ipOf(address)), port: address.val.port, exclusive: true, ipv6Only };
  let listener: TCPSocketListener<BunStream | undefined>;
  try {
    listener = Bun.listen({ ...options, allowHalfOpen: true, data: undefined, socket: handler });
  } catch (error) {
    events.failed(errorCodeOf(error));
    return;
  }
  events.opened(new BunListener(listener, socketAddress(options.hostname, listener.port)));
}

/** Always accepts, as Bun cannot stop it: connections wait in the machine's queue. */
class BunListener implements RuntimeListener {
  readonly localAddress: IpSocketAddress;
  readonly #listener: TCPSocketListener<BunStream | undefined>;

  constructor(listener: TCPSocketListener<BunStream | undefined>, local: IpSocketAddress) {
    this.#listener = listener;
    this.localAddress = local;
  }

  listen(): undefined {}

  close(): void {
    this.#listener.stop();
  }
}

export function connect(remote: IpSocketAddress, _local: undefined, events: StreamEvents): () => void {
  Bun.connect<BunStream | undefined>({
    hostname: formatIp(ipOf(remote)),
    port: remote.val.port,
    allowHalfOpen: true,
    data: undefined,
    socket: { ...handlers, open: (socket) => open(socket, events), connectError() {} },
  }).catch((error) => events.failed(errorCodeOf(error)));
  // A connect cannot be cancelled: what it still opens is closed at once.
  return () => {};
}

function open(socket: Socket<BunStream | undefined>, events: StreamEvents): void {
  if (socket.remoteAddress === undefined) {
    // Its peer has already reset it.
    socket.terminate();
    events.failed("connection-reset");
    return;
  }
  socket.pause();
  socket.setNoDelay(true);
  const stream = new BunStream(socket, events);
  socket.data = stream;
  events.opened(stream);
}

const handlers: SocketHandler<BunStream | undefined> = {
  data: (socket, bytes) => socket.data?.received(bytes),
  drain: (socket) => socket.data?.drained(),
  end: (socket) => socket.data?.events.ended(),
  close: (socket, error) => socket.data?.closed(error),
  error: (socket, error) => socket.data?.closed(error),
};

class BunStream implements Stream {
  readonly localAddress: IpSocketAddress;
  readonly remoteAddress: IpSocketAddress;
  readonly events: StreamEvents;
  full = false;
  readonly #socket: Socket<BunStream | undefined>;

  constructor(socket: Socket<BunStream | undefined>, events: StreamEvents) {
    this.#socket = socket;
    this.events = events;
    this.localAddress = socketAddress(socket.localAddress, socket.localPort);
    this.remoteAddress = socketAddress(socket.remoteAddress, socket.remotePort);
  }

  received(bytes: Uint8Array): void {
    if (!this.events.received(bytes)) this.#socket.pause();
  }

  drained(): void {
    if (!this.full) return;
    this.full = false;
    this.events.drained();
  }

  /** Without an error both sides had ended. */
  closed(error: Error | undefined): void {
    this.events.failed(error === undefined ? undefined : connectionErrorOf(error));
  }

  resume(): void {
    this.#socket.resume();
  }

  /**
   * Bun keeps nothing that the kernel does not take. -1 means that the peer is gone, which a paused socket does not
   * learn otherwise.
   */
  write(bytes: Uint8Array): number {
    const count = this.#socket.write(bytes);
    if (count < 0) {
      this.events.failed(undefined);
      return 0;
    }
    this.full = count < bytes.length;
    return count;
  }

  /** Shuts down sending; end() would close both sides. */
  shutdown(): void {
    this.#socket.shutdown();
  }

  setKeepAlive(enabled: boolean, idle: number): void {
    this.#socket.setKeepAlive(enabled, idle / 1e6);
  }

  close(): undefined {
    this.#socket.end();
  }

  reset(): void {
    this.#socket.terminate();
  }
}
