/** Streams that a program gives to a component, as what produces them (component/streams.ts). */
import type { ByteProducer, ValueProducer } from "../../component/streams.ts";
import { isNumber, prims } from "../../component/types/layout.ts";
import type { ValType } from "../../component/types/types.ts";
import { Condition } from "../../core/wait/condition.ts";
import { type Check, checkOf, describe, isArrayLike } from "./check.ts";
import { type Pieces, piecesOf } from "./pieces.ts";
import type { Store } from "./store.ts";

/** @throws TypeError for what is no stream */
export function sourceOf(
  given: unknown,
  payload: ValType | undefined,
  convert: (value: unknown) => unknown,
  place: string,
  store: Store,
): ByteProducer | ValueProducer {
  if (payload?.kind === "u8") {
    const bytes = given instanceof Uint8Array ? [given] : given;
    return new ByteStreamSource(piecesOf(bytes, place), place, store);
  }
  // What is there already need not be asked for one by one.
  const there = isArrayLike(given) ? given : undefined;
  const pieces = piecesOf(there === undefined ? given : [], place);
  return new ValueStreamSource(pieces, payload, convert, there, place, store);
}

/**
 * Asks for a piece when the guest reads and there is nothing left of the one before, so that what nobody reads is never made. The
 * program's code runs when the guest's has left the stack.
 */
abstract class StreamSource {
  readonly readiness: Condition = Condition.ready();
  protected readonly place: string;
  readonly #pieces: Pieces;
  readonly #store: Store;
  #end: { readonly error?: unknown } | undefined;
  /** The guest reads no more. */
  #dropped = false;

  constructor(pieces: Pieces, place: string, store: Store) {
    this.#pieces = pieces;
    this.place = place;
    this.#store = store;
  }

  /** @throws what the stream has failed with: the component model has streams that end, and none that fail */
  protected pull(): "would-block" | "closed" {
    if (this.#end !== undefined) {
      if ("error" in this.#end) throw this.#end.error;
      return "closed";
    }
    this.readiness.markPending();
    Promise.resolve()
      .then(() => this.#pieces.next())
      .then(({ done, value }) => {
        if (done === true) this.#end = {};
        else if (!this.#dropped) this.received(value);
      })
      .catch((error: unknown) => {
        this.#end = { error };
      })
      .then(() => this.readiness.markReady());
    return "would-block";
  }

  /** A piece has come. @throws TypeError if it is none of the stream's type */
  protected abstract received(piece: unknown): void;

  drop(): void {
    this.#dropped = true;
    if (this.#end !== undefined) return;
    Promise.resolve()
      .then(() => this.#pieces.cancel())
      .catch((error: unknown) => {
        // A stream that has failed already says so once more.
        if (this.#end === undefined) this.#store.report(error);
      });
  }
}

class ByteStreamSource extends StreamSource implements ByteProducer {
  readonly buffer: Uint8Array;
  #rest = new Uint8Array(0);

  constructor(pieces: Pieces, place: string, store: Store) {
    super(pieces, place, store);
    this.buffer = store.buffer;
  }

  produce(max: number): number | "would-block" | "closed" {
    const count = Math.min(max, this.#rest.length);
    if (count === 0) return this.pull();
    this.buffer.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  protected override received(piece: unknown): void {
    this.#rest = bytesOf(piece) ?? refuse(this.place, `bytes were expected (a Uint8Array), not ${describe(piece)}`);
  }
}

const checkByte = checkOf(prims.u8);

/** As jco takes them: in pieces, or one by one. */
function bytesOf(piece: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (piece instanceof Uint8Array) return piece as Uint8Array<ArrayBuffer>;
  if (piece instanceof ArrayBuffer) return new Uint8Array(piece);
  if (Array.isArray(piece) && piece.every((byte) => checkByte(byte) === undefined)) return Uint8Array.from(piece);
  return checkByte(piece) === undefined ? Uint8Array.of(Number(piece)) : undefined;
}

class ValueStreamSource extends StreamSource implements ValueProducer {
  readonly #check: Check;
  readonly #convert: (value: unknown) => unknown;
  /** Whether an array is a piece of it, and no value. */
  readonly #inPieces: boolean;
  #piece: ArrayLike<unknown> = [];
  #next = 0;
  /** How many it has produced. */
  #count = 0;

  constructor(
    pieces: Pieces,
    payload: ValType | undefined,
    convert: (value: unknown) => unknown,
    there: ArrayLike<unknown> | undefined,
    place: string,
    store: Store,
  ) {
    super(pieces, place, store);
    this.#check = payload === undefined ? () => undefined : checkOf(payload);
    this.#convert = convert;
    this.#inPieces = payload !== undefined && isNumber(payload);
    if (there === undefined) return;
    this.#piece = this.#inPieces ? Array.from(there).flatMap((piece) => Array.from(this.#valuesOf(piece))) : there;
  }

  produce(max: number): readonly unknown[] | "would-block" | "closed" {
    const count = Math.min(max, this.#piece.length - this.#next);
    if (count === 0) return this.pull();
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) {
      const value = this.#piece[this.#next++];
      const wrong = this.#check(value);
      if (wrong !== undefined) refuse(`${this.place}, item ${this.#count}`, wrong);
      values.push(this.#convert(value));
      this.#count++;
    }
    return values;
  }

  protected override received(piece: unknown): void {
    this.#piece = this.#valuesOf(piece);
    this.#next = 0;
  }

  #valuesOf(piece: unknown): ArrayLike<unknown> {
    return this.#inPieces && isArrayLike(piece) ? piece : [piece];
  }

  explain(error: unknown): unknown {
    if (!(error instanceof TypeError || error instanceof RangeError)) return error;
    return new TypeError(`${this.place}: ${error.message}`, { cause: error });
  }
}

function refuse(place: string, wrong: string): never {
  throw new TypeError(`${place}: ${wrong}`);
}
