import { Alarm } from "../wait/alarm.ts";
import type { Background } from "../wait/background.ts";
import { Condition, READY, SOURCE, Waiter, type WaiterSet } from "../wait/condition.ts";
import type { Poll } from "../wait/poll.ts";
import type { IncomingMessage } from "./message.ts";

/** The most rounds of one turn, so that others get theirs. */
const ROUNDS = 16;

/** Takes the bytes of a body (as `ByteConsumer`, component/streams.ts). */
export interface BodySink {
  /** Marked ready and pending by its owner. Holds when `consume` may take bytes, or return `closed`. */
  readonly readiness: Condition;
  /** Returns the number of bytes taken; `closed` if it takes no more. */
  consume(bytes: Uint8Array, start: number, end: number): number | "would-block" | "closed";
}

/**
 * Moves the body of an incoming message to an outgoing one, without a guest between. It is background work, in every wait. It is a
 * set of its own, which looks at the conditions of both sides.
 */
export class Relay implements WaiterSet {
  readonly #poll: Poll;
  readonly #message: IncomingMessage;
  readonly #buffer: Uint8Array;
  readonly #sink: BodySink;
  readonly #over: (taken: boolean) => void;
  readonly #readable = Condition.ready();
  readonly #waiter: Waiter = new Waiter(this.#readable, this);
  readonly #again: Alarm;
  #work: Background | undefined;
  /** Bytes that came and were not taken. */
  #rest: Uint8Array | undefined;

  /**
   * @param buffer The machine's, where the message leaves bytes
   * @param over Called once, with whether the sink took all bytes. Then the message is over, or the sink takes no more
   */
  constructor(
    poll: Poll,
    message: IncomingMessage,
    buffer: Uint8Array,
    sink: BodySink,
    over: (taken: boolean) => void,
  ) {
    this.#poll = poll;
    this.#message = message;
    this.#buffer = buffer;
    this.#sink = sink;
    this.#over = over;
    this.#again = new Alarm(poll, () => this.#go());
    message.read(this.#readable);
    this.#go();
  }

  #go(): void {
    this.#idle();
    const next = this.#move();
    if (typeof next === "boolean") this.#over(next);
    else this.#await(next);
  }

  /** Moves bytes. Returns the condition to wait for, or whether all bytes were taken at the end. */
  #move(): Condition | boolean {
    for (let round = 0; round < ROUNDS; round++) {
      if (this.#rest !== undefined) {
        const left = this.#consume(this.#rest, this.#rest.length);
        if (left === "closed") return false;
        if (left !== undefined) return this.#sink.readiness;
      }
      const count = this.#message.receive(this.#buffer.length);
      if (count === 0) return true;
      if (count === "would-block") break;
      const left = this.#consume(this.#buffer, count);
      if (left === "closed") return false;
      if (left !== undefined) return this.#sink.readiness;
    }
    return this.#readable;
  }

  /** Passes bytes to the sink. Returns those that it did not take, which are kept; undefined if it took all. */
  #consume(bytes: Uint8Array, end: number): Uint8Array | "closed" | undefined {
    let start = 0;
    while (start < end) {
      const taken = this.#sink.consume(bytes, start, end);
      if (taken === "closed") return taken;
      if (taken === "would-block") {
        this.#rest = bytes === this.#rest ? bytes.subarray(start) : bytes.slice(start, end);
        return this.#rest;
      }
      start += taken;
    }
    this.#rest = undefined;
    return undefined;
  }

  #await(condition: Condition): void {
    if (condition.kind === READY) {
      this.#again.set(0);
      return;
    }
    this.#waiter.condition = condition;
    this.#waiter.set = this;
    condition.join(this.#waiter);
    this.#watch();
  }

  /** Stops waiting. */
  #idle(): void {
    this.#again.clear();
    this.#unwatch();
    if (this.#waiter.set === undefined) return;
    this.#waiter.condition.leave(this.#waiter);
    this.#waiter.set = undefined;
  }

  #watch(): void {
    const { condition } = this.#waiter;
    const { source, interest } = condition;
    if (condition.kind !== SOURCE || source === undefined) return;
    const advance = () => {
      if (condition.confirm === undefined || condition.confirm()) this.#go();
      return false;
    };
    this.#work = { source, interest, advance };
    this.#poll.begin(this.#work);
  }

  #unwatch(): void {
    if (this.#work !== undefined) this.#poll.end(this.#work);
    this.#work = undefined;
  }

  /** Called by the owner of a condition, in the midst of its work: nothing may be moved yet. */
  changed(waiter: Waiter): void {
    this.#unwatch();
    if (waiter.condition.kind === READY) this.#again.set(0);
    else this.#watch();
  }

  /** No worker waits for this set: its conditions are watched as background work. */
  readonly awaitedBy = undefined;
  readonly lastAwaitedBy = undefined;

  hit(): void {}

  remove(): void {
    this.#idle();
  }

  unregister(): void {}
}
