/** What two components pass to one another in one process, on wasmtime and on Pollux. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, commandsFor, measureRow } from "../bench.ts";
import { measureCommand } from "../cost.ts";
import { CommandFailed } from "../process.ts";
import { budget } from "../rows.ts";
import { buildFolder } from "../tools.ts";
import { type Passing, passings } from "./guests.ts";

const msPerSecond = 1000;

/**
 * Adds a row for each way to pass something: how many a second of the process's CPU time, by the difference to the run of a command
 * that passes one, so that no start counts. Both are busy in one thread, and a loaded machine then counts for less.
 */
export async function measureBetween(bench: Bench): Promise<void> {
  for (const passing of passings) if (bench.wants(passing.id)) await measurePassing(bench, passing);
}

async function measurePassing(bench: Bench, { id, title, count, text }: Passing): Promise<void> {
  const { parse } = await import("@bytecodealliance/jco");
  const folder = join(buildFolder, "between");
  mkdirSync(folder, { recursive: true });
  const commands = async (passed: number): Promise<Map<string, readonly string[]>> => {
    const path = join(folder, `${id}-${passed}.wasm`);
    writeFileSync(path, await parse(text(passed)));
    return commandsFor(bench.runners, path, []);
  };
  const many = await commands(count);
  const one = await commands(1);
  const cpuOf = async (command: readonly string[]) => (await measureCommand(bench.tools, command)).cpu;
  await measureRow(
    bench,
    { id, title, unit: "/s", budgets: [budget("binary", ">=", 1.5, "wasmtime", "issue 18")] },
    {
      columns: new Map([...many].map(([runner, command]) => [runner, { command, base: one.get(runner)! }])),
      rounds: bench.quick ? 3 : 7,
      sample: async ({ command, base }) => {
        const cpu = (await cpuOf(command)) - (await cpuOf(base));
        if (cpu <= 0) throw new CommandFailed(`${count} of them took no time beside the start`);
        return (count * msPerSecond) / cpu;
      },
    },
  );
}
