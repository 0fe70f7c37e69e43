/** A task or other work that runs when its turn comes. */
export interface Turn {
  run(): void;
  /** The next in the queue. Managed by the queue. */
  nextReady: Turn | undefined;
  queued: boolean;
}

/** The turns that can run: first in, first out. */
export class ReadyQueue {
  #first: Turn | undefined;
  #last: Turn | undefined;

  get empty(): boolean {
    return this.#first === undefined;
  }

  /** Adds a turn. One that is in the queue keeps its place. */
  add(turn: Turn): void {
    if (turn.queued) return;
    turn.queued = true;
    if (this.#last === undefined) this.#first = turn;
    else this.#last.nextReady = turn;
    this.#last = turn;
  }

  /** Removes the first turn that is `wanted`, and returns it. */
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

  /** Removes the first turn and runs it. Returns false if there was none. */
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
