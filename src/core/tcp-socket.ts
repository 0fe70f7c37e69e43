import {
  type ErrorCode,
  type IpAddressFamily,
  type IpSocketAddress,
  type ShutdownHow,
  type TcpHandle,
  type TcpOption,
  WRITABLE,
} from "../adapters/contract.ts";
import { Acceptor } from "./acceptor.ts";
import { isRemote, isUnicast, matchesFamily } from "./address.ts";
import { Condition } from "./condition.ts";
import { InputStream } from "./input-stream.ts";
import { OutputStream, SOCKET_PERMIT } from "./output-stream.ts";
import type { Blocking } from "./poll.ts";
import { Pollable } from "./pollable.ts";
import { Resource } from "./resource.ts";
import type { SocketContext } from "./socket-context.ts";
import { clamp, optionRules } from "./socket-options.ts";

type State =
  /** Fresh, or a bind failed: may bind, may connect. */
  | { readonly tag: "unbound" }
  /** Has a local address: may listen, may connect. */
  | { readonly tag: "bound" }
  /** A connect is under way, for all that the guest has been told. */
  | { readonly tag: "connecting" }
  /** It was told, by the socket's pollable, that the connect is over, and has not asked for the streams. */
  | { readonly tag: "established" }
  /** listen(2) has succeeded. */
  | { readonly tag: "listening"; readonly acceptor: Acceptor }
  /** Has its two streams, for as long as it lives: they may be shut down or dropped. */
  | { readonly tag: "connected"; readonly input: InputStream; readonly output: OutputStream }
  /** A connect or listen failed; its error is what getters and options answer. finish-connect may still have to tell it. */
  | { readonly tag: "closed"; readonly error: ErrorCode };

/** The first half of a two-phase operation was called, the second not yet. */
type Operation = "bind" | "connect" | "listen";

/** A connected socket and its streams, as finish-connect and accept give them. */
export interface TcpConnection {
  readonly input: InputStream;
  readonly output: OutputStream;
}

const unbound: State = { tag: "unbound" };
const bound: State = { tag: "bound" };
const connecting: State = { tag: "connecting" };
const established: State = { tag: "established" };

const DEFAULT_BACKLOG = 128;
const MAX_BACKLOG = 0x7fffffff;

/**
 * `wasi:sockets/tcp.tcp-socket`, with wasmtime's state machine (crates/wasi/src/p2/tcp.rs). What each call does in each state;
 * a call with an operation of another kind in progress is concurrency-conflict for start-*, not-in-progress for finish-*:
 *
 * | call            | unbound         | bound           | connecting    | listening       | connected     | closed(e)     |
 * |-----------------|-----------------|-----------------|---------------|-----------------|---------------|---------------|
 * | start-bind      | bind(2) -> bound| invalid-state   | conflict      | invalid-state   | invalid-state | invalid-state |
 * | finish-bind     | not-in-progress | ok once; would-block, or its error -> unbound, where bind(2) takes time | ... |
 * | start-connect   | -> connecting   | -> connecting   | conflict      | invalid-state   | invalid-state | invalid-state |
 * | finish-connect  | not-in-progress | not-in-progress | -> connected / closed(e), would-block | not-in-progress | ... | ... |
 * | start-listen    | invalid-state   | -> listening    | conflict      | invalid-state   | invalid-state | invalid-state |
 * | accept          | invalid-state   | invalid-state   | invalid-state | a connection    | invalid-state | invalid-state |
 * | local-address   | invalid-state   | getsockname     | invalid-state | getsockname     | getsockname   | e             |
 * | remote-address  | invalid-state   | invalid-state   | invalid-state | invalid-state   | getpeername   | e             |
 * | options         | ok              | ok              | invalid-state | ok              | ok            | e             |
 * | backlog size    | kept            | kept            | invalid-state | listen(2) again | invalid-state | e             |
 * | shutdown        | invalid-state   | invalid-state   | invalid-state | invalid-state   | ok            | invalid-state |
 * | subscribe: ready| always          | always          | when over     | a connection (*)| always        | always        |
 *
 * From when its pollable has told that a connect is over until finish-connect, the socket is established or closed(e) and the
 * connect still in progress: getters and options as in connected, the rest as in connecting.
 *
 * (*) With a listen in progress always, as with a bind in progress, unless bind(2) takes time: then when it is over.
 *
 * No call waits. Methods answer an error code, or their result (undefined for none).
 */
export class TcpSocket extends Resource {
  readonly family: IpAddressFamily;
  readonly #cx: SocketContext;
  readonly #handle: TcpHandle;
  readonly #readiness = Condition.ready();
  #state: State = unbound;
  #operation: Operation | undefined;
  /** What starting the operation came to; would-block: the handle is asked when it is ready. */
  #outcome: ErrorCode | undefined;
  #backlog = DEFAULT_BACKLOG;

  constructor(cx: SocketContext, family: IpAddressFamily, handle: TcpHandle) {
    super();
    this.#cx = cx;
    this.family = family;
    this.#handle = handle;
    cx.poll.opened(handle);
  }

  static create(cx: SocketContext, family: IpAddressFamily): TcpSocket | ErrorCode {
    if (!cx.policy.tcp) return "access-denied";
    const handle = cx.machine.net.createTcpSocket(family);
    return typeof handle === "string" ? handle : new TcpSocket(cx, family, handle);
  }

  startBind(address: IpSocketAddress): ErrorCode | undefined {
    if (this.#operation !== undefined) return "concurrency-conflict";
    if (this.#state.tag !== "unbound") return "invalid-state";
    if (!isUnicast(address) || !matchesFamily(address, this.family)) return "invalid-argument";
    if (!this.#cx.policy.allows(address, "tcp-bind")) return "access-denied";
    const outcome = this.#handle.bind(address);
    if (outcome !== undefined && outcome !== "would-block") return outcome;
    this.#state = bound;
    this.#begin("bind", outcome);
    return undefined;
  }

  /** start-bind where bind(2) may take time: guests ask for the address right after it, and do not expect finish-bind to wait. */
  *blockingStartBind(address: IpSocketAddress): Blocking<ErrorCode | undefined> {
    const error = this.startBind(address);
    if (error !== undefined) return error;
    while (this.#outcome === "would-block") yield this.#readiness;
    return this.#outcome === undefined ? undefined : this.finishBind();
  }

  finishBind(): ErrorCode | undefined {
    if (this.#operation !== "bind") return "not-in-progress";
    const error = this.#conclude();
    if (error !== undefined && error !== "would-block") this.#state = unbound;
    return error;
  }

  #begin(operation: Operation, outcome: ErrorCode | undefined): void {
    this.#operation = operation;
    this.#outcome = outcome;
    // Of a connect the guest is told by the pollable even where it is over at once.
    if (outcome !== "would-block" && operation !== "connect") return;
    this.#readiness.watch(outcome === "would-block" ? this.#handle.source : undefined, WRITABLE);
    this.#readiness.confirm = () => this.#over();
  }

  /** Takes in the outcome of what is over. */
  #over(): boolean {
    if (this.#outcome === "would-block") this.#outcome = this.#handle.outcome();
    if (this.#outcome === "would-block") return false;
    this.#readiness.confirm = undefined;
    this.#readiness.settle();
    if (this.#state === connecting) {
      this.#state = this.#outcome === undefined ? established : { tag: "closed", error: this.#outcome };
    }
    return true;
  }

  /** How the operation has ended, unless it is `would-block`. */
  #conclude(): ErrorCode | undefined {
    if (this.#outcome === "would-block" && !this.#cx.poll.look(this.#readiness)) return "would-block";
    this.#over();
    this.#operation = undefined;
    return this.#outcome;
  }

  /** Failures of the connect itself, a refused policy among them, are finish-connect's to report. */
  startConnect(address: IpSocketAddress): ErrorCode | undefined {
    if (this.#operation !== undefined) return "concurrency-conflict";
    if (this.#state.tag !== "unbound" && this.#state.tag !== "bound") return "invalid-state";
    if (!isUnicast(address) || !isRemote(address) || !matchesFamily(address, this.family)) return "invalid-argument";
    this.#begin("connect", this.#connect(address));
    this.#state = connecting;
    return undefined;
  }

  #connect(address: IpSocketAddress): ErrorCode | undefined {
    if (!this.#cx.policy.allows(address, "tcp-connect")) return "access-denied";
    return this.#handle.connect(address);
  }

  finishConnect(): TcpConnection | ErrorCode {
    if (this.#operation !== "connect") return "not-in-progress";
    return this.#conclude() ?? this.#connected();
  }

  #connected(): TcpConnection {
    const input = new InputStream(this.#handle, this);
    const output = new OutputStream(this.#cx.poll, this.#handle, { permit: SOCKET_PERMIT, strict: true }, this);
    this.#state = { tag: "connected", input, output };
    return this.#state;
  }

  /** listen(2) is called here; a failure leaves the socket closed. */
  startListen(): ErrorCode | undefined {
    if (this.#operation !== undefined) return "concurrency-conflict";
    if (this.#state.tag !== "bound") return "invalid-state";
    const error = this.#listen();
    if (error !== undefined) {
      this.#state = { tag: "closed", error: "unknown" };
      return error;
    }
    this.#state = { tag: "listening", acceptor: new Acceptor(this.#handle, this.#cx.policy, this.#readiness) };
    this.#operation = "listen";
    return undefined;
  }

  #listen(): ErrorCode | undefined {
    const local = this.#handle.localAddress();
    if (typeof local === "string") return local;
    if (!this.#cx.policy.allows(local, "tcp-listen")) return "access-denied";
    return this.#handle.listen(this.#backlog);
  }

  finishListen(): ErrorCode | undefined {
    if (this.#operation !== "listen" || this.#state.tag !== "listening") return "not-in-progress";
    this.#operation = undefined;
    this.#state.acceptor.watch();
    return undefined;
  }

  accept(): readonly [TcpSocket, TcpConnection] | ErrorCode {
    if (this.#state.tag !== "listening") return "invalid-state";
    const handle = this.#state.acceptor.accept();
    if (typeof handle === "string") return handle;
    const socket = new TcpSocket(this.#cx, this.family, handle);
    return [socket, socket.#connected()];
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
      case "established":
      case "connected":
        return this.#handle.remoteAddress();
      case "closed":
        return this.#state.error;
      default:
        return "invalid-state";
    }
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

  /** @param value in the option's unit: ns for durations, bytes for sizes; booleans are 0 and 1 */
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

  subscribe(): Pollable {
    return new Pollable(this.#readiness, this.#cx.poll.now(), this);
  }

  /** Idempotent, and allowed after the streams were dropped. */
  shutdown(how: ShutdownHow | "both"): ErrorCode | undefined {
    const state = this.#state;
    if (state.tag !== "connected") return "invalid-state";
    if (how !== "send") {
      state.input.close();
      this.#handle.shutdown("receive");
    }
    if (how !== "receive") state.output.close(() => this.#handle.shutdown("send"));
    return undefined;
  }

  /**
   * A connection is shut down before it is closed: its peer then reads to the end of what was sent, where close(2) alone would
   * answer what the guest has not read with a reset, which discards it.
   */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    if (this.#state.tag === "connected") this.#handle.shutdown("send");
    else if (this.#state.tag === "listening") this.#state.acceptor.close();
    this.#cx.poll.close(this.#handle);
  }
}
