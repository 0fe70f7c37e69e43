/** `--watch`: from the rename of a new file to the line with which the new guest says that it listens. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { type Bench, commandsFor, measureRow } from "./bench.ts";
import { CommandFailed, nameOf } from "./process.ts";
import { guestPath, polluxHosts } from "./runners.ts";

/** By then the process that stands by is ready, as it is when somebody has compiled something, ms. */
const READY = 1500;
/** A guest that does not listen within this does not, ms. */
const PATIENCE = 10_000;

/** Adds `watch-restart`. */
export async function measureWatch(bench: Bench): Promise<void> {
  if (!bench.wants("watch-restart")) return;
  const folder = mkdtempSync(join(tmpdir(), "pollux-bench-watch-"));
  const file = join(folder, "app.wasm");
  copyFileSync(guestPath("tcpecho"), file);
  const hosts: readonly string[] = polluxHosts;
  try {
    await measureRow(
      bench,
      {
        id: "watch-restart",
        title: "--watch: a renamed file to listening",
        unit: "ms",
        budgets: polluxHosts.map((column) => ({ column, limits: [{ atMost: 100 }], source: "issue 6" })),
      },
      {
        columns: commandsFor(
          bench.runners.filter(({ id }) => hosts.includes(id)),
          file,
          ["127.0.0.1:0", "--no-ticks"],
        ),
        rounds: bench.quick ? 3 : 7,
        sample: (command) => restart(command, file),
      },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function restart(command: readonly string[], file: string): Promise<number> {
  // Of Pollux's own words: `deno run` comes before.
  const at = command.lastIndexOf("run") + 1;
  const [program, ...args] = command.toSpliced(at, 0, "--watch");
  const child = spawn(program!, args, { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(child, "exit");
  const listens = async () => {
    const line = once(child.stdout, "data", { signal: AbortSignal.timeout(PATIENCE) });
    await line.catch(() => {
      throw new CommandFailed(`${nameOf(command)}: no guest of --watch listened within ${PATIENCE / 1000} s`);
    });
  };
  try {
    await listens();
    await setTimeout(READY);
    copyFileSync(file, `${file}.new`);
    const start = performance.now();
    renameSync(`${file}.new`, file);
    await listens();
    return performance.now() - start;
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}
