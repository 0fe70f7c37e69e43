/** The CPU time that each part which a plain run does not load adds to `hello`, and the start of `--help`. */
import { tmpdir } from "node:os";
import { type Bench, measureRow } from "./bench.ts";
import { measureCommand } from "./cost.ts";
import type { Budget } from "./rows.ts";
import { guestPath, polluxHosts, type Runner } from "./runners.ts";

/** By row; each makes Pollux load what it needs, and the guest do nothing more. */
const parts: Readonly<Record<string, readonly string[]>> = {
  "part-dir": ["--dir", tmpdir()],
  "part-timeout": ["-Wtimeout=100s"],
  "part-http": ["-Shttp"],
  "part-rules": ["--allow-net=127.0.0.1:9"],
  "part-suspending": ["--wait=suspending"],
  "part-evented": ["--net=evented"],
  "part-stats": ["--stats"],
  "part-trace": ["--trace=cli"],
  "part-verbose": ["-v"],
};

export const lazyParts: readonly string[] = Object.keys(parts);

const helpBudgets: readonly Budget[] = [{ column: "binary", limits: [{ atMost: 30 }], source: "issue 6" }];

/** Adds `help-start` and a row for each part. */
export async function measureLazyParts(bench: Bench): Promise<void> {
  const runners = bench.runners.filter(({ id }) => polluxHosts.some((host) => host === id));
  if (bench.wants("help-start")) {
    await measureRow(
      bench,
      { id: "help-start", title: "--help, start to end", unit: "ms", budgets: helpBudgets },
      {
        columns: columnsOf(runners, (plain) => [...plain.slice(0, plain.lastIndexOf("run") + 1), "--help"]),
        rounds: 5,
        sample: async (command) => (await measureCommand(bench.tools, command)).wall,
      },
    );
  }
  for (const [id, options] of Object.entries(parts)) {
    if (!bench.wants(id)) continue;
    await measureRow(
      bench,
      {
        id,
        title: `CPU time that ${options.join(" ").replace(tmpdir(), "DIR")} adds to hello`,
        unit: "ms",
        budgets: [],
      },
      {
        columns: columnsOf(runners, (plain) => ({ plain, loaded: plain.toSpliced(-1, 0, ...options) })),
        rounds: 3,
        sample: async ({ plain, loaded }) => {
          const { cpu } = await measureCommand(bench.tools, plain);
          return (await measureCommand(bench.tools, loaded)).cpu - cpu;
        },
      },
    );
  }
}

/** Of each runner, what is made of the command that runs `hello`, whose last word is the guest. */
function columnsOf<C>(runners: readonly Runner[], make: (plain: readonly string[]) => C): Map<string, C> {
  const columns = new Map<string, C>();
  for (const runner of runners) {
    const plain = runner.command(guestPath("hello"), []);
    if (plain !== undefined) columns.set(runner.id, make(plain));
  }
  return columns;
}
