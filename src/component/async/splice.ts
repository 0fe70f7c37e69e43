import { Waiter } from "../../core/wait/condition.ts";
import type { ByteConsumer, ByteProducer } from "../streams.ts";
import { SHARED_ENTRIES } from "./copy-end.ts";
import type { HostOperation } from "./host-operations.ts";
import type { Scheduler } from "./scheduler.ts";

/** How often one turn may go round: others have theirs. */
const ROUNDS = 16;

/** A host's stream that goes to a host's consumer: no byte enters the guest's memory. */
export class HostSplice implements HostOperation {
  readonly waiter: Waiter<HostOperation>;
  readonly #scheduler: Scheduler;
  readonly #producer: ByteProducer;
  readonly #consumer: ByteConsumer;
  /** Bytes that were produced and not consumed; a copy, for the producer's buffer is everybody's. */
  #rest: Uint8Array | undefined;
  parked = false;

  constructor(scheduler: Scheduler, producer: ByteProducer, consumer: ByteConsumer) {
    this.#scheduler = scheduler;
    this.#producer = producer;
    this.#consumer = consumer;
    this.waiter = new Waiter<HostOperation>(producer.readiness, this);
    // the guest's handles are gone, and with them what it could be held to
    scheduler.splices++;
    scheduler.budget.addHandle();
    scheduler.budget.addConcurrent(SHARED_ENTRIES);
    this.#go();
  }

  advance(): void {
    this.parked = false;
    this.#scheduler.operations.unpark();
    this.#go();
  }

  #go(): void {
    for (let round = 0; round < ROUNDS; round++) {
      if (this.#rest !== undefined && !this.#consume(this.#rest, this.#rest.length)) return;
      const { buffer } = this.#producer;
      const produced = this.#producer.produce(buffer.length);
      if (produced === "closed") {
        this.#over();
        this.#consumer.end();
        return;
      }
      if (produced === "would-block") break;
      if (!this.#consume(buffer, produced)) return;
      // less than there was room for: that was all
      if (produced < buffer.length) break;
    }
    this.#park("producer");
  }

  /** Returns whether all of it was taken. */
  #consume(bytes: Uint8Array, end: number): boolean {
    let start = 0;
    while (start < end) {
      const consumed = this.#consumer.consume(bytes, start, end);
      if (consumed === "closed") {
        this.#over();
        this.#producer.drop();
        return false;
      }
      if (consumed === "would-block") {
        this.#rest = bytes === this.#rest ? bytes.subarray(start) : bytes.slice(start, end);
        this.#park("consumer");
        return false;
      }
      start += consumed;
    }
    this.#rest = undefined;
    return true;
  }

  #over(): void {
    this.#scheduler.operations.forget(this);
    this.#scheduler.splices--;
    this.#scheduler.budget.removeHandle();
    this.#scheduler.budget.removeConcurrent(SHARED_ENTRIES);
  }

  #park(side: "producer" | "consumer"): void {
    this.parked = true;
    const { readiness } = side === "producer" ? this.#producer : this.#consumer;
    this.#scheduler.operations.park(this, readiness);
  }
}
