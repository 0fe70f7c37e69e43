/** How long a program's own HTTP server is kept from answering by the guests that it runs. */
import { Agent, get } from "node:http";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type Bench, measureRow } from "./bench.ts";
import { CommandFailed, run, serve } from "./process.ts";
import { polluxHosts } from "./runners.ts";

const program = join(import.meta.dirname, "programs/host-of-echoes.ts");

/** Adds `host-pause`: the slowest answer while four guests are under load. */
export async function measureHostPause(bench: Bench): Promise<void> {
  if (!bench.wants("host-pause")) return;
  const hosts = bench.runners.filter(({ interpreter }) => interpreter !== undefined);
  await measureRow(
    bench,
    {
      id: "host-pause",
      title: "4 busy guests, slowest answer of the host",
      unit: "ms",
      budgets: polluxHosts
        .filter((column) => column !== "binary")
        .map((column) => ({ column, limits: [{ atMost: 50 }], source: "issue 8" })),
    },
    {
      columns: new Map(hosts.map(({ id, interpreter }) => [id, [...interpreter!, program]])),
      rounds: bench.quick ? 2 : 4,
      sample: (command) => slowestAnswer(bench, command, bench.quick ? "0.5" : "1"),
    },
  );
}

async function slowestAnswer(bench: Bench, command: readonly string[], seconds: string): Promise<number> {
  const host = await serve(command, /listening on ([\d,]+)/);
  const [http, ...guests] = host.ready[1]!.split(",");
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const load = (duration: string) =>
    Promise.all(guests.map((port) => run([bench.tools.load, "echo", port, "16", "64", duration], 10_000)));
  try {
    // Makes the code of both hot: compiling is not the guests' doing.
    await load("0.3");
    await answer(Number(http), agent);
    let over = false;
    const loaded = load(seconds).finally(() => {
      over = true;
    });
    let slowest = 0;
    while (!over) {
      const start = performance.now();
      await answer(Number(http), agent);
      slowest = Math.max(slowest, performance.now() - start);
    }
    await loaded;
    return slowest;
  } finally {
    agent.destroy();
    await host.end();
  }
}

function answer(port: number, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, agent }, (response) => response.resume().on("end", resolve)).on("error", (error) =>
      reject(new CommandFailed(`the host's HTTP server: ${error.message}`)),
    );
  });
}
