import type { ErrorCode } from "../../../machine/error-code.ts";
import { READABLE } from "../../../machine/selector.ts";
import {
  type OpenTls,
  TLS_START_NS,
  type TlsChannel,
  type TlsCommand,
  type TlsEvent,
  tlsWeight,
} from "../../../machine/tls.ts";
import { Alarm } from "../../wait/alarm.ts";
import type { Background } from "../../wait/background.ts";
import { after } from "../../wait/deadline.ts";
import type { Poll } from "../../wait/poll.ts";
import type { Transport } from "../transport.ts";

/** The most bytes of one connection that wait to be sent. */
const MAX_UNSENT = 262_144;

/** The number of received bytes after which the other side is told that they were taken. */
const TAKEN = 65_536;

/** The outcome of connecting. */
export type TlsOutcome = "secured" | "refused" | "insecure";

/**
 * The guest's end of the channel to the TLS implementation. The first connection opens it. Its events are taken in any look, but
 * each connection is told of them only in a wait: no callback is called from within a call of its owner.
 */
export class TlsClient implements Background {
  readonly interest = READABLE;
  readonly buffer: Uint8Array;
  readonly #poll: Poll;
  readonly #open: OpenTls;
  readonly #connections = new Map<number, TlsTransport>();
  /** Connections that are to be told of events. */
  readonly #changed = new Set<TlsTransport>();
  readonly #soon: Alarm;
  readonly #late: Alarm;
  #channel: TlsChannel | undefined;
  #last = 0;

  /** @param buffer The machine's, which `receive` fills */
  constructor(poll: Poll, buffer: Uint8Array, open: OpenTls) {
    this.#poll = poll;
    this.buffer = buffer;
    this.#open = open;
    this.#soon = new Alarm(poll, () => this.#tell());
    this.#late = new Alarm(poll, () => this.take());
  }

  get source(): TlsChannel["source"] {
    if (this.#channel === undefined) throw new Error("a wait for a channel that is closed");
    return this.#channel.source;
  }

  /** @param over Called once with the outcome, in a later wait */
  connect(
    to: { readonly address: string; readonly port: number; readonly serverName: string },
    over: (outcome: TlsOutcome) => void,
  ): TlsTransport | ErrorCode {
    if (this.#channel?.broken) this.#giveUp(this.#channel);
    if (this.#channel === undefined) {
      const channel = this.#open();
      if (typeof channel === "string") return channel;
      this.#channel = channel;
      this.#poll.opened(channel);
      this.#poll.begin(this);
      this.#late.set(after(this.#poll.now(), TLS_START_NS));
    }
    const id = ++this.#last;
    const connection = new TlsTransport(this, id, over);
    this.#connections.set(id, connection);
    this.#channel.post({ type: "connect", id, ...to });
    return connection;
  }

  post(command: TlsCommand): void {
    this.#channel?.post(command);
  }

  forget(connection: TlsTransport, id: number): void {
    this.#connections.delete(id);
    this.#changed.delete(connection);
  }

  /** Takes events from the channel, and arranges that connections are told. */
  take(): void {
    for (let event = this.#channel?.receive(); event !== undefined; event = this.#channel?.receive()) {
      const connection = this.#connections.get(event.id);
      connection?.on(event);
      if (connection !== undefined) this.changed(connection);
    }
    if (this.#channel?.broken) this.#giveUp(this.#channel);
  }

  changed(connection: TlsTransport): void {
    this.#changed.add(connection);
    this.#soon.set(0);
  }

  /** Called when the channel's source has fired. Returns false: the work lasts as long as the channel. */
  advance(): boolean {
    this.#channel?.clear();
    this.take();
    this.#tell();
    return false;
  }

  #tell(): void {
    this.#soon.clear();
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const connection of changed) connection.tell();
  }

  /** Fails all connections of the channel. The next connection opens another. */
  #giveUp(channel: TlsChannel): void {
    this.#poll.end(this);
    this.#channel = undefined;
    this.#late.clear();
    this.#poll.close(channel);
    for (const connection of this.#connections.values()) {
      connection.break();
      this.changed(connection);
    }
    this.#connections.clear();
  }
}

/** A TLS connection, once it is made or before. */
export class TlsTransport implements Transport {
  readonly source = undefined;
  arrived: (() => void) | undefined;
  readonly #client: TlsClient;
  readonly #id: number;
  #over: ((outcome: TlsOutcome) => void) | undefined;
  #outcome: TlsOutcome | undefined;
  readonly #pieces: Uint8Array[] = [];
  /** The number of bytes that the first piece had at first. */
  #whole = 0;
  #unsent = 0;
  /** The number of received bytes that the other side has not been told of yet. */
  #taken = 0;
  #ended = false;
  #broken = false;

  constructor(client: TlsClient, id: number, over: (outcome: TlsOutcome) => void) {
    this.#client = client;
    this.#id = id;
    this.#over = over;
  }

  on(event: TlsEvent): void {
    switch (event.type) {
      case "secured":
        this.#outcome = "secured";
        break;
      case "data":
        this.#pieces.push(new Uint8Array(event.bytes));
        if (this.#pieces.length === 1) this.#whole = event.bytes.byteLength;
        break;
      case "written":
        this.#unsent -= event.length;
        break;
      case "end":
        this.#ended = true;
        break;
      default:
        this.#broken = true;
        if (event.stage !== "broken") this.#outcome ??= event.stage;
    }
  }

  /** Ends the receiving side. */
  break(): void {
    this.#broken = true;
    this.#outcome ??= "insecure";
  }

  /** Tells the owner of events. */
  tell(): void {
    const over = this.#over;
    if (over !== undefined && this.#outcome !== undefined) {
      this.#over = undefined;
      over(this.#outcome);
    }
    this.arrived?.();
  }

  again(): void {
    if (this.#pieces.length > 0) this.#client.changed(this);
  }

  receive(max: number): number | ErrorCode {
    if (this.#pieces.length === 0) this.#client.take();
    const [piece] = this.#pieces;
    if (piece === undefined) return this.#ended ? 0 : this.#broken ? "connection-reset" : "would-block";
    const part = piece.subarray(0, max);
    this.#client.buffer.set(part);
    if (part.length < piece.length) this.#pieces[0] = piece.subarray(part.length);
    else this.#shift();
    return part.length;
  }

  #shift(): void {
    this.#taken += tlsWeight(this.#whole);
    this.#pieces.shift();
    this.#whole = this.#pieces[0]?.length ?? 0;
    if (this.#taken < TAKEN) return;
    this.#client.post({ type: "taken", id: this.#id, length: this.#taken });
    this.#taken = 0;
  }

  send(bytes: Uint8Array, start = 0, end = bytes.length): number | ErrorCode | "broken-pipe" {
    if (this.#unsent >= MAX_UNSENT) this.#client.take();
    if (this.#broken) return "broken-pipe";
    if (this.#unsent >= MAX_UNSENT) return "would-block";
    const piece = bytes.slice(start, end);
    this.#unsent += piece.length;
    this.#client.post({ type: "write", id: this.#id, bytes: piece.buffer });
    return end - start;
  }

  close(flush: boolean): void {
    this.#over = undefined;
    this.arrived = undefined;
    this.#client.forget(this, this.#id);
    this.#client.post({ type: "close", id: this.#id, flush: flush && this.#unsent > 0 });
  }
}
