import { Alarm } from "../wait/alarm.ts";
import type { Background } from "../wait/background.ts";
import { Condition, READY, SOURCE, Waiter, type WaiterSet } from "../wait/condition.ts";
import type { Poll } from "../wait/poll.ts";
import type { IncomingMessage } from "./message.ts";

/** How often one turn may go round: others have theirs. */
const ROUNDS = 16;

/** Takes the bytes of a body (as `ByteConsumer`, component/streams.ts). */
export interface BodySink {
  /** Settled and suspended by its owner. Holds when `consume` may take something, or say that it is over. */
  readonly readiness: Condition;
  /** Returns how many it took; `closed`: none any more. */
  consume(bytes: Uint8Array, start: number, end: number): number | "would-block" | "closed";
}

/**
 * The body of a message that comes in goes out with another, and no guest is between: it goes on in the background, in every wait.
 * It looks at the conditions of both sides itself, as a set of its own.
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
   * @param over Called once: whether the sink took all that came. Then the message is over, or the sink takes no more
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

  /** Returns what to wait for, or whether all was taken. */
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

  /** Returns what of it was not taken, if anything, which is kept. */
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

  /** It waits for nothing. */
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

  /** The condition that it waits for has changed: by its owner, who is in the midst of something, so nothing is moved yet. */
  changed(waiter: Waiter): void {
    this.#unwatch();
    if (waiter.condition.kind === READY) this.#again.set(0);
    else this.#watch();
  }

  /** Nobody waits for it: what it watches, it does in the background. */
  readonly awaitedBy = undefined;
  readonly lastAwaitedBy = undefined;

  hit(): void {}

  remove(): void {
    this.#idle();
  }

  unregister(): void {}
}
