/**
 * Echo throughput. One server a runner, all started before the first sample and all alive to the end, so that every row can
 * go round all of them; beside the active connections of the last rows each holds thousands of idle ones.
 */
import { existsSync } from "node:fs";
import { type Bench, commandsFor, measureRow } from "./bench.ts";
import { cpuTimeOf } from "./cost.ts";
import { CommandFailed, nameOf, run, type Server, serve } from "./process.ts";
import { type Budget, budget } from "./rows.ts";
import { guestPath } from "./runners.ts";

interface EchoServer {
  readonly port: string;
  readonly server: Server;
  /** The processes that hold its idle connections. */
  readonly holders: Server[];
}

interface EchoRow {
  readonly id: string;
  readonly title: string;
  /** Idle connections beside the active ones. */
  readonly idle: number;
  /** The load generator's mode and arguments, without port and duration. */
  readonly load: readonly string[];
  readonly budgets: readonly Budget[];
}

const sixteen = ["16", "64"];

const rows: readonly EchoRow[] = [
  { id: "echo-1", title: "echo 64 B, 1 connection", idle: 0, load: ["echo", "1", "64"], budgets: [] },
  {
    id: "echo-16",
    title: "echo 64 B, 16 connections",
    idle: 0,
    load: ["echo", ...sixteen],
    budgets: smallMessages(),
  },
  { id: "echo-64", title: "echo 64 B, 64 connections", idle: 0, load: ["echo", "64", "64"], budgets: smallMessages() },
  {
    id: "echo-64k",
    title: "echo 64 KiB, 16 connections",
    idle: 0,
    load: ["echo", "16", "65536"],
    budgets: [budget("binary", ">=", 1, "wasmtime", "design")],
  },
  {
    id: "churn",
    title: "connect, echo 64 B, close",
    idle: 0,
    load: ["churn", "64"],
    budgets: [budget("binary", ">=", 2, "wasmtime", "design")],
  },
  { id: "idle-1000", title: "16 active beside 1,000 idle", idle: 1000, load: ["echo", ...sixteen], budgets: [] },
  {
    id: "idle-4000",
    title: "16 active beside 4,000 idle",
    idle: 4000,
    load: ["echo", ...sixteen],
    budgets: [
      budget("binary", ">=", 10, "wasmtime", "issue 3"),
      budget("binary", ">=", 15, "wasmtime", "design"),
      keptOfNone(),
    ],
  },
  {
    id: "idle-9000",
    title: "16 active beside 9,000 idle",
    idle: 9000,
    load: ["echo", ...sixteen],
    budgets: [budget("binary", ">=", 25, "wasmtime", "design"), keptOfNone()],
  },
];

function smallMessages(): Budget[] {
  return [
    budget("binary", ">=", 1.3, "wasmtime", "issue 3"),
    budget("binary", ">=", 1.7, "wasmtime", "design"),
    budget("binary", ">=", 0.9, "native", "design"),
    budget("node", ">=", 1, "wasmtime", "design"),
  ];
}

/** What idle connections leave of the throughput without any. */
function keptOfNone(): Budget {
  return {
    column: "binary",
    limits: [{ atLeast: 0.5, times: { column: "binary", row: "echo-16" } }],
    source: "design",
  };
}

/** Adds the rows of echo throughput (requests or connections a second). */
export async function measureThroughput(bench: Bench): Promise<void> {
  const wanted = rows.filter((row) => bench.wants(row.id));
  if (wanted.length === 0) return;
  const guest = guestPath("tcpecho");
  if (!existsSync(guest)) return bench.leaveOut("echo", "tests/guests/tcpecho.wasm is not there");
  const commands = commandsFor(bench.runners, guest, ["127.0.0.1:0", "--no-ticks"]);
  const servers = new Map<string, EchoServer>();
  try {
    for (const row of wanted) {
      const failed = new Map<string, string>();
      for (const [id, command] of commands) {
        try {
          const server = servers.get(id) ?? (await startServer(bench, command));
          servers.set(id, server);
          await openIdle(bench, server, row.idle);
        } catch (error) {
          if (!(error instanceof CommandFailed)) throw error;
          failed.set(id, error.message);
        }
      }
      // The next row gets a fresh server in place of one that failed.
      for (const id of await measureEcho(bench, servers, failed, row)) {
        await endServer(servers.get(id));
        servers.delete(id);
      }
    }
  } finally {
    await Promise.all([...servers.values()].map(endServer));
  }
}

async function startServer(bench: Bench, command: readonly string[]): Promise<EchoServer> {
  const server = await serve(command, /listening on 127\.0\.0\.1:(\d+)/);
  const echo: EchoServer = { port: server.ready[1]!, server, holders: [] };
  // Code gets hot before the first sample.
  await load(bench, echo, ["echo", ...sixteen], "0.5");
  return echo;
}

async function endServer(echo: EchoServer | undefined): Promise<void> {
  if (echo !== undefined) await Promise.all([echo.server, ...echo.holders].map((process) => process.end()));
}

/** Brings a server's idle connections up to `count`. */
async function openIdle(bench: Bench, echo: EchoServer, count: number): Promise<void> {
  const open = echo.holders.reduce((sum, holder) => sum + Number(holder.ready[1]), 0);
  if (count <= open) return;
  const command = [bench.tools.load, "idle", echo.port, `${count - open}`];
  echo.holders.push(await withServerFate(echo, serve(command, /"opened":(\d+)/, 90_000)));
}

/** Adds a row, and its twin of the CPU time that a request costs the server; answers the ids of the servers that failed. */
async function measureEcho(
  bench: Bench,
  servers: ReadonlyMap<string, EchoServer>,
  failed: ReadonlyMap<string, string>,
  row: EchoRow,
): Promise<Iterable<string>> {
  const costs = new Map<string, number[]>();
  const failures = await measureRow(
    bench,
    { id: row.id, title: row.title, unit: "/s", budgets: row.budgets },
    {
      columns: new Map([...servers].map(([id, echo]) => [id, { id, echo }])),
      failed,
      rounds: bench.quick ? 3 : 5,
      sample: async ({ id, echo }) => {
        const before = cpuTimeOf(echo.server.pid);
        const { perSecond, done } = await load(bench, echo, row.load, bench.quick ? "0.3" : "0.6");
        const cost = (cpuTimeOf(echo.server.pid) - before) / done;
        costs.set(id, [...(costs.get(id) ?? []), cost * 1000]);
        return perSecond;
      },
    },
  );
  bench.add({
    id: `${row.id}-cpu`,
    title: "    CPU time of the server, each",
    unit: "us",
    samples: costs,
    failures: new Map(),
    budgets: [],
  });
  return failures.keys();
}

interface Throughput {
  readonly perSecond: number;
  readonly done: number;
}

/** Runs the load generator for `seconds`. Throws CommandFailed when nothing came back. */
async function load(
  bench: Bench,
  echo: EchoServer,
  [mode, ...shape]: readonly string[],
  seconds: string,
): Promise<Throughput> {
  const command = [bench.tools.load, mode!, echo.port, ...shape, seconds];
  const { stdout } = await withServerFate(echo, run(command, 10_000));
  const throughput = JSON.parse(stdout) as Throughput;
  if (throughput.done === 0) throw new CommandFailed(`${nameOf(command)}: nothing came back`);
  return throughput;
}

/** Adds to a failure how the server has ended, if it has. */
async function withServerFate<T>(echo: EchoServer, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const fate = echo.server.ended();
    if (!(error instanceof CommandFailed) || fate === undefined) throw error;
    throw new CommandFailed(`the server ended, ${fate}`);
  }
}
