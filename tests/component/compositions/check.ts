import { makeRandom } from "../random.ts";
import { UNKNOWN, unexplained } from "./explain.ts";
import { makeProgram } from "./program.ts";
import { type Composition, compile, run } from "./run.ts";
import { makeShape } from "./shape.ts";

/** Programs of one shape, whose component is made once. */
const PROGRAMS = 25;
/** Of the model, for what was seen once. */
const MOST_RUNS = 20_000;

export interface Checked {
  readonly runs: number;
  /** How many of them the model was not led along in so many ways. */
  readonly unknown: number;
}

/**
 * Runs compositions by chance, each in all ways that it can be, half of them on one stack.
 *
 * @throws Error for one of which something was seen that it may not do: its seed, what was seen, and its program
 */
export async function checkCompositions(graphs: number, seed: number): Promise<Checked> {
  let runs = 0;
  let unknown = 0;
  let ways: readonly Composition[] = [];
  for (let i = 0; i < graphs; i++) {
    if (i % PROGRAMS === 0) ways = await compile(makeShape(makeRandom(seed + i), (i / PROGRAMS) % 2 === 0));
    const { shape } = ways[0]!;
    const program = makeProgram(makeRandom(seed + i), shape);
    for (const composition of ways) {
      runs++;
      const seen = await run(composition, program);
      const why = unexplained(shape, program, seen, composition.switches, MOST_RUNS);
      if (why === UNKNOWN) unknown++;
      else if (why !== undefined) {
        const which = `seed ${seed + i}, ${composition.switches ? "stacks switched" : "one stack"}, ${shape.join()}`;
        throw new Error(`${which}: ${why}\n${seen.observed.join("\n")}\n${JSON.stringify(program)}`);
      }
    }
  }
  return { runs, unknown };
}
