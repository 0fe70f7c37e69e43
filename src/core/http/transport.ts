import type { Source } from "../../machine/selector.ts";
import type { TcpHandle } from "../../machine/sockets.ts";
import type { ByteSink, ByteSource } from "../../machine/streams.ts";
import type { Poll } from "../wait/poll.ts";

/** A connection as a stream of bytes, with TLS or without. */
export interface Transport extends ByteSource, ByteSink {
  /** READABLE when bytes may have arrived, WRITABLE when there is room to send; undefined if `arrived` tells of both. */
  readonly source: Source | undefined;
  /** Called in a wait when bytes have arrived or there is room, if there is no source. */
  arrived: (() => void) | undefined;
  /** Called when not all available bytes were received: `arrived` is called again in the next wait. */
  again(): void;
  /** @param flush Whether bytes that were handed over are sent first */
  close(flush: boolean): void;
}

/** A plain TCP connection. */
export class TcpTransport implements Transport {
  readonly source: Source;
  arrived: (() => void) | undefined;
  readonly #poll: Poll;
  readonly #handle: TcpHandle;

  /** @param handle Connected, and known to `poll` */
  constructor(poll: Poll, handle: TcpHandle) {
    this.source = handle.source;
    this.#poll = poll;
    this.#handle = handle;
  }

  receive(max: number): ReturnType<TcpHandle["receive"]> {
    return this.#handle.receive(max);
  }

  send(bytes: Uint8Array, start?: number, end?: number): ReturnType<TcpHandle["send"]> {
    return this.#handle.send(bytes, start, end);
  }

  again(): void {}

  close(): void {
    this.#poll.close(this.#handle);
  }
}
