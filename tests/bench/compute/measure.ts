/** Real programs against wasmtime, its cache warm and cold: CPU time and wall time of whole runs. */
import { type Bench, measureRow } from "../bench.ts";
import { measureCommand } from "../cost.ts";
import { CommandFailed } from "../process.ts";
import { type Beside, budget } from "../rows.ts";
import type { Runner } from "../runners.ts";
import { type Job, programs } from "./programs.ts";

/** Of a run, ms. */
const PATIENCE = 600_000;

const lengths = ["short", "long"] as const;

/** Ids of rows: `compute-ruby-short`, and so on. */
export const programRows: readonly string[] = programs.flatMap(({ id }) =>
  lengths.flatMap((length) => [`compute-${id}-${length}`, `compute-${id}-${length}-wall`]),
);

const cold: Beside = { suffix: ", cold", of: "wasmtime", mark: "c", title: "wasmtime without its cache", shown: true };

/** Adds, of each program that can be had, both jobs' CPU time and wall time, ms. */
export async function measurePrograms(bench: Bench): Promise<void> {
  for (const { id, title, jobs } of programs) {
    const wanted = lengths.filter((length) => bench.wants(`compute-${id}-${length}`));
    if (wanted.length === 0) continue;
    try {
      const both = await jobs();
      for (const length of wanted)
        await measureJob(bench, `compute-${id}-${length}`, `${title}, ${length}`, both[length]);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      bench.leaveOut(`compute-${id}`, error.message);
    }
  }
}

async function measureJob(bench: Bench, id: string, title: string, job: Job): Promise<void> {
  const long = id.endsWith("-long");
  const columns = new Map(bench.runners.flatMap((runner) => columnsOf(runner, job, !long)));
  const walls = new Map<string, number[]>();
  // What wasmtime compiles, it keeps: the first run is for that, and for the page cache.
  for (const { command } of columns.values())
    await measureCommand(bench.tools, command, PATIENCE).catch(ignoreFailedCommand);
  const failures = await measureRow(
    bench,
    {
      id,
      title: `${title}, CPU time`,
      unit: "ms",
      budgets: long ? [budget("binary", "<=", 1.1, "wasmtime", "issue 19")] : [],
      besides: long ? [] : [cold],
    },
    {
      columns,
      rounds: bench.quick ? 1 : 3,
      sample: async ({ id: column, command }) => {
        const { cpu, wall } = await measureCommand(bench.tools, command, PATIENCE);
        walls.set(column, [...(walls.get(column) ?? []), wall]);
        return cpu;
      },
    },
  );
  bench.add({
    id: `${id}-wall`,
    title: `${title}, start to end`,
    unit: "ms",
    samples: walls,
    failures,
    budgets: [],
    besides: long ? [] : [cold],
  });
}

/** The row's samples say what fails. */
function ignoreFailedCommand(error: unknown): void {
  if (!(error instanceof CommandFailed)) throw error;
}

/** @param withCold Whether wasmtime is also run without its cache: that takes as much longer for either job. */
function columnsOf(runner: Runner, { options, guest, args }: Job, withCold: boolean) {
  const column = (id: string, fresh: boolean) => {
    const command = runner.command(guest, args, fresh);
    const at = (command?.length ?? 0) - args.length - 1;
    return command === undefined ? [] : [[id, { id, command: command.toSpliced(at, 0, ...options) }] as const];
  };
  return [
    ...column(runner.id, false),
    ...(withCold && runner.id === "wasmtime" ? column(`wasmtime${cold.suffix}`, true) : []),
  ];
}
