import type { IpAddressFamily, IpSocketAddress } from "../../machine/address.ts";
import type { ErrorCode } from "../../machine/error-code.ts";
import { WRITABLE } from "../../machine/selector.ts";
import type { ShutdownHow, TcpHandle, TcpOption } from "../../machine/sockets.ts";
import { isRemote, isUnicast, matchesFamily } from "../addresses/address.ts";
import type { InputStream } from "../streams/input-stream.ts";
import { OutputStream, SOCKET_PERMIT } from "../streams/output-stream.ts";
import { Condition } from "../wait/condition.ts";
import { type Blocking, retried } from "../wait/poll.ts";
import { Acceptor } from "./acceptor.ts";
import type { SocketContext } from "./socket-context.ts";
import { clamp, optionRules } from "./socket-options.ts";
import { TcpInputStream } from "./tcp-input-stream.ts";

type State =
  /** New, or a bind failed: may bind, may connect. */
  | { readonly tag: "unbound" }
  /** Has a local address, or is getting one: may listen, may connect. */
  | { readonly tag: "bound" }
  /** A connect is under way, or over and not yet noticed through `readiness`. */
  | { readonly tag: "connecting" }
  /**
   * In 0.2, `streams` are made on first use and stay as long as the socket: they may be shut down or dropped. In 0.3, `receive` and
   * `send` say whether that direction was taken.
   */
  | { readonly tag: "connected"; streams: TcpStreams | undefined; receive: boolean; send: boolean }
  /** listen(2) has succeeded. */
  | { readonly tag: "listening"; readonly acceptor: Acceptor }
  /** A connect, listen or accept failed. Getters and options return its error. */
  | { readonly tag: "closed"; readonly error: ErrorCode };

/** The two directions of a connection as streams. */
export interface TcpStreams {
  readonly input: InputStream;
  readonly output: OutputStream;
}

/** One direction of a connection, for an owner that moves the bytes itself. */
export type TcpDirection = Pick<TcpHandle, "source" | "receive" | "send" | "shutdown">;

const unbound: State = { tag: "unbound" };
const bound: State = { tag: "bound" };
const connecting: State = { tag: "connecting" };

function connected(): State {
  return { tag: "connected", streams: undefined, receive: false, send: false };
}

const DEFAULT_BACKLOG = 128;
const MAX_BACKLOG = 0x7fffffff;

/**
 * A TCP socket with its states, for all versions of WASI. The calls in each state:
 *
 * | call            | unbound         | bound           | connecting    | listening       | connected     | closed(e)     |
 * |-----------------|-----------------|-----------------|---------------|-----------------|---------------|---------------|
 * | bind            | bind(2) -> bound| invalid-state   | invalid-state | invalid-state   | invalid-state | invalid-state |
 * | connect         | -> connecting   | -> connecting   | invalid-state | invalid-state   | invalid-state | invalid-state |
 * | listen          | invalid-state   | -> listening    | invalid-state | invalid-state   | invalid-state | invalid-state |
 * | accept          | invalid-state   | invalid-state   | invalid-state | a connection    | invalid-state | invalid-state |
 * | localAddress    | invalid-state   | getsockname     | invalid-state | getsockname     | getsockname   | e             |
 * | remoteAddress   | invalid-state   | invalid-state   | invalid-state | invalid-state   | getpeername   | e             |
 * | options         | ok              | ok              | invalid-state | ok              | ok            | e             |
 * | backlog size    | kept            | kept            | invalid-state | listen(2) again | invalid-state | e             |
 * | shutdown        | invalid-state   | invalid-state   | invalid-state | invalid-state   | ok            | invalid-state |
 * | take            | invalid-state   | invalid-state   | invalid-state | invalid-state   | once each way | e             |
 *
 * `bind` and `connect` only begin. Once `readiness` holds, `outcome` returns how they ended: bound or connected, or after a failure
 * unbound or closed(e).
 *
 * In 0.2 streams are children of their socket, which outlives them. In 0.3 they share it: each `share` and `take` adds an owner,
 * and the last owner that calls `close` closes it.
 *
 * No call waits, except `ended`. Methods return an error code, or their result (undefined for none).
 */
export class TcpSocket {
  readonly family: IpAddressFamily;
  /**
   * Pending while a bind or connect is under way, and after `watchConnections` while there is no connection to accept. Otherwise it
   * holds.
   */
  readonly readiness = Condition.ready();
  readonly #cx: SocketContext;
  readonly #opened: TcpHandle | undefined;
  #users = 1;
  #state: State = unbound;
  /** The result of starting the bind or connect. would-block: it is under way, and the handle is asked once it is ready. */
  #outcome: ErrorCode | undefined;
  /** The address of the last bind. */
  #wanted: IpSocketAddress | undefined;
  #backlog = DEFAULT_BACKLOG;

  /** @param handle Undefined if the accept failed */
  private constructor(cx: SocketContext, family: IpAddressFamily, handle: TcpHandle | undefined) {
    this.#cx = cx;
    this.family = family;
    this.#opened = handle;
    if (handle !== undefined) cx.poll.opened(handle);
  }

  get #handle(): TcpHandle {
    if (this.#opened === undefined) throw new Error("a socket that was closed from the start");
    return this.#opened;
  }

  static create(cx: SocketContext, family: IpAddressFamily): TcpSocket | ErrorCode {
    if (!cx.policy.tcp) return "access-denied";
    const handle = cx.machine.net.createTcpSocket(family);
    if (typeof handle === "string") return handle;
    cx.socketObserver?.made();
    return new TcpSocket(cx, family, handle);
  }

  /** Returns a socket for a connection that could not be accepted. */
  static failed(cx: SocketContext, family: IpAddressFamily, error: ErrorCode): TcpSocket {
    const socket = new TcpSocket(cx, family, undefined);
    socket.#state = { tag: "closed", error };
    return socket;
  }

  /** Begins a bind. If bind(2) fails at once, the error is returned, and the socket stays unbound. */
  bind(address: IpSocketAddress): ErrorCode | undefined {
    if (this.#state.tag !== "unbound") return "invalid-state";
    if (!isUnicast(address) || !matchesFamily(address, this.family)) return "invalid-argument";
    if (!this.#cx.policy.allows(address, "tcp-bind")) return "access-denied";
    const outcome = this.#handle.bind(address);
    this.#wanted = address;
    if (outcome !== undefined && outcome !== "would-block") return this.#observed(outcome, address);
    this.#state = bound;
    this.#outcome = outcome;
    if (outcome === "would-block") this.#await();
    return undefined;
  }

  /** Begins a connect. Failures of the connect itself, and a refusal by the policy, are its outcome. */
  connect(address: IpSocketAddress): ErrorCode | undefined {
    if (this.#state.tag !== "unbound" && this.#state.tag !== "bound") return "invalid-state";
    if (!isUnicast(address) || !isRemote(address) || !matchesFamily(address, this.family)) return "invalid-argument";
    this.#outcome = this.#cx.policy.allows(address, "tcp-connect") ? this.#handle.connect(address) : "access-denied";
    this.#state = connecting;
    this.#await();
    return undefined;
  }

  /** Makes `readiness` wait for the connect. One that is over at once is announced by it, too. */
  #await(): void {
    this.readiness.watch(this.#outcome === "would-block" ? this.#handle.source : undefined, WRITABLE);
    this.readiness.confirm = () => this.#over();
  }

  /** Applies the outcome, if the connect is over. Returns whether it is. */
  #over(): boolean {
    if (this.#outcome === "would-block") this.#outcome = this.#handle.outcome();
    if (this.#outcome === "would-block") return false;
    this.readiness.confirm = undefined;
    this.readiness.markReady();
    if (this.#state === connecting) {
      this.#state = this.#outcome === undefined ? connected() : { tag: "closed", error: this.#outcome };
    } else if (this.#state === bound && this.#outcome !== undefined) {
      this.#state = unbound;
      this.#observed(this.#outcome, this.#wanted);
    }
    return true;
  }

  /** Tells of an address that is in use. Returns the error. */
  #observed(error: ErrorCode | undefined, address: IpSocketAddress | undefined): ErrorCode | undefined {
    if (error === "address-in-use" && address !== undefined) this.#cx.socketObserver?.addressInUse(address);
    return error;
  }

  /** Returns how the last bind or connect ended; `would-block` if it is under way. */
  outcome(): ErrorCode | undefined {
    if (this.#outcome === "would-block" && !this.#cx.poll.look(this.readiness)) return "would-block";
    this.#over();
    return this.#outcome;
  }

  /** Waits for the end of the last bind or connect. Returns how it ended. */
  ended(): Blocking<ErrorCode | undefined> {
    return retried(() => this.outcome(), this.readiness);
  }

  /** Returns the streams of a connected socket, the same ones each time. */
  streams(): TcpStreams {
    if (this.#state.tag !== "connected") throw new Error("the streams of a socket that is not connected");
    this.#state.streams ??= {
      input: new TcpInputStream(this.#handle, this.#cx.poll.streak),
      output: new OutputStream(this.#cx.poll, this.#handle, { permit: SOCKET_PERMIT, strict: true }),
    };
    return this.#state.streams;
  }

  /** Calls listen(2). A failure leaves the socket closed. */
  listen(): ErrorCode | undefined {
    if (this.#state.tag !== "bound") return "invalid-state";
    const error = this.#listen();
    this.#state =
      error === undefined
        ? { tag: "listening", acceptor: new Acceptor(this.#handle, this.#cx.policy, this.readiness) }
        : { tag: "closed", error: "unknown" };
    return error;
  }

  #listen(): ErrorCode | undefined {
    const local = this.#handle.localAddress();
    if (typeof local === "string") return local;
    if (!this.#cx.policy.allows(local, "tcp-listen")) return "access-denied";
    return this.#observed(this.#handle.listen(this.#backlog), local);
  }

  /** Makes the readiness of a listening socket hold only while there is a connection. */
  watchConnections(): void {
    if (this.#state.tag === "listening") this.#state.acceptor.watch();
  }

  /** Returns the next connection, as a connected socket. */
  accept(): TcpSocket | ErrorCode {
    if (this.#state.tag !== "listening") return "invalid-state";
    const handle = this.#state.acceptor.accept();
    if (typeof handle === "string") return handle;
    const socket = new TcpSocket(this.#cx, this.family, handle);
    socket.#state = connected();
    return socket;
  }

  /** Takes one direction of the connection. The caller is its only user, and must call `close` at the end. */
  take(how: ShutdownHow): TcpDirection | ErrorCode {
    if (this.#state.tag === "closed") return this.#state.error;
    if (this.#state.tag !== "connected" || this.#state[how]) return "invalid-state";
    this.#state[how] = true;
    this.share();
    return this.#handle;
  }

  /** Adds an owner, who must call `close`. */
  share(): void {
    this.#users++;
  }

  localAddress(): IpSocketAddress | ErrorCode {
    switch (this.#state.tag) {
      case "unbound":
      case "connecting":
        return "invalid-state";
      case "closed":
        return this.#state.error;
      default:
        return this.#handle.localAddress();
    }
  }

  remoteAddress(): IpSocketAddress | ErrorCode {
    switch (this.#state.tag) {
      case "connected":
        return this.#handle.remoteAddress();
      case "closed":
        return this.#state.error;
      default:
        return "invalid-state";
    }
  }

  get isUnbound(): boolean {
    return this.#state.tag === "unbound";
  }

  isListening(): boolean {
    return this.#state.tag === "listening";
  }

  /** @param size connections, any u64 as a number */
  setListenBacklogSize(size: number): ErrorCode | undefined {
    if (size === 0) return "invalid-argument";
    const backlog = Math.min(size, MAX_BACKLOG);
    switch (this.#state.tag) {
      case "unbound":
      case "bound":
        this.#backlog = backlog;
        return undefined;
      case "listening":
        if (this.#handle.listen(backlog) !== undefined) return "not-supported";
        this.#backlog = backlog;
        return undefined;
      case "closed":
        return this.#state.error;
      default:
        return "invalid-state";
    }
  }

  getOption(option: TcpOption): number | ErrorCode {
    return this.#optionsError() ?? this.#handle.getOption(option);
  }

  /** @param value In the option's unit: ns for durations, bytes for sizes, 0 or 1 for booleans */
  setOption(option: TcpOption, value: number): ErrorCode | undefined {
    const rule = optionRules[option];
    if (value === 0 && rule.zeroRefused === "before-state") return "invalid-argument";
    const error = this.#optionsError();
    if (error !== undefined) return error;
    if (value === 0 && rule.zeroRefused === "after-state") return "invalid-argument";
    return this.#handle.setOption(option, clamp(value, rule));
  }

  #optionsError(): ErrorCode | undefined {
    if (this.#state.tag === "connecting") return "invalid-state";
    return this.#state.tag === "closed" ? this.#state.error : undefined;
  }

  /** Shuts directions down. Idempotent, and allowed after the streams were dropped. */
  shutdown(how: ShutdownHow | "both"): ErrorCode | undefined {
    if (this.#state.tag !== "connected") return "invalid-state";
    const { input, output } = this.streams();
    if (how !== "send") {
      input.close();
      this.#handle.shutdown("receive");
    }
    if (how !== "receive") output.close(() => this.#handle.shutdown("send"));
    return undefined;
  }

  /**
   * Closes the socket when called by its last owner. A connection with streams is shut down first, so that its peer can read all
   * that was sent. close(2) alone would answer unread data with a reset, which discards it.
   */
  close(): void {
    if (--this.#users > 0 || this.#opened === undefined) return;
    if (this.#state.tag === "connected" && this.#state.streams !== undefined) this.#handle.shutdown("send");
    else if (this.#state.tag === "listening") this.#state.acceptor.close();
    this.#cx.poll.close(this.#opened);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
