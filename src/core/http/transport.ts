import { type Source, WRITABLE } from "../../machine/selector.ts";
import type { TcpHandle } from "../../machine/sockets.ts";
import type { ByteSink, ByteSource } from "../../machine/streams.ts";
import type { Poll } from "../wait/poll.ts";

/** A connection as bytes, secured or not. */
export interface Transport extends ByteSource, ByteSink {
  readonly source: Source;
  /** The event of the source that tells of room to send. */
  readonly room: number;
  /** Called when there may be something to receive, of which the source alone does not tell. */
  arrived: (() => void) | undefined;
  close(): void;
}

/** TCP. */
export class TcpTransport implements Transport {
  readonly source: Source;
  readonly room = WRITABLE;
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

  close(): void {
    this.#poll.close(this.#handle);
  }
}
