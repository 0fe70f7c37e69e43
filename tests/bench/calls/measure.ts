/** Host calls of the component linker, against jco's output for the same component and against trampolines by hand. */
import { join } from "node:path";
import { CommandFailed, run } from "../process.ts";
import type { Budget, Row } from "../rows.ts";
import { buildFolder, root } from "../tools.ts";
import { asyncMeasures } from "./async-guest.ts";
import { buildCalls } from "./build.ts";
import { type Signature, signatureNames, signatures } from "./guest.ts";

export const contenders = ["hand", "jco", "pollux"] as const;

/** The runtimes, with issue 4's factor over jco for scalars. */
const runtimes = { node: 20, bun: 5 } as const;
type Runtime = keyof typeof runtimes;

const scalars: readonly Signature[] = ["now", "add", "value"];

/** Answers a row for each signature and runtime, `calls-add-node`, in ns a call. One process a sample measures all signatures. */
export async function measureCalls(quick: boolean): Promise<Row[]> {
  const folder = join(buildFolder, "calls");
  await buildCalls(folder);
  const rows: Row[] = [];
  for (const runtime of Object.keys(runtimes) as Runtime[]) {
    const samples = new Map<string, Record<Signature, number>[]>();
    const failures = new Map<string, string>();
    for (let round = 0; round < (quick ? 2 : 3); round++) {
      for (const contender of contenders) {
        if (failures.has(contender)) continue;
        try {
          samples.set(contender, [...(samples.get(contender) ?? []), await drive(runtime, contender, folder)]);
        } catch (error) {
          if (!(error instanceof CommandFailed)) throw error;
          failures.set(contender, error.message);
        }
      }
    }
    for (const signature of signatureNames) {
      rows.push({
        id: `calls-${signature}-${runtime}`,
        title: `${runtime}: ${signatures[signature]}`,
        unit: "ns",
        samples: new Map([...samples].map(([contender, results]) => [contender, results.map((all) => all[signature])])),
        failures,
        budgets: scalars.includes(signature) ? scalarBudgets(runtimes[runtime]) : [],
      });
    }
  }
  return [...rows, ...(await measureAsync(folder, quick))];
}

/** Rows of component model async, `calls-context-node`: nobody else on a JavaScript engine has them to be held against. */
async function measureAsync(folder: string, quick: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const runtime of Object.keys(runtimes) as Runtime[]) {
    const samples: Record<AsyncMeasure, number>[] = [];
    for (let round = 0; round < (quick ? 2 : 3); round++) {
      const { stdout } = await run([programOf(runtime), join(import.meta.dirname, "async.ts"), folder]);
      samples.push(JSON.parse(stdout) as Record<AsyncMeasure, number>);
    }
    for (const measure of Object.keys(asyncMeasures) as AsyncMeasure[]) {
      rows.push({
        id: `calls-${measure}-${runtime}`,
        title: `${runtime}: ${asyncMeasures[measure]}`,
        unit: "ns",
        samples: new Map([["pollux", samples.map((all) => all[measure])]]),
        failures: new Map(),
        budgets: measure === "context" ? [{ column: "pollux", limits: [{ atMost: 5 }], source: "issue 16" }] : [],
      });
    }
  }
  return rows;
}

type AsyncMeasure = keyof typeof asyncMeasures;

function programOf(runtime: Runtime): string {
  return join(root, "node_modules/.bin", runtime);
}

function scalarBudgets(factor: number): Budget[] {
  return [
    {
      column: "pollux",
      limits: [{ atMost: 1 / factor, times: { column: "jco" } }],
      source: `issue 4 (${factor}x the calls)`,
    },
    { column: "pollux", limits: [{ atMost: 100, over: "hand" }], source: "design" },
  ];
}

async function drive(runtime: Runtime, contender: string, folder: string): Promise<Record<Signature, number>> {
  const { stdout } = await run([programOf(runtime), join(import.meta.dirname, "drive.ts"), contender, folder]);
  return JSON.parse(stdout) as Record<Signature, number>;
}
