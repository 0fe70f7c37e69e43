import type { IpAddressFamily, IpSocketAddress } from "../../machine/address.ts";
import type { ErrorCode } from "../../machine/error-code.ts";
import { unspecifiedAddress } from "../../machine/ip.ts";
import type { ShutdownHow, TcpHandle, TcpOption } from "../../machine/sockets.ts";
import { AcceptQueue } from "./accept-queue.ts";
import { type KeepAlive, RuntimeConnection } from "./connection.ts";
import type { EventedContext } from "./context.ts";
import type { EventedSource } from "./selector.ts";

type State =
  /** New, or a bind failed. */
  | { readonly tag: "unbound" }
  /** Bound, or binding. */
  | { readonly tag: "bound"; readonly queue: AcceptQueue }
  | { readonly tag: "listening"; readonly queue: AcceptQueue }
  /** Connected, or connecting. */
  | { readonly tag: "stream"; readonly connection: RuntimeConnection; readonly abort: () => void };

/** Linux's default (tcp(7), tcp_keepalive_time), ns; RFC 1122 requires at least that. */
const KEEP_ALIVE_IDLE_NS = 7200e9;

/** A TCP socket over a runtime's listeners and connections. */
export class EventedTcpSocket implements TcpHandle {
  readonly source: EventedSource;
  readonly #cx: EventedContext;
  readonly #family: IpAddressFamily;
  #state: State = { tag: "unbound" };
  #keepAlive: KeepAlive = { enabled: false, idle: KEEP_ALIVE_IDLE_NS };

  constructor(cx: EventedContext, family: IpAddressFamily, source: EventedSource) {
    this.#cx = cx;
    this.#family = family;
    this.source = source;
    cx.sockets.add(this);
  }

  bind(address: IpSocketAddress): ErrorCode | undefined {
    if (address.tag !== this.#family) return "invalid-argument";
    if (this.#state.tag !== "unbound") return "invalid-argument";
    const queue = new AcceptQueue(this.#cx.selector, this.source);
    this.#state = { tag: "bound", queue };
    this.#cx.runtime.bind(address, queue);
    return this.outcome();
  }

  outcome(): ErrorCode | undefined {
    if (this.#state.tag === "stream") return this.#state.connection.takeError();
    if (this.#state.tag !== "bound") return undefined;
    const { outcome } = this.#state.queue;
    if (outcome !== undefined && outcome !== "would-block") this.#state = { tag: "unbound" };
    return outcome;
  }

  connect(address: IpSocketAddress): ErrorCode | undefined {
    if (address.tag !== this.#family) return "invalid-argument";
    const { runtime, selector } = this.#cx;
    let local: IpSocketAddress | undefined;
    if (this.#state.tag === "bound") {
      if (!runtime.bindsBeforeConnect) return "not-supported";
      local = this.#state.queue.listener?.localAddress;
      this.#state.queue.close();
    }
    selector.update(this.source, 0);
    const connection = new RuntimeConnection(selector, this.source);
    connection.start(this.#keepAlive);
    this.#state = { tag: "stream", connection, abort: runtime.connect(address, local, connection) };
    return "would-block";
  }

  listen(backlog: number): ErrorCode | undefined {
    if (this.#state.tag === "listening") return undefined;
    if (this.#state.tag !== "bound") return "invalid-state";
    const { queue } = this.#state;
    this.#state = { tag: "listening", queue };
    return queue.listen(backlog);
  }

  accept(): TcpHandle | ErrorCode {
    if (this.#state.tag !== "listening") return "invalid-state";
    const connection = this.#state.queue.accept();
    return connection === undefined ? "would-block" : this.#accepted(connection);
  }

  #accepted(connection: RuntimeConnection): EventedTcpSocket {
    const socket = new EventedTcpSocket(this.#cx, this.#family, connection.source);
    socket.#keepAlive = { ...this.#keepAlive };
    socket.#state = { tag: "stream", connection, abort: () => {} };
    connection.start(this.#keepAlive);
    return socket;
  }

  receive(max: number): number | ErrorCode {
    return this.#state.tag === "stream" ? this.#state.connection.receive(this.#cx.buffer, max) : "invalid-state";
  }

  send(bytes: Uint8Array, start = 0, end = bytes.length): number | ErrorCode | "broken-pipe" {
    return this.#state.tag === "stream" ? this.#state.connection.send(bytes, start, end) : "invalid-state";
  }

  shutdown(how: ShutdownHow): ErrorCode | undefined {
    const connection = this.#state.tag === "stream" ? this.#state.connection : undefined;
    if (connection?.connected !== true || connection.over) return "invalid-state";
    if (how === "send") connection.shutdownSend();
    else connection.shutdownReceive();
    return undefined;
  }

  localAddress(): IpSocketAddress | ErrorCode {
    switch (this.#state.tag) {
      case "unbound":
        return unspecifiedAddress(this.#family);
      case "stream":
        return this.#state.connection.localAddress() ?? "invalid-state";
      default:
        return this.#state.queue.listener?.localAddress ?? "invalid-state";
    }
  }

  remoteAddress(): IpSocketAddress | ErrorCode {
    const address = this.#state.tag === "stream" ? this.#state.connection.remoteAddress() : undefined;
    return address ?? "invalid-state";
  }

  getOption(option: TcpOption): number | ErrorCode {
    switch (option) {
      case "keep-alive-enabled":
        return Number(this.#keepAlive.enabled);
      case "keep-alive-idle-time":
        return this.#cx.runtime.setsKeepAliveIdle ? this.#keepAlive.idle : "not-supported";
      default:
        return "not-supported";
    }
  }

  setOption(option: TcpOption, value: number): ErrorCode | undefined {
    switch (option) {
      case "keep-alive-enabled":
        this.#keepAlive.enabled = value !== 0;
        break;
      case "keep-alive-idle-time":
        if (!this.#cx.runtime.setsKeepAliveIdle) return "not-supported";
        this.#keepAlive.idle = Math.ceil(value / 1e9) * 1e9;
        break;
      default:
        return "not-supported";
    }
    if (this.#state.tag === "stream") this.#state.connection.setKeepAlive(this.#keepAlive);
    return undefined;
  }

  close(): void {
    this.#end(false);
  }

  reset(): void {
    this.#end(true);
  }

  #end(reset: boolean): void {
    this.#cx.sockets.delete(this);
    switch (this.#state.tag) {
      case "unbound":
        break;
      case "stream": {
        const { connection, abort } = this.#state;
        if (!connection.connected) abort();
        this.#cx.pendingSends.add(connection.close(reset), () => connection.reset());
        break;
      }
      default:
        this.#state.queue.close();
    }
  }
}
