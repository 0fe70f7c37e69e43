/**
 * Echo throughput. One server a runner, all started before the first sample and all alive to the end, so that every row can
 * go round all of them; beside the active connections of the last rows each holds thousands of idle ones.
 */
import { existsSync } from "node:fs";
import { type Bench, commandsFor, measureRow } from "./bench.ts";
import { CommandFailed, run, type Server, serve } from "./process.ts";
import { type Budget, budget } from "./rows.ts";
import { guestPath } from "./runners.ts";

interface EchoServer {
  readonly id: string;
  readonly port: string;
  readonly server: Server;
  /** The processes that hold its idle connections. */
  readonly holders: Server[];
  /** What went wrong while its idle connections were opened: then it has no part in the rows that need them. */
  idleFailure: string | undefined;
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
  const failures = new Map<string, string>();
  const servers = await startServers(bench, guest, failures);
  try {
    for (const row of wanted) {
      await openIdle(bench, servers, row.idle);
      await measureEcho(bench, servers, failures, row);
    }
  } finally {
    await Promise.all(servers.flatMap(({ server, holders }) => [server, ...holders]).map((process) => process.end()));
  }
}

/** Starts the echo server of each runner; those that do not come up are put into `failures`. */
async function startServers(bench: Bench, guest: string, failures: Map<string, string>): Promise<EchoServer[]> {
  const servers: EchoServer[] = [];
  for (const [id, command] of commandsFor(bench.runners, guest, ["127.0.0.1:0", "--no-ticks"])) {
    try {
      const server = await serve(command, /listening on 127\.0\.0\.1:(\d+)/);
      const port = server.ready[1]!;
      // Code gets hot before the first sample.
      await run([bench.tools.load, "echo", port, ...sixteen, "0.5"]);
      servers.push({ id, port, server, holders: [], idleFailure: undefined });
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      failures.set(id, error.message);
    }
  }
  return servers;
}

/** Brings each server's idle connections up to `count`. */
async function openIdle(bench: Bench, servers: readonly EchoServer[], count: number): Promise<void> {
  for (const echo of servers) {
    const more = count - idleOf(echo);
    if (more <= 0 || echo.idleFailure !== undefined) continue;
    try {
      echo.holders.push(await serve([bench.tools.load, "idle", echo.port, `${more}`], /"opened":(\d+)/, 90_000));
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      echo.idleFailure = `${count} idle connections: ${error.message}`;
    }
  }
}

function idleOf(echo: EchoServer): number {
  return echo.holders.reduce((sum, holder) => sum + Number(holder.ready[1]), 0);
}

async function measureEcho(
  bench: Bench,
  servers: readonly EchoServer[],
  startFailures: ReadonlyMap<string, string>,
  row: EchoRow,
): Promise<void> {
  const [mode, ...shape] = row.load;
  const seconds = bench.quick ? "0.3" : "0.6";
  await measureRow(
    bench,
    { id: row.id, title: row.title, unit: "/s", budgets: row.budgets },
    {
      columns: new Map(servers.map((echo) => [echo.id, echo])),
      failed: startFailures,
      rounds: bench.quick ? 3 : 5,
      sample: async (echo) => {
        if (echo.idleFailure !== undefined) throw new CommandFailed(echo.idleFailure);
        const { stdout } = await run([bench.tools.load, mode!, echo.port, ...shape, seconds]);
        return (JSON.parse(stdout) as { perSecond: number }).perSecond;
      },
    },
  );
}
