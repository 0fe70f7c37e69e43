import type { IpSocketAddress } from "../../machine/address.ts";
import type { ErrorCode } from "../../machine/error-code.ts";
import { HUNG_UP, READABLE, WRITABLE } from "../../machine/selector.ts";
import { ByteQueue } from "./byte-queue.ts";
import { STREAM_LIMIT, type Stream, type StreamEvents } from "./runtime.ts";
import type { EventedSelector, EventedSource } from "./selector.ts";

/** The keep-alive settings, applied when there is a connection. `idle` is in ns; its default is that of the kernels. */
export interface KeepAlive {
  enabled: boolean;
  idle: number;
}

/**
 * One connection, from connect or accept to its end: keeps what the runtime reports until the guest asks.
 *
 * Its source is READABLE with bytes or at the end, WRITABLE when open and not full, and both when the connection is
 * over.
 */
export class RuntimeConnection implements StreamEvents {
  readonly source: EventedSource;
  readonly #selector: EventedSelector;
  readonly #queue = new ByteQueue();
  #stream: Stream | undefined;
  /** Whether the stream is paused: a piece was refused because the queue was full. */
  #paused = true;
  #wanted = false;
  #ended = false;
  /** Whether the peer ended it, rather than a shutdown here. */
  #endedThere = false;
  #shut = false;
  #closed = false;
  /** The failure of the connection, until it was reported. */
  #error: ErrorCode | undefined;
  #dead = false;

  constructor(selector: EventedSelector, source: EventedSource) {
    this.#selector = selector;
    this.source = source;
  }

  opened(stream: Stream): void {
    if (this.#closed) {
      stream.close();
      return;
    }
    this.#stream = stream;
    this.#resume();
    this.#update();
  }

  received(bytes: Uint8Array): boolean {
    if (this.#ended || this.#closed) return true;
    this.#queue.push(bytes);
    this.#paused = this.#queue.length >= STREAM_LIMIT;
    this.#update();
    return !this.#paused;
  }

  ended(): void {
    this.#ended = true;
    this.#endedThere = true;
    this.#update();
  }

  drained(): void {
    this.#update();
  }

  failed(error: ErrorCode | undefined): void {
    if (this.#closed || this.#dead) return;
    this.#error = error;
    this.#dead = true;
    this.#update();
  }

  #update(): void {
    if (this.#closed) return;
    const readable = this.#queue.length > 0 || this.#ended;
    const writable = this.#stream !== undefined && !this.#stream.full;
    const over = this.#dead || (this.#ended && this.#shut);
    this.#selector.update(
      this.source,
      over ? READABLE | WRITABLE | HUNG_UP : (readable ? READABLE : 0) | (writable ? WRITABLE : 0),
    );
  }

  /** Begins receiving: an accepted connection delivers no bytes until a guest has it. */
  start(keepAlive: KeepAlive): void {
    this.#wanted = true;
    if (keepAlive.enabled) this.setKeepAlive(keepAlive);
    this.#resume();
  }

  setKeepAlive({ enabled, idle }: KeepAlive): void {
    this.#stream?.setKeepAlive(enabled, idle);
  }

  #resume(): void {
    if (!this.#paused || !this.#wanted || this.#stream === undefined) return;
    this.#paused = false;
    this.#stream.resume();
  }

  /** Returns the failure of the connection, once: as SO_ERROR. */
  takeError(): ErrorCode | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }

  receive(target: Uint8Array, max: number): number | ErrorCode {
    if (this.#stream === undefined && !this.#dead) return "invalid-state";
    if (this.#queue.length > 0) {
      const count = this.#queue.take(target, max);
      if (this.#queue.length === 0) {
        this.#resume();
        this.#update();
      }
      return count;
    }
    const error = this.takeError();
    if (error !== undefined) return error;
    return this.#ended || this.#dead ? 0 : "would-block";
  }

  send(bytes: Uint8Array, start: number, end: number): number | ErrorCode | "broken-pipe" {
    const error = this.takeError();
    if (error !== undefined) return error;
    if (this.#stream === undefined && !this.#dead) return "invalid-state";
    if (this.#stream === undefined || this.#dead || this.#shut) return "broken-pipe";
    if (this.#stream.full) return "would-block";
    const count = this.#stream.write(bytes.subarray(start, Math.min(end, start + STREAM_LIMIT)));
    if (this.#dead) return "broken-pipe";
    if (this.#stream.full) this.#update();
    return count === 0 ? "would-block" : count;
  }

  shutdownSend(): void {
    if (this.#shut) return;
    this.#shut = true;
    if (this.#dead) return;
    this.#stream?.shutdown();
    this.#update();
  }

  /** Discards what has been received, and what will be. */
  shutdownReceive(): void {
    this.#queue.clear();
    this.#ended = true;
    this.#resume();
    this.#update();
  }

  /** Whether nothing is left to shut down: shutdown(2)'s ENOTCONN. */
  get over(): boolean {
    return this.#dead || (this.#endedThere && this.#shut);
  }

  get connected(): boolean {
    return this.#stream !== undefined;
  }

  localAddress(): IpSocketAddress | undefined {
    return this.#stream?.localAddress;
  }

  /** Returns undefined also after a failure: getpeername(2)'s ENOTCONN. */
  remoteAddress(): IpSocketAddress | undefined {
    return this.#dead ? undefined : this.#stream?.remoteAddress;
  }

  /**
   * Closes as close(2) does: the peer gets a reset if bytes were not read, or if one is asked for. Resolves when what
   * was sent has left; undefined if nothing has to be waited for.
   */
  close(reset: boolean): Promise<void> | undefined {
    const unread = this.#queue.length > 0 && !this.#shut;
    this.#closed = true;
    this.#queue.clear();
    if (!reset && !unread) return this.#stream?.close();
    this.reset();
    return undefined;
  }

  reset(): void {
    this.#stream?.reset();
  }
}
