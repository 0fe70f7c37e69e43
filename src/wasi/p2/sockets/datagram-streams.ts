import { mayWait } from "../../../component/host.ts";
import type { DatagramReceiver, DatagramSender, ReceivedDatagram } from "../../../core/sockets/datagrams.ts";
import type { SocketContext } from "../../../core/sockets/socket-context.ts";
import type { Background } from "../../../core/wait/background.ts";
import { Condition } from "../../../core/wait/condition.ts";
import { Trap } from "../../../core/wait/errors.ts";
import type { Blocking } from "../../../core/wait/poll.ts";
import type { Waiting } from "../../../core/wait/waiting.ts";
import type { IpSocketAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import { type Source, WRITABLE } from "../../../machine/selector.ts";
import { Pollable } from "../io/pollable.ts";
import { WasiResource } from "../io/resource.ts";

/** `wasi:sockets/udp.outgoing-datagram` */
export interface OutgoingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress | undefined;
}

/** The most datagrams that one receive returns, or one check-send permits. */
const MAX_DATAGRAMS = 16;

/** A receive stops when its datagrams, with one byte added for each, reach this size, bytes. */
const MAX_RECEIVE_BYTES = 65536;

/** `wasi:sockets/udp.incoming-datagram-stream` */
export class IncomingDatagramStream extends WasiResource {
  readonly #cx: SocketContext;
  readonly #receiver: DatagramReceiver;

  constructor(cx: SocketContext, receiver: DatagramReceiver, parent: WasiResource) {
    super(parent);
    this.#cx = cx;
    this.#receiver = receiver;
  }

  /**
   * Returns up to `max` datagrams. An empty list, never would-block, means that none has arrived. An error is returned
   * only if no datagram came before it.
   */
  receive(max: number): readonly ReceivedDatagram[] | ErrorCode {
    const datagrams: ReceivedDatagram[] = [];
    const limit = Math.min(max, MAX_DATAGRAMS);
    let sum = 0;
    while (datagrams.length < limit && sum < MAX_RECEIVE_BYTES) {
      const next = this.#receiver.take();
      if (next === "would-block" || (typeof next === "string" && datagrams.length > 0)) break;
      if (typeof next === "string") return next;
      datagrams.push(next);
      sum += next.data.length + 1;
    }
    return datagrams;
  }

  subscribe(): Pollable {
    return new Pollable(this.#receiver.readiness, this.#cx.poll.now(), this);
  }
}

/**
 * `wasi:sockets/udp.outgoing-datagram-stream`. At most one accepted datagram waits for room in the kernel's buffers.
 */
export class OutgoingDatagramStream extends WasiResource implements Background {
  /** Dropping it waits until its last datagram is sent. */
  static readonly [mayWait] = true;
  readonly #cx: SocketContext;
  readonly #sender: DatagramSender;
  readonly #readiness = Condition.ready();
  #permit = 0;
  #pending: OutgoingDatagram | undefined;
  #pendingError: ErrorCode | undefined;

  constructor(cx: SocketContext, sender: DatagramSender, parent: WasiResource) {
    super(parent);
    this.#cx = cx;
    this.#sender = sender;
  }

  get interest(): number {
    return WRITABLE;
  }

  get source(): Source {
    return this.#sender.source;
  }

  /** Returns how many datagrams the next send may have, and permits that many. */
  checkSend(): number {
    if (this.#pending !== undefined) this.#cx.poll.advance(this);
    this.#permit = this.#pending === undefined ? MAX_DATAGRAMS : 0;
    return this.#permit;
  }

  /**
   * Sends datagrams in order. Returns how many were accepted; the first one that is not ends the call. Its error is
   * returned if none was accepted before it.
   *
   * @throws Trap for more datagrams than check-send permitted
   */
  send(datagrams: readonly OutgoingDatagram[]): number | ErrorCode {
    if (datagrams.length === 0) return 0;
    if (datagrams.length > this.#permit) throw new Trap("unpermitted: argument exceeds permitted size");
    this.#permit = 0;
    let accepted = 0;
    for (const datagram of datagrams) {
      const error = this.#sendOne(datagram);
      if (error !== undefined) return accepted > 0 ? accepted : error;
      accepted++;
      if (this.#pending !== undefined) break;
    }
    return accepted;
  }

  #sendOne({ data, remoteAddress }: OutgoingDatagram): ErrorCode | undefined {
    if (this.#pendingError !== undefined) {
      const error = this.#pendingError;
      this.#pendingError = undefined;
      return error;
    }
    const error = this.#sender.send(data, remoteAddress);
    if (error !== "would-block") return error;
    this.#pending = { data: data.slice(), remoteAddress };
    this.#cx.poll.addDraining(this, this.#readiness);
    return undefined;
  }

  advance(): boolean {
    if (this.#pending === undefined) return true;
    const error = this.#sender.send(this.#pending.data, this.#pending.remoteAddress);
    if (error === "would-block") return false;
    this.#pending = undefined;
    this.#pendingError = error;
    this.#readiness.markReady();
    return true;
  }

  subscribe(): Pollable {
    return new Pollable(this.#readiness, this.#cx.poll.now(), this);
  }

  /** Drops it and waits until the pending datagram is sent. */
  override [Symbol.dispose](): Waiting<void> {
    super[Symbol.dispose]();
    return this.#cx.poll.run(this.#drained());
  }

  *#drained(): Blocking<void> {
    while (this.#pending !== undefined) yield this.#readiness;
  }
}
