import { type Condition, Waiter } from "../../../core/wait/condition.ts";
import type { ByteConsumer, ByteProducer, ValueConsumer, ValueProducer } from "../../streams.ts";
import type { HostOperation } from "../host-operations.ts";
import type { Scheduler } from "../scheduler.ts";
import { COMPLETED, type CopyEnd, DROPPED } from "./copy-end.ts";

/** The host's side of a stream, with the guest's read or write that waits for it. */
abstract class Port implements HostOperation {
  readonly waiter: Waiter<HostOperation>;
  readonly #scheduler: Scheduler;
  readonly #readiness: Condition;
  #end: CopyEnd | undefined;
  /** Whether the last copy had to wait. A copy of length 0 then waits, too, and so tells when data or room is there. */
  #waited = false;
  /** Whether data or room may be there at once. A vain attempt costs a system call. */
  protected hopeful = true;
  /** Whether the host has said that the stream is over. */
  #closed = false;

  constructor(scheduler: Scheduler, readiness: Condition) {
    this.#scheduler = scheduler;
    this.#readiness = readiness;
    this.waiter = new Waiter<HostOperation>(readiness, this);
  }

  get isAwaited(): boolean {
    return this.#end !== undefined;
  }

  copy(end: CopyEnd): void {
    if (this.#closed) end.complete(DROPPED);
    else if (this.hopeful && (end.remaining > 0 || !this.#waited) && this.#scheduler.mayTry()) this.#try(end);
    else this.#startWaiting(end);
  }

  #try(end: CopyEnd): void {
    this.#waited = false;
    const moved = this.move(end);
    if (moved === "would-block") {
      this.#startWaiting(end);
    } else if (moved === "closed") {
      this.#closed = true;
      this.close();
      end.complete(DROPPED);
    } else {
      end.progress += moved;
      end.complete(COMPLETED);
    }
  }

  #startWaiting(end: CopyEnd): void {
    this.#waited = true;
    this.#end = end;
    this.#scheduler.operations.startWaiting(this, this.#readiness);
  }

  /** Cancels the guest's copy that waits. */
  cancel(): void {
    if (this.#end === undefined) return;
    this.#end = undefined;
    this.#scheduler.operations.stopWaiting();
  }

  advance(): void {
    const end = this.#end;
    this.cancel();
    if (end !== undefined) this.#try(end);
  }

  /** Moves values between the host and the guest's memory. Returns the number; 0 only for a copy of length 0. */
  protected abstract move(end: CopyEnd): number | "would-block" | "closed";

  /** Ends the stream. */
  close(): void {
    this.cancel();
    this.#scheduler.operations.forget(this);
  }

  /** Called when the guest has dropped its end. */
  drop(): void {
    this.close();
    if (!this.#closed) this.dropped();
  }

  protected abstract dropped(): void;
}

/** A guest reads from a host's producer. */
export class ProducerPort extends Port {
  readonly producer: ByteProducer | ValueProducer;
  /** The producer, if it can write to the guest's memory without a buffer. */
  readonly #straight: StraightProducer | undefined;
  readonly #view: DataView | undefined;

  constructor(scheduler: Scheduler, producer: ByteProducer | ValueProducer) {
    super(scheduler, producer.readiness);
    this.producer = producer;
    this.#straight = isStraight(producer) ? producer : undefined;
    if ("buffer" in producer) {
      const { buffer, byteOffset, byteLength } = producer.buffer;
      this.#view = new DataView(buffer, byteOffset, byteLength);
    }
  }

  protected override move(end: CopyEnd): number | "would-block" | "closed" {
    if (end.length === 0) {
      this.hopeful = true;
      return 0;
    }
    if (this.#straight !== undefined) {
      const { element, next, remaining } = end;
      const count = this.#straight.produceInto(element!.memory!.bytes(), next, next + remaining);
      if (typeof count === "number") this.hopeful = count === remaining;
      return count;
    }
    const most = this.#view === undefined ? end.length : Math.min(end.length, this.#view.byteLength);
    const produced = this.producer.produce(most);
    if (produced === "would-block" || produced === "closed") return produced;
    const { element, ptr } = end;
    if (typeof produced === "number") {
      if (this.#view !== undefined) element!.memory!.fill(ptr, this.#view, produced);
    } else {
      try {
        for (const [i, value] of produced.entries()) element!.store(value, ptr + i * element!.size);
      } catch (error) {
        const { producer } = this;
        throw "explain" in producer ? (producer.explain?.(error) ?? error) : error;
      }
    }
    const count = typeof produced === "number" ? produced : produced.length;
    this.hopeful = count === most;
    return count;
  }

  protected override dropped(): void {
    this.producer.drop();
  }
}

type StraightProducer = ByteProducer & Required<Pick<ByteProducer, "produceInto">>;

function isStraight(producer: ByteProducer | ValueProducer): producer is StraightProducer {
  return "produceInto" in producer && producer.produceInto !== undefined;
}

/** A host's consumer takes what a guest writes. */
export class ConsumerPort extends Port {
  readonly #consumer: ByteConsumer | ValueConsumer;

  constructor(scheduler: Scheduler, consumer: ByteConsumer | ValueConsumer) {
    super(scheduler, consumer.readiness);
    this.#consumer = consumer;
  }

  /** Part of the end's values may have gone to a reader in the guest, before the host became the reader. */
  protected override move(end: CopyEnd): number | "would-block" | "closed" {
    const { remaining, next } = end;
    const consumer = this.#consumer;
    if (remaining === 0) return 0;
    if (!("room" in consumer)) return consumer.consume(end.element!.memory!.bytes(), next, next + remaining);
    const room = consumer.room();
    if (room === "closed") return room;
    if (room === 0) return "would-block";
    const { load, size } = end.element!;
    end.refuel();
    consumer.consume(Array.from({ length: Math.min(room, remaining) }, (_, i) => load(next + i * size)));
    return Math.min(room, remaining);
  }

  protected override dropped(): void {
    this.#consumer.end();
  }
}
