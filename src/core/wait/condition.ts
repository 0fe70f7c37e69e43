import type { Source } from "../../machine/selector.ts";

/** What a condition waits for now. */
export const READY = 0;
export const PENDING = 1;
export const SOURCE = 2;
export const TIMER = 3;

let changes = 0;

/** Counts the changes of conditions: while it stands still, every condition is what it was. */
export function conditionChanges(): number {
  return changes;
}

/**
 * What a pollable waits for. Its owner (a stream, a socket, a timer) changes it in place as its state changes, so a pollable
 * made long ago is always current; all pollables of one owner share it. One class, so that the pass over thousands of them in
 * `Poll` stays monomorphic.
 */
export class Condition {
  kind: typeof READY | typeof PENDING | typeof SOURCE | typeof TIMER;
  /** With kind SOURCE: what the machine watches, and for what; undefined: nothing, only `confirm` is asked. */
  source: Source | undefined;
  interest: number;
  /**
   * With kind PENDING: asked in a look, but not in a wait. With kind SOURCE: asked after the machine has reported it, where that
   * alone does not mean that the operation will not answer would-block (a datagram of another peer). What it finds wanting it
   * must take away, or the wait spins.
   */
  confirm: (() => boolean) | undefined;
  /** With kind TIMER: ns on the machine's clock. */
  deadline: number;

  private constructor(kind: 0 | 1 | 2 | 3, source: Source | undefined, interest: number, deadline: number) {
    this.kind = kind;
    this.source = source;
    this.interest = interest;
    this.confirm = undefined;
    this.deadline = deadline;
  }

  static ready(): Condition {
    return new Condition(READY, undefined, 0, 0);
  }

  static timer(deadline: number): Condition {
    return new Condition(TIMER, undefined, 0, deadline);
  }

  /** Ready while the machine reports `interest` (READABLE or WRITABLE) of `source`. */
  static source(source: Source, interest: number): Condition {
    return new Condition(SOURCE, source, interest, 0);
  }

  /** From now on always ready. */
  settle(): void {
    if (this.kind === READY) return;
    this.kind = READY;
    changes++;
  }

  /** From now on not ready, until its owner says otherwise. */
  suspend(): void {
    this.kind = PENDING;
    changes++;
  }

  /** From now on ready when `source` is; undefined: when `confirm` says so. */
  watch(source: Source | undefined, interest: number): void {
    this.kind = SOURCE;
    this.source = source;
    this.interest = interest;
    changes++;
  }
}
