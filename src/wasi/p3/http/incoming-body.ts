import { type ByteProducer, HostFuture } from "../../../component/streams.ts";
import { FieldMap } from "../../../core/http/fields.ts";
import type { IncomingMessage } from "../../../core/http/message.ts";
import { Condition } from "../../../core/wait/condition.ts";
import { Fields, type Trailers } from "./fields.ts";

/** Returns how a message ended whose body is over. */
export function trailersOf({ error, trailers }: IncomingMessage, maxFieldsSize: number): Trailers {
  if (error !== undefined) return { tag: "err", val: error };
  return { tag: "ok", val: trailers && new Fields(FieldMap.received(maxFieldsSize, trailers)) };
}

/** Produces the contents of a received message, straight from the machine's buffer, and then its trailers. */
export class IncomingBody implements ByteProducer {
  readonly readiness = Condition.ready();
  readonly buffer: Uint8Array;
  readonly trailers = new HostFuture<Trailers>();
  readonly #message: IncomingMessage;
  readonly #maxFieldsSize: number;
  readonly #abandon: () => void;

  /** @param abandon called when the rest of the message is not wanted */
  constructor(message: IncomingMessage, buffer: Uint8Array, maxFieldsSize: number, abandon: () => void) {
    this.buffer = buffer;
    this.#message = message;
    this.#maxFieldsSize = maxFieldsSize;
    this.#abandon = abandon;
    message.read(this.readiness);
  }

  produce(max: number): number | "would-block" | "closed" {
    const count = this.#message.receive(max);
    if (count !== 0) return count;
    this.trailers.resolve(trailersOf(this.#message, this.#maxFieldsSize));
    return "closed";
  }

  drop(): void {
    this.trailers.resolve({ tag: "ok", val: undefined });
    this.#abandon();
  }
}
