import type { IpSocketAddress } from "../../../machine/address.ts";
import { formatIp, ipOf, socketAddress, withoutMapping } from "../../../machine/ip.ts";
import { connectionErrorOf, errorCodeOf } from "../failure.ts";
import { type ListenerEvents, type RuntimeListener, STREAM_LIMIT, type Stream, type StreamEvents } from "../runtime.ts";

/** The size of a connection's first read, bytes; it grows with what is received. */
const FIRST_READ_BYTES = 4096;

/** How long to accept nothing when the process has no descriptor left, ms. */
const ACCEPT_PAUSE_MS = 10;

/** Listeners that were closed while accepting: Deno frees their ports a little later. */
const closing = new Set<Promise<void>>();

export function bind(address: IpSocketAddress, events: ListenerEvents): void {
  let listener: Deno.TcpListener;
  try {
    listener = Deno.listen({ hostname: formatIp(ipOf(address)), port: address.val.port });
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === "address-in-use" && closing.size > 0) Promise.all(closing).then(() => bind(address, events));
    else events.failed(code);
    return;
  }
  events.opened(new DenoListener(listener, events));
}

/** Accepts nothing until the guest listens: connections wait in the kernel. */
class DenoListener implements RuntimeListener {
  readonly localAddress: IpSocketAddress;
  readonly #listener: Deno.TcpListener;
  readonly #events: ListenerEvents;
  #accepting: Promise<void> | undefined;
  #closed = false;

  constructor(listener: Deno.TcpListener, events: ListenerEvents) {
    this.#listener = listener;
    this.#events = events;
    this.localAddress = addressOf(listener.addr);
  }

  listen(): undefined {
    this.#accepting ??= this.#accept();
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      try {
        open(await this.#listener.accept(), () => this.#events.accepted());
      } catch (error) {
        if (this.#closed) return;
        const code = connectionErrorOf(error);
        if (code === "unknown") throw error;
        // connection-reset: reset before it was accepted; the guest accepts it all the same. new-socket-limit: no
        // descriptor for it; it waits in the kernel.
        if (code === "connection-reset") this.#events.accepted()?.failed(code);
        if (code === "new-socket-limit") await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#listener.close();
    const accepting = this.#accepting;
    if (accepting === undefined) return;
    closing.add(accepting);
    accepting.finally(() => closing.delete(accepting));
  }
}

export function connect(remote: IpSocketAddress, _local: undefined, events: StreamEvents): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  // The port of a closing listener would accept one more connection.
  Promise.all(closing)
    .then(() => Deno.connect({ hostname: formatIp(ipOf(remote)), port: remote.val.port, signal }))
    .then(
      (conn) => open(conn, () => events),
      (error) => events.failed(errorCodeOf(error)),
    );
  return () => abort.abort();
}

/**
 * Opens an accepted connection. Deno's IPv6 listeners also accept IPv4 peers, which WASI's do not: those are closed.
 */
function open(conn: Deno.TcpConn, take: () => StreamEvents | undefined): void {
  const remote = addressOf(conn.remoteAddr);
  const events = withoutMapping(ipOf(remote)).tag === remote.tag ? take() : undefined;
  if (events === undefined) conn.close();
  else events.opened(new DenoStream(conn, events, addressOf(conn.localAddr), remote));
}

function addressOf(address: Deno.Addr): IpSocketAddress {
  if (address.transport !== "tcp") throw new Error(`an address of ${address.transport}`);
  return socketAddress(address.hostname, address.port);
}

/** Reads and writes are promises; at most one of each is in progress. */
class DenoStream implements Stream {
  readonly localAddress: IpSocketAddress;
  readonly remoteAddress: IpSocketAddress;
  /** Whether a write is in progress. */
  full = false;
  readonly #conn: Deno.TcpConn;
  readonly #events: StreamEvents;
  #buffer = new Uint8Array(FIRST_READ_BYTES);
  #reading = false;
  #writing: Promise<void> | undefined;
  /** The work for when the write in progress is over. */
  #then: "shutdown" | "close" | undefined;
  #closed = false;

  constructor(conn: Deno.TcpConn, events: StreamEvents, local: IpSocketAddress, remote: IpSocketAddress) {
    this.#conn = conn;
    this.#events = events;
    this.localAddress = local;
    this.remoteAddress = remote;
    conn.setNoDelay(true);
  }

  resume(): void {
    if (!this.#reading) void this.#read();
  }

  async #read(): Promise<void> {
    this.#reading = true;
    let more = true;
    while (more) {
      let count: number | null;
      try {
        count = await this.#conn.read(this.#buffer);
      } catch (error) {
        this.#fail(error);
        return;
      }
      if (this.#closed) return;
      if (count === null) {
        this.#events.ended();
        return;
      }
      more = this.#events.received(this.#buffer.slice(0, count));
      if (count === this.#buffer.length && count < STREAM_LIMIT) this.#buffer = new Uint8Array(count * 4);
    }
    this.#reading = false;
  }

  write(bytes: Uint8Array): number {
    this.#writing = this.#write(bytes.slice());
    return bytes.length;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.full = true;
    try {
      for (let sent = 0; sent < bytes.length; ) sent += await this.#conn.write(bytes.subarray(sent));
    } catch (error) {
      this.#fail(error);
    }
    this.full = false;
    if (this.#then === "close") this.#conn.close();
    else if (this.#then === "shutdown") this.#closeWrite();
    else this.#events.drained();
  }

  #fail(error: unknown): void {
    if (!this.#closed) this.#events.failed(connectionErrorOf(error));
  }

  shutdown(): void {
    if (this.full) this.#then = "shutdown";
    else this.#closeWrite();
  }

  #closeWrite(): void {
    this.#conn.closeWrite().catch((error) => this.#fail(error));
  }

  setKeepAlive(enabled: boolean): void {
    this.#conn.setKeepAlive(enabled);
  }

  close(): Promise<void> | undefined {
    this.#closed = true;
    if (this.full) {
      this.#then = "close";
      return this.#writing;
    }
    this.#conn.close();
    return undefined;
  }

  /**
   * Closes without a reset: Deno shuts down what it closes, so the peer sees the end of the stream. Cancels the write
   * in progress.
   */
  reset(): void {
    if (this.#closed && !this.full) return;
    this.#closed = true;
    this.#then = undefined;
    this.#conn.close();
  }
}
