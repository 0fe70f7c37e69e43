/**
 * Compositions of components by chance, checked against a model of definitions.py (tests/component/compositions):
 * `node tests/conformance/compositions.ts [graphs] [seed]`, or with Bun or Deno.
 */
import process from "node:process";
import { checkCompositions } from "../component/compositions/check.ts";

const [graphs = 10_000, seed = 1] = process.argv.slice(2).map(Number);
/** At a time, so that it is seen to go on. */
const STEP = 1000;

let runs = 0;
let unknown = 0;
for (let done = 0; done < graphs; done += STEP) {
  const checked = await checkCompositions(Math.min(STEP, graphs - done), seed + done);
  runs += checked.runs;
  unknown += checked.unknown;
  console.log(`${Math.min(done + STEP, graphs)} graphs, ${runs} runs, no difference, ${unknown} not known`);
}
