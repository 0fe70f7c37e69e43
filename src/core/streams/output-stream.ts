import type { ErrorCode } from "../../machine/error-code.ts";
import type { IoError } from "../../machine/files.ts";
import { type Source, WRITABLE } from "../../machine/selector.ts";
import type { ByteSink } from "../../machine/streams.ts";
import type { Background } from "../wait/background.ts";
import { Condition } from "../wait/condition.ts";
import { Trap } from "../wait/errors.ts";
import type { Blocking, Poll } from "../wait/poll.ts";
import { type Holder, MAX_HELD } from "../wait/streak.ts";
import type { Waiting } from "../wait/waiting.ts";
import { concat } from "./concat.ts";
import { type InputStream, MAX_BLOCKING_ATTEMPTS } from "./input-stream.ts";
import { OperationError, type StreamError } from "./stream-error.ts";

/** The most bytes that blocking-write-and-flush and blocking-write-zeroes-and-flush take. */
const MAX_BLOCKING_WRITE = 4096;

/** The most bytes that a socket's stream permits at once. It is also the most that Pollux queues for one slow reader. */
export const SOCKET_PERMIT = 65536;

/** The most bytes that stdout and stderr permit at once. They wait instead of queueing. */
export const STDIO_PERMIT = 65536;

const zeroes = new Uint8Array(SOCKET_PERMIT);

/**
 * The rules of `wasi:io/streams.output-stream`, over any sink of bytes.
 *
 * - open: `check-write` permits `permit` bytes. A write is sent at once; bytes that the machine does not take are queued.
 * - open, a socket's that had more than one write in its last streak (a head, then a body): the same number of writes of this
 *   streak leave together, with the last of them or at the end of the streak. A single write per streak is never held back.
 * - open with a queue: permits 0. The queue drains in every wait, at every call here, and at calls elsewhere (`Poll.advanceNext`).
 * - closing: shut down by the socket with a queue. The sink is finished when the queue is empty.
 * - closed: by its socket, by the peer, or by a failure, which only the next call returns.
 */
export class OutputStream implements Background, Holder {
  /** Holds when `check-write` permits bytes or reports the end. */
  readonly readiness = Condition.ready();
  readonly #poll: Poll;
  readonly #sink: ByteSink;
  readonly #size: number;
  /** Whether permits are enforced: for sockets. stdio takes everything. */
  readonly #strict: boolean;
  #permit = 0;
  #queue: Uint8Array | undefined;
  /** The number of bytes that are held back, in the streak's buffer. */
  #held = 0;
  /** The streak of the last write, its number of writes so far, and the number of writes of the streak before. */
  #streak = -1;
  #writes = 0;
  #habit = 0;
  #finish: (() => void) | undefined;
  /** The reason why it is closed. A failure becomes `closed` once it was returned. */
  #end: StreamError | undefined;
  /** Whether an empty write is passed to the sink, too, which may fail. */
  readonly #asksForNothing: boolean;

  constructor(poll: Poll, sink: ByteSink, options: { permit: number; strict: boolean; asksForNothing?: boolean }) {
    this.#poll = poll;
    this.#sink = sink;
    this.#size = options.permit;
    this.#strict = options.strict;
    this.#asksForNothing = options.asksForNothing ?? false;
  }

  get interest(): number {
    return WRITABLE;
  }

  get source(): Source {
    if (this.#sink.source === undefined) throw new Error("a sink that cannot be waited for queued bytes");
    return this.#sink.source;
  }

  /** Returns the number of bytes that the next write may have. */
  checkWrite(): number | StreamError {
    if (this.#queue !== undefined) this.#poll.advance(this);
    if (this.#end !== undefined) return this.#tell(this.#end);
    if (this.#queue !== undefined) return 0;
    this.#permit = this.#size;
    return this.#size;
  }

  /**
   * Writes `bytes` from `start` to `end`; all of them unless given.
   *
   * @throws Trap `not permitted to write N bytes` without a permit for as many
   */
  write(bytes: Uint8Array, start = 0, end = bytes.length): StreamError | undefined {
    this.#poll.streak.continueWith(this.#sink);
    if (this.#end !== undefined) return this.#tell(this.#end);
    const length = end - start;
    // A permit stays valid when bytes that were held back have become a queue.
    if (this.#strict ? length > this.#permit || this.#spent : this.#queue !== undefined)
      throw new Trap(`not permitted to write ${length} bytes`);
    if (length === 0 && !this.#asksForNothing) return undefined;
    this.#permit = 0;
    const more = this.#expectsMore();
    const held = this.#held + length;
    if ((more || this.#held > 0) && held <= MAX_HELD) {
      this.#poll.streak.hold(this).set(bytes.subarray(start, end), this.#held);
      this.#held = held;
      if (!more) this.release();
    } else {
      this.release();
      if (this.#queue !== undefined) this.#queue = concat([this.#queue, bytes.subarray(start, end)]);
      else if (!this.ended) this.#sendOrQueue(bytes, start, end);
    }
    return this.#end && this.#tell(this.#end);
  }

  protected get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Returns the end. A failure is returned only once. */
  #tell(end: StreamError): StreamError {
    this.#end = "closed";
    return end;
  }

  /** Whether there is a queue, and no permit from before it. */
  get #spent(): boolean {
    return this.#queue !== undefined && this.#permit === 0;
  }

  /** Counts a write. Returns whether another is expected, if this streak is like the last one. */
  #expectsMore(): boolean {
    const { number } = this.#poll.streak;
    if (number !== this.#streak) {
      this.#streak = number;
      this.#habit = this.#writes;
      this.#writes = 0;
    }
    this.#writes++;
    return this.#writes < this.#habit && this.#strict && this.#sink.source !== undefined;
  }

  /** Sends the bytes that are held back. */
  release(): void {
    if (this.#held === 0) return;
    const held = this.#held;
    this.#held = 0;
    this.#sendOrQueue(this.#poll.streak.take(), 0, held);
  }

  #sendOrQueue(bytes: Uint8Array, start: number, end: number): void {
    const sent = this.#send(bytes, start, end);
    if (sent === end || this.#end !== undefined) return;
    this.#queue = bytes.slice(sent, end);
    this.#poll.addDraining(this, this.readiness);
  }

  /** Starts a flush. There is nothing to do, as data is sent as soon as it can be. */
  flush(): StreamError | undefined {
    if (this.#queue !== undefined) this.#poll.advance(this);
    return this.#end && this.#tell(this.#end);
  }

  *blockingFlush(): Blocking<StreamError | undefined> {
    const error = this.flush();
    if (error !== undefined) return error;
    const permit = yield* this.#permitted();
    return typeof permit === "number" ? undefined : permit;
  }

  *blockingWriteAndFlush(bytes: Uint8Array): Blocking<StreamError | undefined> {
    if (bytes.length > MAX_BLOCKING_WRITE)
      throw new Trap(`Buffer too large for blocking-write-and-flush (expected at most ${MAX_BLOCKING_WRITE})`);
    if (this.#end !== undefined) return this.#tell(this.#end);
    let rest = bytes;
    do {
      const permit = yield* this.#permitted();
      if (typeof permit !== "number") return permit;
      const error = this.write(rest, 0, Math.min(permit, rest.length));
      if (error !== undefined) return error;
      rest = rest.subarray(permit);
    } while (rest.length > 0);
    const error = yield* this.blockingFlush();
    return error === "closed" ? undefined : error;
  }

  /** @param length bytes, any u64 as a number */
  writeZeroes(length: number): StreamError | undefined {
    const permit = this.checkWrite();
    if (typeof permit !== "number") return permit;
    if (length > permit) throw new Trap("cannot write more zeroes than `check_write` allows");
    // Only a sink that discards everything permits this. 2^64 zeroes would take it years.
    if (permit === Number.POSITIVE_INFINITY) return undefined;
    let left = length;
    do {
      const error = this.write(zeroes, 0, Math.min(left, zeroes.length));
      if (error !== undefined) return error;
      left -= zeroes.length;
    } while (left > 0);
    return undefined;
  }

  *blockingWriteZeroesAndFlush(length: number): Blocking<StreamError | undefined> {
    if (length > MAX_BLOCKING_WRITE)
      throw new Trap(`Buffer too large for blocking-write-zeroes-and-flush (expected at most ${MAX_BLOCKING_WRITE})`);
    return yield* this.blockingWriteAndFlush(zeroes.subarray(0, length));
  }

  /**
   * Moves up to `length` bytes from `input`, as many as are available and permitted. If none are permitted, `input` is not read.
   *
   * @param buffer The machine's, which reads fill
   */
  splice(input: InputStream, length: number, buffer: Uint8Array): number | StreamError {
    const permit = this.checkWrite();
    if (typeof permit !== "number") return permit;
    const most = Math.min(length, permit);
    return most === 0 ? 0 : this.#move(input.read(most), buffer);
  }

  *blockingSplice(input: InputStream, length: number, buffer: Uint8Array): Blocking<number | StreamError> {
    const permit = yield* this.#permitted();
    if (typeof permit !== "number") return permit;
    if (length === 0) return 0;
    const moved = this.#move(yield* input.blockingRead(Math.min(length, permit)), buffer);
    const error = yield* this.blockingFlush();
    return error === undefined || error === "closed" ? moved : error;
  }

  #move(read: number | StreamError, buffer: Uint8Array): number | StreamError {
    if (typeof read !== "number" || read === 0) return read;
    return this.write(buffer, 0, read) ?? read;
  }

  /** Ends the stream for its guest (shutdown(send)). `finish` is called when the queue is empty, perhaps at once. Idempotent. */
  close(finish: () => void): void {
    if (this.#finish !== undefined || this.#end !== undefined) return;
    this.release();
    if (this.#queue !== undefined) this.#poll.advance(this);
    if (this.#queue === undefined) {
      this.#terminate("closed");
      finish();
    } else {
      this.#finish = finish;
    }
  }

  /** Sends queued bytes. Returns whether none are left. Called by `Poll` when the sink can take some. */
  advance(): boolean {
    const queue = this.#queue;
    if (queue === undefined) return true;
    const sent = this.#send(queue, 0, queue.length);
    if (this.#end !== undefined) return true;
    if (sent < queue.length) {
      this.#queue = queue.subarray(sent);
      return false;
    }
    this.#queue = undefined;
    this.readiness.markReady();
    if (this.#finish !== undefined) {
      this.#terminate("closed");
      this.#finish();
    }
    return true;
  }

  /** Called when the guest drops the stream. Waits until the queue is empty: no byte that a guest wrote is lost. */
  dispose(): Waiting<void> {
    this.release();
    return this.#poll.run(this.#drained());
  }

  *#drained(): Blocking<void> {
    while (this.#queue !== undefined) yield this.readiness;
  }

  /** Waits for a permit above 0. */
  *#permitted(): Blocking<number | StreamError> {
    for (let attempt = 0; attempt < MAX_BLOCKING_ATTEMPTS; attempt++) {
      const permit = this.checkWrite();
      if (permit !== 0) return permit;
      yield this.readiness;
    }
    throw new Trap("max blocking attempts exceeded");
  }

  /**
   * Sends from `start` until `end`, until the sink is full, or until it fails (which ends the stream). Returns where it stopped.
   */
  #send(bytes: Uint8Array, start: number, end: number): number {
    let sent = start;
    do {
      const taken = this.#sink.send(bytes, sent, end);
      if (typeof taken === "number") sent += taken;
      else if (taken === "would-block") break;
      else this.#fail(taken);
    } while (sent < end && this.#end === undefined);
    return sent;
  }

  #fail(cause: ErrorCode | IoError | "broken-pipe"): void {
    this.#terminate(cause === "broken-pipe" ? "closed" : new OperationError(cause));
  }

  #terminate(end: StreamError): void {
    this.#end = end;
    this.#queue = undefined;
    this.readiness.markReady();
  }

  /** Closes the stream after a failure that the caller reports. */
  protected failed(): void {
    this.#terminate("closed");
  }
}

/** Returns a stream that discards everything: stdout and stderr when they are not inherited. */
export function discardingOutputStream(poll: Poll): OutputStream {
  const sink: ByteSink = { source: undefined, send: (bytes, start = 0, end = bytes.length) => end - start };
  return new OutputStream(poll, sink, { permit: Number.POSITIVE_INFINITY, strict: false });
}
