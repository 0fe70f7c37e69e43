/**
 * Go's echo server on a listener of the host's, over wasip1, against the same calls made by a C program (what Go takes longer
 * than that is Go's own), against the wasip2 echo, and against the last wasmtime that has listeners to hand in, where there is one.
 */
import { freePort } from "../e2e/client.ts";
import { goGuest, noGo } from "../e2e/p1/go.ts";
import { type Bench, measureRow } from "./bench.ts";
import { cpuTimeOf } from "./cost.ts";
import { type EchoServer, endServer, load, startListening, startServer, warmUp } from "./echo-server.ts";
import { CommandFailed } from "./process.ts";
import { type Budget, budget } from "./rows.ts";
import { guestPath, type Runner } from "./runners.ts";
import { echoOf } from "./throughput.ts";

const counts = [16, 64];

/** In the order of a round; each gets a row of its own under the first. */
const programs = [
  { id: "", title: "Go echo (wasip1)", start: (runner: Runner) => listening(runner, goGuest("tcpecho")) },
  {
    id: "-c",
    title: "the same calls in C (wasip1)",
    start: (runner: Runner) => listening(runner, guestPath("p1/echo")),
  },
  {
    id: "-wasip2",
    title: "the wasip2 echo beside them",
    start: (runner: Runner) => startServer(runner.command(guestPath("tcpecho"), ["127.0.0.1:0", "--no-ticks"])!),
  },
] as const;

/** Adds `go-16` and `go-64`, requests a second, with the CPU time that each costs the server. */
export async function measureGoEcho(bench: Bench): Promise<void> {
  const wanted = counts.filter((connections) => bench.wants(`go-${connections}`));
  if (wanted.length === 0) return;
  if (noGo !== false) return bench.leaveOut("go", noGo);
  const servers = new Map<string, EchoServer[]>();
  const failed = new Map<string, string>();
  try {
    for (const runner of bench.runners.filter((runner) => runner.listening("", 0) !== undefined)) {
      const echoes: EchoServer[] = [];
      servers.set(runner.id, echoes);
      try {
        for (const { start } of programs) {
          const echo = await start(runner);
          echoes.push(echo);
          await warmUp(bench, echo, echoOf(16, 64));
        }
      } catch (error) {
        if (!(error instanceof CommandFailed)) throw error;
        failed.set(runner.id, error.message);
      }
    }
    for (const connections of wanted) await measure(bench, servers, failed, connections);
  } finally {
    await Promise.all([...servers.values()].flat().map(endServer));
  }
}

async function listening(runner: Runner, guest: string): Promise<EchoServer> {
  const port = await freePort();
  return startListening(runner.listening(guest, port)!, port);
}

async function measure(
  bench: Bench,
  servers: ReadonlyMap<string, EchoServer[]>,
  failed: ReadonlyMap<string, string>,
  connections: number,
): Promise<void> {
  const row = `go-${connections}`;
  const speeds = programs.map(() => new Map<string, number[]>());
  const costs = programs.map(() => new Map<string, number[]>());
  const note = (where: Map<string, number[]>, id: string, value: number) =>
    where.set(id, [...(where.get(id) ?? []), value]);
  const ofWasip2: Budget = {
    column: "binary",
    limits: [{ atLeast: 0.8, times: { column: "binary", row: `${row}-wasip2` } }],
    source: "issue 7",
  };
  const goal = servers.has("wasmtime") ? budget("binary", ">=", 0.8, "wasmtime", "issue 7") : ofWasip2;
  await measureRow(
    bench,
    { id: row, title: `${programs[0].title} 64 B, ${connections} connections`, unit: "/s", budgets: [goal] },
    {
      columns: new Map([...servers].map(([id, echoes]) => [id, { id, echoes }])),
      failed,
      rounds: bench.quick ? 2 : 5,
      sample: async ({ id, echoes }) => {
        for (const [i, echo] of echoes.entries()) {
          const before = cpuTimeOf(echo.server.pid);
          const { perSecond, done } = await load(bench, echo, echoOf(connections, 64), bench.quick ? "0.2" : "0.4");
          note(speeds[i]!, id, perSecond);
          note(costs[i]!, id, ((cpuTimeOf(echo.server.pid) - before) / done) * 1000);
        }
        return speeds[0]!.get(id)!.at(-1)!;
      },
    },
  );
  const twin = { failures: new Map<string, string>(), budgets: [] };
  for (const [i, { id, title }] of programs.entries()) {
    const under = `${row}${id}`;
    if (i > 0) bench.add({ ...twin, id: under, title: `    ${title}`, unit: "/s", samples: speeds[i]! });
    bench.add({
      ...twin,
      id: `${under}-cpu`,
      title: "    CPU time of the server, each",
      unit: "us",
      samples: costs[i]!,
    });
  }
}
