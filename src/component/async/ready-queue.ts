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
