import type { ErrorCode } from "../../machine/error-code.ts";
import { READABLE, type Source } from "../../machine/selector.ts";
import type { OpenTls, TlsChannel, TlsCommand, TlsEvent } from "../../machine/tls.ts";
import type { Poll } from "../wait/poll.ts";
import type { Transport } from "./transport.ts";

/** Bytes of one connection that wait to be sent, at most. */
const MAX_UNSENT = 262_144;

/** What was received is told in pieces of so many bytes. */
const TAKEN = 65_536;

/** How the making of a connection has ended. */
export type TlsOutcome = "secured" | "refused" | "insecure";

/** The guest's end of the channel to whoever does TLS, which is opened with the first connection. */
export class TlsClient {
  readonly buffer: Uint8Array;
  readonly #poll: Poll;
  readonly #open: OpenTls;
  readonly #connections = new Map<number, TlsTransport>();
  #channel: TlsChannel | undefined;
  #last = 0;

  /** @param buffer The machine's, that `receive` fills */
  constructor(poll: Poll, buffer: Uint8Array, open: OpenTls) {
    this.#poll = poll;
    this.buffer = buffer;
    this.#open = open;
  }

  /** @param over Called once, in some later wait, with what it came to */
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
    }
    const id = ++this.#last;
    const connection = new TlsTransport(this, this.#channel.source, id, over);
    this.#connections.set(id, connection);
    this.#channel.post({ type: "connect", id, ...to });
    return connection;
  }

  post(command: TlsCommand): void {
    this.#channel?.post(command);
  }

  forget(id: number): void {
    this.#connections.delete(id);
  }

  /** Takes in what has happened. */
  pump(): void {
    for (let event = this.#channel?.receive(); event !== undefined; event = this.#channel?.receive()) {
      this.#connections.get(event.id)?.on(event);
    }
    if (this.#channel?.broken) this.#giveUp(this.#channel);
  }

  /** All that goes by the channel has failed; the next connection has another. */
  #giveUp(channel: TlsChannel): void {
    this.#channel = undefined;
    this.#poll.close(channel);
    for (const connection of [...this.#connections.values()]) connection.break();
    this.#connections.clear();
  }
}

/** A connection that is secured, or about to be. */
export class TlsTransport implements Transport {
  readonly source: Source;
  readonly room = READABLE;
  arrived: (() => void) | undefined;
  readonly #client: TlsClient;
  readonly #id: number;
  #over: ((outcome: TlsOutcome) => void) | undefined;
  readonly #pieces: Uint8Array[] = [];
  #unsent = 0;
  /** Bytes that were received, of which the other side was not told yet. */
  #taken = 0;
  #ended = false;
  #broken = false;

  constructor(client: TlsClient, source: Source, id: number, over: (outcome: TlsOutcome) => void) {
    this.#client = client;
    this.source = source;
    this.#id = id;
    this.#over = over;
  }

  /** Takes in what has happened, to this connection and others of the client's. */
  pump(): void {
    this.#client.pump();
  }

  on(event: TlsEvent): void {
    switch (event.type) {
      case "secured":
        this.#tell("secured");
        break;
      case "data":
        this.#pieces.push(new Uint8Array(event.bytes));
        break;
      case "written":
        this.#unsent -= event.length;
        break;
      case "end":
        this.#ended = true;
        break;
      default:
        this.#broken = true;
        if (event.stage !== "broken") this.#tell(event.stage);
    }
    this.arrived?.();
  }

  /** Nothing comes any more. */
  break(): void {
    this.#broken = true;
    this.#tell("insecure");
    this.arrived?.();
  }

  #tell(outcome: TlsOutcome): void {
    const over = this.#over;
    this.#over = undefined;
    over?.(outcome);
  }

  receive(max: number): number | ErrorCode {
    this.#client.pump();
    const [piece] = this.#pieces;
    if (piece === undefined) return this.#broken ? "connection-reset" : this.#ended ? 0 : "would-block";
    const part = piece.subarray(0, max);
    this.#client.buffer.set(part);
    if (part.length === piece.length) this.#pieces.shift();
    else this.#pieces[0] = piece.subarray(part.length);
    this.#taken += part.length;
    if (this.#taken >= TAKEN) {
      this.#client.post({ type: "taken", id: this.#id, length: this.#taken });
      this.#taken = 0;
    }
    return part.length;
  }

  send(bytes: Uint8Array, start = 0, end = bytes.length): number | ErrorCode | "broken-pipe" {
    this.#client.pump();
    if (this.#broken) return "broken-pipe";
    if (this.#unsent >= MAX_UNSENT) return "would-block";
    const piece = bytes.slice(start, end);
    this.#unsent += piece.length;
    this.#client.post({ type: "write", id: this.#id, bytes: piece.buffer });
    return end - start;
  }

  close(): void {
    this.#over = undefined;
    this.#client.forget(this.#id);
    this.#client.post({ type: "close", id: this.#id });
  }
}
