import { type Condition, Waiter } from "../../core/wait/condition.ts";
import type { ByteConsumer, ByteProducer, ValueProducer } from "../streams.ts";
import { COMPLETED, type CopyEnd, DROPPED } from "./copy-end.ts";
import type { HostOperation } from "./host-operations.ts";
import type { Scheduler } from "./scheduler.ts";

/** The host's side of a stream, with the read or write of the guest that waits for it. */
abstract class Port implements HostOperation {
  readonly waiter: Waiter<HostOperation>;
  readonly #scheduler: Scheduler;
  readonly #readiness: Condition;
  #end: CopyEnd | undefined;
  /** Whether the last had to wait: one of nothing then waits, too, and so tells when there is something, or room for it. */
  #waited = false;

  constructor(scheduler: Scheduler, readiness: Condition) {
    this.#scheduler = scheduler;
    this.#readiness = readiness;
    this.waiter = new Waiter<HostOperation>(readiness, this);
  }

  get parked(): boolean {
    return this.#end !== undefined;
  }

  /** @param hopeful Whether it is to be tried at once, if the scheduler lets it */
  protected begin(end: CopyEnd, hopeful: boolean): void {
    if (hopeful && (end.remaining > 0 || !this.#waited) && this.#scheduler.mayTry()) this.#try(end);
    else this.park(end);
  }

  #try(end: CopyEnd): void {
    this.#waited = false;
    this.attempt(end);
  }

  protected park(end: CopyEnd): void {
    this.#waited = true;
    this.#end = end;
    this.#scheduler.operations.park(this, this.#readiness);
  }

  /** The guest gives up what waits. */
  cancel(): void {
    if (this.#end === undefined) return;
    this.#end = undefined;
    this.#scheduler.operations.unpark();
  }

  advance(): void {
    const end = this.#end;
    this.cancel();
    if (end !== undefined) this.#try(end);
  }

  protected abstract attempt(end: CopyEnd): void;

  /** The stream is over. */
  close(): void {
    this.cancel();
    this.#scheduler.operations.forget(this);
  }
}

/** A guest reads what a host produces. */
export class ProducerPort extends Port {
  readonly producer: ByteProducer | ValueProducer;
  readonly #view: DataView | undefined;
  /** Whether there may be something at once: trying for nothing costs a system call. */
  #hopeful = true;
  #closed = false;

  constructor(scheduler: Scheduler, producer: ByteProducer | ValueProducer) {
    super(scheduler, producer.readiness);
    this.producer = producer;
    if ("buffer" in producer) {
      const { buffer, byteOffset, byteLength } = producer.buffer;
      this.#view = new DataView(buffer, byteOffset, byteLength);
    }
  }

  copy(end: CopyEnd): void {
    if (this.#closed) end.complete(DROPPED);
    else this.begin(end, this.#hopeful);
  }

  protected override attempt(end: CopyEnd): void {
    if (end.length === 0) {
      this.#hopeful = true;
      end.complete(COMPLETED);
      return;
    }
    const most = this.#view === undefined ? end.length : Math.min(end.length, this.#view.byteLength);
    const produced = this.producer.produce(most);
    if (produced === "would-block") {
      this.park(end);
      return;
    }
    if (produced === "closed") {
      this.#closed = true;
      this.close();
      end.complete(DROPPED);
      return;
    }
    const { element, ptr } = end;
    if (typeof produced === "number") {
      end.progress = produced;
      if (this.#view !== undefined) element!.memory!.fill(ptr, this.#view, produced);
    } else {
      end.progress = produced.length;
      for (const [i, value] of produced.entries()) element!.store(value, ptr + i * element!.size);
    }
    this.#hopeful = end.progress === most;
    end.complete(COMPLETED);
  }

  drop(): void {
    this.close();
    if (!this.#closed) this.producer.drop();
  }
}

/** A host consumes what a guest writes. */
export class ConsumerPort extends Port {
  readonly #consumer: ByteConsumer;
  #closed = false;

  constructor(scheduler: Scheduler, consumer: ByteConsumer) {
    super(scheduler, consumer.readiness);
    this.#consumer = consumer;
  }

  copy(end: CopyEnd): void {
    if (this.#closed) end.complete(DROPPED);
    else this.begin(end, true);
  }

  /** Some of what the end has may have gone to a reader in the guest, before the host was the reader. */
  protected override attempt(end: CopyEnd): void {
    const { remaining, next } = end;
    if (remaining === 0) {
      end.complete(COMPLETED);
      return;
    }
    const consumed = this.#consumer.consume(end.element!.memory!.bytes(), next, next + remaining);
    if (consumed === "would-block") {
      this.park(end);
      return;
    }
    if (consumed === "closed") {
      this.#closed = true;
      this.close();
      end.complete(DROPPED);
      return;
    }
    end.progress += consumed;
    end.complete(COMPLETED);
  }

  end(): void {
    this.close();
    if (!this.#closed) this.#consumer.end();
  }
}
