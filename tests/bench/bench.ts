/** What every measured subject gets from the run: who takes part, how long, where results go. */
import { CommandFailed } from "./process.ts";
import type { Beside, Budget, Row, Unit } from "./rows.ts";
import type { Runner } from "./runners.ts";
import type { NativeTools } from "./tools.ts";

export interface Bench {
  readonly runners: readonly Runner[];
  readonly tools: NativeTools;
  readonly quick: boolean;
  /** Whether `--only`, or its absence, asks for this row. */
  wants(row: string): boolean;
  add(row: Row): void;
  /** Says in the report that a row, or several, were not measured. */
  leaveOut(what: string, reason: string): void;
}

export interface RowHead {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly budgets: readonly Budget[];
  readonly besides?: readonly Beside[];
}

export interface Sampling<C> {
  readonly columns: ReadonlyMap<string, C>;
  /** Columns that have failed before the first sample, with the reason. */
  readonly failed?: ReadonlyMap<string, string>;
  readonly rounds: number;
  /** Takes one sample, in the row's unit. Throws CommandFailed. */
  readonly sample: (column: C) => Promise<number>;
}

/**
 * Takes one sample of each column a round, A B C A B C, so that what else the machine does hits all alike, and adds the row.
 * A column whose sample fails is not tried again. Answers the failures.
 */
export async function measureRow<C>(
  bench: Pick<Bench, "add">,
  head: RowHead,
  { columns, failed, rounds, sample }: Sampling<C>,
): Promise<ReadonlyMap<string, string>> {
  const samples = new Map<string, number[]>([...columns.keys()].map((id) => [id, []]));
  const failures = new Map(failed);
  for (let round = 0; round < rounds; round++) {
    for (const [id, column] of columns) {
      if (failures.has(id)) continue;
      try {
        samples.get(id)!.push(await sample(column));
      } catch (error) {
        if (!(error instanceof CommandFailed)) throw error;
        failures.set(id, error.message);
        samples.delete(id);
      }
    }
  }
  bench.add({ ...head, samples, failures });
  return failures;
}

/** The commands that run a guest, by runner; runners that cannot run it are left out. */
export function commandsFor(
  runners: readonly Runner[],
  guest: string,
  args: readonly string[],
  fresh = false,
): Map<string, readonly string[]> {
  const commands = new Map<string, readonly string[]>();
  for (const runner of runners) {
    const command = runner.command(guest, args, fresh);
    if (command !== undefined) commands.set(runner.id, command);
  }
  return commands;
}
