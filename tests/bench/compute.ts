/** Guest code and host calls, by the difference of two whole runs, so that no process's start counts. */
import { existsSync } from "node:fs";
import { type Bench, commandsFor, measureRow } from "./bench.ts";
import { measureCommand } from "./cost.ts";
import { type Budget, budget } from "./rows.ts";
import { guestPath } from "./runners.ts";

const cpuBudgets: readonly Budget[] = [
  budget("bun", "<=", 1, "wasmtime", "design"),
  budget("binary", "<=", 1, "wasmtime", "design"),
  budget("node", "<=", 1.3, "wasmtime", "design"),
  budget("deno", "<=", 1.3, "wasmtime", "design"),
];

/** Adds `cpu`: the CPU-bound guest's run less hello's, ms. */
export async function measureCompute(bench: Bench): Promise<void> {
  if (!bench.wants("cpu")) return;
  const [cpu, hello] = [guestPath("cpu"), guestPath("hello")];
  if (!existsSync(cpu) || !existsSync(hello)) return bench.leaveOut("cpu", "tests/guests/cpu.wasm is not there");
  const hellos = commandsFor(bench.runners, hello, []);
  const columns = new Map(
    [...commandsFor(bench.runners, cpu, [])].map(([id, command]) => [id, { command, base: hellos.get(id)! }]),
  );
  await measureRow(
    bench,
    { id: "cpu", title: "CPU-bound guest", unit: "ms", budgets: cpuBudgets },
    {
      columns,
      rounds: bench.quick ? 3 : 5,
      sample: async ({ command, base }) => {
        const { wall } = await measureCommand(bench.tools, command);
        return wall - (await measureCommand(bench.tools, base)).wall;
      },
    },
  );
}
