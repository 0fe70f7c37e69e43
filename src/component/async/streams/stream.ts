import type {
  ByteConsumer,
  ByteProducer,
  ReadableBytes,
  ReadableValues,
  ValueConsumer,
  ValueProducer,
} from "../../streams.ts";
import type { ValType } from "../../types/types.ts";
import type { Scheduler } from "../scheduler.ts";
import { COMPLETED, type CopyEnd, DROPPED, refuseWithin, Shared, transfer } from "./copy-end.ts";
import { ConsumerPort, ProducerPort } from "./host-ports.ts";
import { relay } from "./host-relay.ts";

/**
 * A stream (CanonicalABI.md, `SharedStreamImpl`). It buffers nothing: when a read and a write meet, values go directly from the
 * writer's buffer to the reader's. Each side is a guest's end or the host.
 */
export class Stream extends Shared implements ReadableBytes, ReadableValues {
  override readonly kind = "stream";
  readonly #scheduler: Scheduler;
  readonly #payload: ValType | undefined;
  #producer: ProducerPort | undefined;
  #consumer: ConsumerPort | undefined;
  /** The guest's read or write that waits for the other. */
  #waiting: CopyEnd | undefined;
  /** Whether one of its ends was dropped. */
  #dropped = false;

  constructor(scheduler: Scheduler, payload: ValType | undefined, producer?: ByteProducer | ValueProducer) {
    super();
    this.#scheduler = scheduler;
    this.#payload = payload;
    if (producer !== undefined && "buffer" in producer) this.#ofBytes();
    if (producer !== undefined) this.#producer = new ProducerPort(scheduler, producer);
  }

  #ofBytes(): void {
    if (this.#payload?.kind !== "u8") throw new TypeError("bytes are for a `stream<u8>`, which this is not");
  }

  override copy(end: CopyEnd): void {
    const port = end.way === "read" ? this.#producer : this.#consumer;
    if (port !== undefined) port.copy(end);
    else if (this.#dropped) end.complete(DROPPED);
    else if (this.#waiting === undefined) this.#waiting = end;
    else this.#meet(end, this.#waiting);
  }

  #meet(end: CopyEnd, waiting: CopyEnd): void {
    refuseWithin(end, waiting);
    if (waiting.remaining > 0) {
      if (end.remaining > 0) {
        if (end.way === "read") transfer(waiting, end);
        else transfer(end, waiting);
        // more may be added until its guest takes the event
        waiting.complete(COMPLETED);
      }
      end.complete(COMPLETED);
    } else if (end.way === "write" && end.length === 0 && waiting.length === 0) {
      end.complete(COMPLETED);
    } else {
      this.#waiting = end;
      waiting.complete(COMPLETED);
    }
  }

  override taken(end: CopyEnd): void {
    if (this.#waiting === end) this.#waiting = undefined;
  }

  override cancel(end: CopyEnd): void {
    const port = end.way === "read" ? this.#producer : this.#consumer;
    port?.cancel();
    this.taken(end);
  }

  override dropEnd(end: CopyEnd): void {
    if (end.way === "read") this.drop();
    else this.#dropWritable();
  }

  /** Drops the readable end, for the host. */
  drop(): void {
    if (this.#producer !== undefined) this.#producer.drop();
    else this.#drop();
  }

  #dropWritable(): void {
    if (this.#consumer !== undefined) this.#consumer.drop();
    else this.#drop();
  }

  #drop(): void {
    this.#dropped = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.complete(DROPPED);
  }

  /** Connects the readable end to a consumer of the host. */
  pipe(consumer: ByteConsumer | ValueConsumer): void {
    if (!("room" in consumer)) this.#ofBytes();
    const producer = this.#producer?.producer;
    if (producer !== undefined) {
      this.#producer?.close();
      relay(this.#scheduler, producer, consumer);
      return;
    }
    if (this.#dropped) {
      consumer.end();
      return;
    }
    this.#consumer = new ConsumerPort(this.#scheduler, consumer);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.#consumer.copy(waiting);
  }
}
