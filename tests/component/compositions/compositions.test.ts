/**
 * Compositions by chance: what their guests see of one another is what the model (model.ts) may have done.
 *
 *     node tests/component/compositions/compositions.test.ts --graphs=10000 [--seed=N]
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeRandom } from "../random.ts";
import { UNKNOWN, unexplained } from "./explain.ts";
import { makeProgram } from "./program.ts";
import { type Composition, compile, run } from "./run.ts";
import { makeShape } from "./shape.ts";

const option = (name: string, otherwise: number): number => {
  const given = process.argv.find((arg) => arg.startsWith(`--${name}=`));
  return given === undefined ? otherwise : Number(given.slice(name.length + 3));
};
const GRAPHS = option("graphs", 150);
const SEED = option("seed", 20261130);
/** Programs of one shape, whose component is made once. */
const PROGRAMS = 25;
const MOST_RUNS = 20_000;

describe("compositions by chance", () => {
  it(`${GRAPHS} of them`, { timeout: 600_000 + GRAPHS * 100 }, async () => {
    let unknown = 0;
    let ways: readonly Composition[] = [];
    for (let i = 0; i < GRAPHS; i++) {
      const seed = SEED + i;
      const random = makeRandom(seed);
      if (i % PROGRAMS === 0) ways = await compile(makeShape(random, (i / PROGRAMS) % 2 === 0));
      const { shape } = ways[0]!;
      const program = makeProgram(makeRandom(seed), shape);
      for (const composition of ways) {
        const seen = await run(composition, program);
        const why = unexplained(shape, program, seen, composition.switches, MOST_RUNS);
        if (why === UNKNOWN) unknown++;
        else if (why !== undefined)
          assert.fail(
            `seed ${seed}, ${composition.switches ? "switched" : "one stack"}, ${shape.join()}: ${why}\n${seen.observed.join("\n")}\n${JSON.stringify(program)}`,
          );
      }
    }
    assert.ok(unknown <= GRAPHS / 50, `of ${unknown} it is not known`);
  });
});
