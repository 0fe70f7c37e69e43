import type { Source } from "../../machine/selector.ts";
import { READABLE } from "../../machine/selector.ts";
import type { ByteSource } from "../../machine/streams.ts";
import type { Condition } from "../wait/condition.ts";
import type { Poll } from "../wait/poll.ts";
import { type BodyDecoder, decoderFor, type Framing } from "./body-framing.ts";

/** The most that is received at once, bytes: the machine's buffer. */
const RECEIVE = 65_536;

/** How often one look receives: a peer that is faster than whoever reads must not keep the thread. */
export const TURNS = 16;

const nothing: Uint8Array = new Uint8Array();

/** A connection, as far as its bytes come in. */
export interface BodyInput extends ByteSource {
  /** READABLE when there may be something to receive; undefined: whoever has the reader calls `arrived`. */
  readonly source: Source | undefined;
  /** Not all that had come was received: it is to be looked at again in the next wait. */
  again(): void;
}

/** Is told how the body goes on; never from within a call of its own, save `receive`, `discard` and `arrived`. */
export interface BodyOwner {
  /** So many bytes, with their framing, have come. */
  progressed(count: number): void;
  /** It is complete. `rest` has what came behind it. */
  complete(): void;
  /** It is broken, or the connection ended before it did. */
  broken(): void;
}

/** The body of a message that comes in: takes its framing off. Bytes are received when somebody asks or waits for them. */
export class BodyReader {
  readonly #poll: Poll;
  readonly #buffer: Uint8Array;
  readonly #decoder: BodyDecoder;
  readonly #owner: BodyOwner;
  #input: BodyInput | undefined;
  /** Bytes that came with the head, or were too many for a read; behind the body, when that is over. */
  rest: Uint8Array;
  /** Body that was decoded before anybody read it. */
  #decoded = nothing;
  /** The readiness of the body's stream, while there is one. */
  #readable: Condition | undefined;
  /** Nothing of it comes any more. */
  over = false;
  discards = false;

  /** @param buffer The machine's, which the input fills */
  constructor(poll: Poll, buffer: Uint8Array, input: BodyInput, framing: Framing, rest: Uint8Array, owner: BodyOwner) {
    this.#poll = poll;
    this.#buffer = buffer;
    this.#input = input;
    this.#decoder = decoderFor(framing);
    this.#owner = owner;
    this.rest = rest;
  }

  /** The body is complete as it is: it is empty, by its framing. */
  get empty(): boolean {
    return this.#decoder.done;
  }

  get trailers(): BodyDecoder["trailers"] {
    return this.#decoder.trailers;
  }

  /** Whether somebody waits for more of it. */
  get awaited(): boolean {
    return !this.over && (this.discards || this.#readable?.waiters !== undefined);
  }

  /** The body's stream has this readiness from now on. */
  read(readable: Condition): void {
    this.#readable = readable;
    // Not all that comes is body: sizes, extensions, trailers.
    if (!this.#decoder.plain) readable.confirm = () => this.holds();
    this.#await();
  }

  #await(): void {
    const readable = this.#readable;
    if (readable === undefined) return;
    const source = this.#input?.source;
    if (this.over || this.#decoded.length > 0 || this.rest.length > 0) readable.markReady();
    else if (source === undefined) readable.markPending();
    else readable.watch(source, READABLE);
    this.#input?.again();
  }

  /** Something has come, where no source tells of it, or nobody may be waiting for that. Returns whether a read would go on. */
  arrived(): boolean {
    if (this.discards) {
      this.#passOver();
      return false;
    }
    return this.#readable !== undefined && this.holds();
  }

  /**
   * Whether a read would answer something: bytes, which are kept for it, or the end. The readiness holds from then on: nothing more
   * may come at the source, and whoever has asked may not be whoever reads.
   */
  holds(): boolean {
    if (this.over || this.#decoded.length > 0) return true;
    const count = this.#decode(RECEIVE);
    if (count === "would-block") return false;
    this.#decoded = this.#buffer.slice(0, count);
    this.#readable?.markReady();
    return true;
  }

  /** Puts up to `max` bytes of the body at the start of the machine's buffer; 0: it has ended, or is broken. */
  receive(max: number): number | "would-block" {
    this.#poll.streak.end();
    if (this.#decoded.length === 0) {
      const count = this.#decode(max);
      if (count !== 0) this.#await();
      return count;
    }
    const part = this.#decoded.subarray(0, max);
    this.#buffer.set(part);
    this.#decoded = this.#decoded.subarray(part.length);
    this.#await();
    return part.length;
  }

  /** As `receive`, of what has come since. */
  #decode(max: number): number | "would-block" {
    const decoder = this.#decoder;
    for (let turn = 0; !this.over; turn++) {
      const input = this.rest.length > 0 ? this.rest : turn === TURNS ? "would-block" : this.#receive(max);
      if (input === undefined) break;
      if (typeof input === "string") return input;
      const count = decoder.decode(input, this.#buffer, max);
      if (decoder.broken) {
        this.#end();
        this.#owner.broken();
        return count;
      }
      const left = input.subarray(decoder.consumed);
      this.rest = left.length > 0 && input.buffer === this.#buffer.buffer ? left.slice() : left;
      if (decoder.done) this.#complete();
      if (count > 0) return count;
    }
    return 0;
  }

  /** Receives some of the body, still framed; undefined: it ends here. */
  #receive(max: number): Uint8Array | "would-block" | undefined {
    const count = this.#input?.receive(Math.min(max, RECEIVE)) ?? 0;
    if (count === "would-block") return count;
    if (typeof count === "number" && count > 0) {
      this.#owner.progressed(count);
      return this.#buffer.subarray(0, count);
    }
    if (count === 0 && this.#decoder.end()) {
      this.#complete();
    } else {
      this.#end();
      this.#owner.broken();
    }
    return undefined;
  }

  #complete(): void {
    this.#end();
    this.#owner.complete();
  }

  #end(): void {
    this.over = true;
    this.#readable?.markReady();
  }

  /** Nobody reads the rest: what matters are the trailers. */
  discard(): void {
    this.discards = true;
    this.#readable = undefined;
    this.#passOver();
  }

  #passOver(): void {
    this.#decoded = nothing;
    for (let turn = 0; !this.over && turn < TURNS; turn++) if (this.#decode(RECEIVE) === "would-block") return;
    if (!this.over) this.#input?.again();
  }

  /** Nothing is received any more; whoever waits for more finds the end. */
  stop(): void {
    this.#input = undefined;
    this.#end();
  }
}
