import type { Source } from "../../machine/selector.ts";
import { READABLE } from "../../machine/selector.ts";
import type { ByteSource } from "../../machine/streams.ts";
import type { Condition } from "../wait/condition.ts";
import type { Poll } from "../wait/poll.ts";
import { type BodyDecoder, decoderFor, type Framing } from "./body-framing.ts";

/** The most bytes that are received at once: the size of the machine's buffer. */
const RECEIVE = 65_536;

/** The most receives of one look: a peer that is faster than the reader must not keep the thread. */
export const TURNS = 16;

const nothing: Uint8Array = new Uint8Array();

/** The receiving side of a connection. */
export interface BodyInput extends ByteSource {
  /** READABLE when bytes may have arrived; undefined if the reader's owner calls `arrived`. */
  readonly source: Source | undefined;
  /** Called when not all available bytes were received: the next wait must look again. */
  again(): void;
}

/** Follows the progress of a body. Never called from within other calls than `receive`, `discard` and `arrived`. */
export interface BodyOwner {
  /** Bytes have arrived. `count` includes the framing. */
  progressed(count: number): void;
  /** The body is complete. `rest` has the bytes that came after it. */
  complete(): void;
  /** The body is broken, or the connection ended before it did. */
  broken(): void;
}

/** The body of an incoming message, without its framing. Bytes are received when a reader asks or waits for them. */
export class BodyReader {
  readonly #poll: Poll;
  readonly #buffer: Uint8Array;
  readonly #decoder: BodyDecoder;
  readonly #owner: BodyOwner;
  #input: BodyInput | undefined;
  /** Bytes that came with the head, or were too many for a read. After the end of the body: the bytes that follow it. */
  rest: Uint8Array;
  /** Body bytes that were decoded before a read. */
  #decoded = nothing;
  /** The readiness of the body's stream, while there is one. */
  #readable: Condition | undefined;
  /** Whether no more of the body will come. */
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

  /** Whether the body is empty by its framing, so that it is complete at once. */
  get empty(): boolean {
    return this.#decoder.done;
  }

  get trailers(): BodyDecoder["trailers"] {
    return this.#decoder.trailers;
  }

  /** Whether a reader waits for more of it. */
  get awaited(): boolean {
    return !this.over && (this.discards || this.#readable?.waiters !== undefined);
  }

  /** Sets the readiness of the body's stream. */
  read(readable: Condition): void {
    this.#readable = readable;
    // Arriving bytes may be framing only: sizes, extensions, trailers.
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

  /**
   * Called when bytes have arrived, if no source tells, or no reader may wait for it. Returns whether a read would return
   * something.
   */
  arrived(): boolean {
    if (this.discards) {
      this.#passOver();
      return false;
    }
    return this.#readable !== undefined && this.holds();
  }

  /**
   * Whether a read would return bytes or the end. Bytes are kept for it. The readiness holds from then on: nothing more may arrive
   * at the source, and the caller may not be the reader.
   */
  holds(): boolean {
    if (this.over || this.#decoded.length > 0) return true;
    const count = this.#decode(RECEIVE);
    if (count === "would-block") return false;
    this.#decoded = this.#buffer.slice(0, count);
    this.#readable?.markReady();
    return true;
  }

  /**
   * Puts up to `max` bytes of the body at the start of the machine's buffer. Returns their number; 0 if it has ended or is broken.
   */
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

  /** As `receive`, from the bytes at hand. */
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

  /** Receives bytes with their framing; undefined if the connection has ended. */
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

  /** Skips the rest of the body, for its trailers. */
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

  /** Stops receiving. A waiting reader finds the end. */
  stop(): void {
    this.#input = undefined;
    this.#end();
  }
}
