import type { ErrorCode } from "../../machine/error-code.ts";
import { READABLE, type Source } from "../../machine/selector.ts";
import type { Condition } from "../wait/condition.ts";

/**
 * One item ahead of a source that is ready for more than its guest may get. A poll that finds the source ready takes the next item,
 * so that items which are skipped do not make it ready. The next call gets that item.
 */
export class Lookahead<T> {
  readonly #readiness: Condition;
  readonly #source: Source;
  readonly #next: () => T | ErrorCode;
  /** The item that a poll took from the source. */
  #fetched: T | ErrorCode | undefined;

  /**
   * @param readiness The guest's pollable's
   * @param next Returns the next item for the guest, skipping others, or would-block
   */
  constructor(readiness: Condition, source: Source, next: () => T | ErrorCode) {
    this.#readiness = readiness;
    this.#source = source;
    this.#next = next;
  }

  /**
   * Makes the readiness hold while there is an item.
   *
   * @param screens Whether items may be skipped; if not, the source decides alone
   */
  watch(screens: boolean): void {
    this.#readiness.watch(this.#source, READABLE);
    if (screens) this.#readiness.confirm = () => this.#fetch();
  }

  take(): T | ErrorCode {
    return this.drop() ?? this.#next();
  }

  /** Returns the item that a poll took and the guest has not asked for yet. */
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
