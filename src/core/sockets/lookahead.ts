import type { ErrorCode } from "../../machine/error-code.ts";
import { READABLE, type Source } from "../../machine/selector.ts";
import type { Condition } from "../wait/condition.ts";

/**
 * What comes in at a source that is ready for more than what its guest is to hear of: a poll that finds it ready takes the next
 * one, so that it does not answer for what is passed over, and the call after it gets that one.
 */
export class Lookahead<T> {
  readonly #readiness: Condition;
  readonly #source: Source;
  readonly #next: () => T | ErrorCode;
  /** The item that a poll took from the queue. */
  #fetched: T | ErrorCode | undefined;

  /**
   * @param readiness of the guest's pollable
   * @param next returns the next one that the guest is to hear of, having passed over others, or would-block
   */
  constructor(readiness: Condition, source: Source, next: () => T | ErrorCode) {
    this.#readiness = readiness;
    this.#source = source;
    this.#next = next;
  }

  /** From now on ready with the next one. @param screens Whether any is passed over: else the source says it all */
  watch(screens: boolean): void {
    this.#readiness.watch(this.#source, READABLE);
    if (screens) this.#readiness.confirm = () => this.#fetch();
  }

  take(): T | ErrorCode {
    return this.drop() ?? this.#next();
  }

  /** The item that a poll took from the queue and the guest has not asked for yet. */
  drop(): T | ErrorCode | undefined {
    const fetched = this.#fetched;
    if (fetched === undefined) return undefined;
    this.#fetched = undefined;
    this.#readiness.watch(this.#source, READABLE);
    return fetched;
  }

  #fetch(): boolean {
    const next = this.#next();
    if (next === "would-block") return false;
    this.#fetched = next;
    this.#readiness.markReady();
    return true;
  }
}
