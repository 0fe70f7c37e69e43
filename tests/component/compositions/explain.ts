/** Whether what was seen of a composition is one of the things that it may do: the model is led along it. */
import { type Choices, Model, type Observed, type Outcome } from "./model.ts";
import type { Program } from "./program.ts";
import type { Shape } from "./shape.ts";

export interface Seen {
  readonly observed: readonly Observed[];
  readonly outcome: Outcome;
}

/** Something else is seen than what was. */
class Astray extends Error {}

/** Ways through the choices, depth first: each run of the model is one. */
class Ways implements Choices {
  readonly #observed: readonly Observed[];
  readonly #taken: { way: number; readonly ways: number }[] = [];
  #at = 0;
  seen = 0;
  /** How far the run that came furthest was in agreement, and what it would have seen next. */
  furthest = 0;
  expected = "";

  constructor(observed: readonly Observed[]) {
    this.#observed = observed;
  }

  begin(): void {
    this.#at = 0;
    this.seen = 0;
  }

  choose(ways: number): number {
    if (ways === 1) return 0;
    const taken = this.#taken[this.#at] ?? { way: 0, ways };
    this.#taken[this.#at++] = taken;
    return taken.way;
  }

  see(observed: Observed): void {
    if (this.#observed[this.seen] !== observed) {
      if (this.seen >= this.furthest) this.expected = observed;
      throw new Astray();
    }
    this.furthest = Math.max(this.furthest, ++this.seen);
  }

  /** Returns whether there is another way. */
  next(): boolean {
    this.#taken.length = this.#at;
    let last = this.#taken.at(-1);
    while (last !== undefined && ++last.way === last.ways) {
      this.#taken.pop();
      last = this.#taken.at(-1);
    }
    return last !== undefined;
  }
}

/** Undefined: it is. Else what is wrong; or that it is not known, after so many runs of the model. */
export function unexplained(
  shape: Shape,
  program: Program,
  { observed, outcome }: Seen,
  switches: boolean,
  mostRuns: number,
): string | undefined {
  const ways = new Ways(observed);
  let ended = "";
  for (let run = 0; run < mostRuns; run++) {
    ways.begin();
    try {
      ended = new Model(shape, program, ways, switches).run();
      if (ended === outcome && ways.seen === observed.length) return undefined;
    } catch (error) {
      if (!(error instanceof Astray)) throw error;
    }
    if (!ways.next())
      return `after ${ways.furthest} of ${observed.length} (${observed[ways.furthest]}, ended: ${outcome}) the model has ${ways.expected || ended}`;
  }
  return UNKNOWN;
}

export const UNKNOWN = "not known";
