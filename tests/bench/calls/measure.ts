/** Host calls of the component linker, against jco's output for the same component and against trampolines by hand. */
import { join } from "node:path";
import { CommandFailed, run } from "../process.ts";
import type { Budget, Row } from "../rows.ts";
import { buildFolder, root } from "../tools.ts";
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
  return rows;
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
  const program = join(root, "node_modules/.bin", runtime);
  const { stdout } = await run([program, join(import.meta.dirname, "drive.ts"), contender, folder]);
  return JSON.parse(stdout) as Record<Signature, number>;
}
