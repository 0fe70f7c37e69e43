import { type Condition, Waiter } from "../../../core/wait/condition.ts";
import type { ByteConsumer, ByteProducer, ValueConsumer, ValueProducer } from "../../streams.ts";
import type { HostOperation } from "../host-operations.ts";
import type { Scheduler } from "../scheduler.ts";
import { SHARED_RESOURCE_WEIGHT } from "./copy-end.ts";

/** The most rounds of one turn, so that others get theirs. */
const ROUNDS = 16;

/** Connects a host's stream to a host's consumer. From now on nothing of it passes through the guest. */
export function relay(
  scheduler: Scheduler,
  producer: ByteProducer | ValueProducer,
  consumer: ByteConsumer | ValueConsumer,
): void {
  if ("buffer" in producer && !("room" in consumer)) new ByteRelay(scheduler, producer, consumer).begin();
  else if (!("buffer" in producer) && "room" in consumer) new ValueRelay(scheduler, producer, consumer).begin();
  else throw new TypeError("what goes from host to host is produced as it is consumed: as bytes, or as values");
}

abstract class HostRelay<Producer extends ByteProducer | ValueProducer, Consumer extends ByteConsumer | ValueConsumer>
  implements HostOperation
{
  readonly waiter: Waiter<HostOperation>;
  protected readonly producer: Producer;
  protected readonly consumer: Consumer;
  readonly #scheduler: Scheduler;
  #isOver = false;
  isAwaited = false;

  constructor(scheduler: Scheduler, producer: Producer, consumer: Consumer) {
    this.#scheduler = scheduler;
    this.producer = producer;
    this.consumer = consumer;
    this.waiter = new Waiter<HostOperation>(producer.readiness, this);
  }

  begin(): void {
    // The guest's handles are gone, and with them its limits.
    this.#scheduler.relays++;
    this.#scheduler.budget.addHandle();
    this.#scheduler.budget.addConcurrent(SHARED_RESOURCE_WEIGHT);
    this.consumer.whenClosed?.(() => this.#scheduler.deliver(() => this.#closed()));
    this.go();
  }

  advance(): void {
    this.#stopWaiting();
    this.go();
  }

  #stopWaiting(): void {
    if (this.isAwaited) this.#scheduler.operations.stopWaiting();
    this.isAwaited = false;
  }

  #closed(): void {
    this.#stopWaiting();
    if (!this.#isOver) this.drop();
  }

  /** The consumer takes no more. */
  protected drop(): void {
    this.over();
    this.producer.drop();
  }

  /** Moves the available values, then waits or ends. */
  protected abstract go(): void;

  protected over(): void {
    this.#isOver = true;
    this.#scheduler.operations.forget(this);
    this.#scheduler.relays--;
    this.#scheduler.budget.removeHandle();
    this.#scheduler.budget.removeConcurrent(SHARED_RESOURCE_WEIGHT);
  }

  protected startWaiting({ readiness }: { readonly readiness: Condition }): void {
    this.isAwaited = true;
    this.#scheduler.operations.startWaiting(this, readiness);
  }
}

class ByteRelay extends HostRelay<ByteProducer, ByteConsumer> {
  /** Bytes that were produced and not consumed. A copy, as all producers share the buffer. */
  #rest: Uint8Array | undefined;

  protected override go(): void {
    for (let round = 0; round < ROUNDS; round++) {
      if (this.#rest !== undefined && !this.#consume(this.#rest, this.#rest.length)) return;
      const { buffer } = this.producer;
      const produced = this.producer.produce(buffer.length);
      if (produced === "closed") {
        this.over();
        this.consumer.end();
        return;
      }
      if (produced === "would-block") break;
      if (!this.#consume(buffer, produced)) return;
      // A short count: there is no more for now.
      if (produced < buffer.length) break;
    }
    this.startWaiting(this.producer);
  }

  /** Passes bytes to the consumer. Returns whether it took all. */
  #consume(bytes: Uint8Array, end: number): boolean {
    let start = 0;
    while (start < end) {
      const consumed = this.consumer.consume(bytes, start, end);
      if (consumed === "closed") {
        this.drop();
        return false;
      }
      if (consumed === "would-block") {
        this.#rest = bytes === this.#rest ? bytes.subarray(start) : bytes.slice(start, end);
        this.startWaiting(this.consumer);
        return false;
      }
      start += consumed;
    }
    this.#rest = undefined;
    return true;
  }
}

class ValueRelay extends HostRelay<ValueProducer, ValueConsumer> {
  protected override go(): void {
    for (let round = 0; round < ROUNDS; round++) {
      const room = this.consumer.room();
      if (room === "closed") {
        this.drop();
        return;
      }
      if (room === 0) {
        this.startWaiting(this.consumer);
        return;
      }
      const produced = this.producer.produce(room);
      if (produced === "closed") {
        this.over();
        this.consumer.end();
        return;
      }
      if (produced === "would-block") break;
      this.consumer.consume(produced);
    }
    this.startWaiting(this.producer);
  }
}
