import type { Source } from "../../machine/selector.ts";
import type { TcpHandle } from "../../machine/sockets.ts";
import type { ByteSink, ByteSource } from "../../machine/streams.ts";
import type { Poll } from "../wait/poll.ts";

/** A connection as bytes, secured or not. */
export interface Transport extends ByteSource, ByteSink {
  /** READABLE when there may be something to receive, WRITABLE when there is room to send; undefined: `arrived` tells of both. */
  readonly source: Source | undefined;
  /** Called in a wait, when something has come or there is room again: where there is no source. */
  arrived: (() => void) | undefined;
  /** Not all that had come was received: `arrived` is called again in the next wait. */
  again(): void;
  /** @param flush Whether what was handed over is to be sent first */
  close(flush: boolean): void;
}

/** TCP. */
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
