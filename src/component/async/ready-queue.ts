/** Something that goes on when it is its turn. */
export interface Turn {
  run(): void;
  /** The queue's books. */
  nextReady: Turn | undefined;
  queued: boolean;
}

/** The turns that can go on: first come, first served. */
export class ReadyQueue {
  #first: Turn | undefined;
  #last: Turn | undefined;

  get empty(): boolean {
    return this.#first === undefined;
  }

  /** One that is in it keeps its place. */
  add(turn: Turn): void {
    if (turn.queued) return;
    turn.queued = true;
    if (this.#last === undefined) this.#first = turn;
    else this.#last.nextReady = turn;
    this.#last = turn;
  }

  /** Takes out the first of which that holds. */
  take(wanted: (turn: Turn) => boolean): Turn | undefined {
    let before: Turn | undefined;
    for (let turn = this.#first; turn !== undefined; before = turn, turn = turn.nextReady) {
      if (!wanted(turn)) continue;
      if (before === undefined) this.#first = turn.nextReady;
      else before.nextReady = turn.nextReady;
      if (this.#last === turn) this.#last = before;
      turn.nextReady = undefined;
      turn.queued = false;
      return turn;
    }
    return undefined;
  }

  /** Lets the first go on, which is no longer in it. Returns whether there was one. */
  runNext(): boolean {
    const turn = this.#first;
    if (turn === undefined) return false;
    this.#first = turn.nextReady;
    if (this.#first === undefined) this.#last = undefined;
    turn.nextReady = undefined;
    turn.queued = false;
    turn.run();
    return true;
  }
}
