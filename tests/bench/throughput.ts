/**
 * Echo throughput. One server a runner, all started before the first sample and all alive to the end, so that every row can
 * go round all of them; beside the active connections of the last rows each holds thousands of idle ones.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { NetFamily } from "../../src/machine/machines.ts";
import { RustGuest } from "../e2e/rust.ts";
import { type Bench, commandsFor, measureRow } from "./bench.ts";
import { cpuTimeOf, residentKiB } from "./cost.ts";
import {
  type EchoServer,
  endServer,
  type Load,
  load,
  openIdle,
  sixteenConnections,
  startServer,
  warmUp,
} from "./echo-server.ts";
import { CommandFailed } from "./process.ts";
import { type Beside, type Budget, budget } from "./rows.ts";
import { guestPath, interpreters, polluxHosts, type Runner } from "./runners.ts";

export interface EchoRow {
  readonly id: string;
  readonly title: string;
  /** Idle connections beside the active ones. */
  readonly idle: number;
  readonly load: Load;
  readonly budgets: readonly Budget[];
  /** Of the CPU time that a request costs. */
  readonly costBudgets?: readonly Budget[];
  /** Of the server's resident memory at the end of each sample, which is a row of its own then. */
  readonly memoryBudgets?: readonly Budget[];
  /** Servers that are loaded in the same rounds. */
  readonly besides?: readonly Beside[];
  /** What makes the servers' code hot, s; 1 unless given. */
  readonly warmUp?: number;
  /** How long a sample takes, s; 0.4 unless given, and half of it with --quick. */
  readonly seconds?: number;
  /** Their idle connections; unless given, as many. */
  readonly besideIdle?: number;
}

const blocking: Beside = { suffix: ", blocking", mark: "b", title: "the same that blocks" };
const untimed: Beside = { suffix: ", untimed", mark: "t", title: "the same without timeouts" };
const alone: Beside = { suffix: ", alone", mark: "a", title: "the same without idle connections" };
const own: Beside = { suffix: ", own", mark: "o", title: "the runtime's own" };

const tcpRows: readonly EchoRow[] = [
  { id: "echo-1", title: "echo 64 B, 1 connection", idle: 0, load: echoOf(1, 64), budgets: [] },
  { id: "echo-16", title: "echo 64 B, 16 connections", idle: 0, load: sixteenConnections, budgets: smallMessages() },
  { id: "echo-64", title: "echo 64 B, 64 connections", idle: 0, load: echoOf(64, 64), budgets: smallMessages() },
  {
    id: "echo-64k",
    title: "echo 64 KiB, 16 connections",
    idle: 0,
    load: echoOf(16, 65536),
    budgets: [budget("binary", ">=", 1, "wasmtime", "design")],
  },
  {
    id: "churn",
    title: "connect, echo 64 B, close",
    idle: 0,
    load: { program: "load", mode: "churn", shape: ["64"] },
    budgets: [budget("binary", ">=", 2, "wasmtime", "design")],
  },
  idleRow(1000, []),
  idleRow(2000, []),
  idleRow(4000, [
    budget("binary", ">=", 10, "wasmtime", "issue 3"),
    budget("binary", ">=", 15, "wasmtime", "design"),
    keptOfNone(),
  ]),
  idleRow(9000, [budget("binary", ">=", 25, "wasmtime", "design"), keptOfNone()]),
];

/** So many sockets that are ready at once that wasmtime's budget for a poll is spent before it has looked at them: it answers none. */
const atOnceRows: readonly EchoRow[] = [
  {
    id: "echo-1000",
    title: "echo 64 B, 1,000 connections",
    idle: 0,
    load: echoOf(1000, 64),
    budgets: [budget("binary", ">=", 0.9, "native", "issue 19")],
    seconds: 1,
  },
];

/** A server whose every connection has a timeout, which it renews with each message: as many deadlines as connections. */
const timeoutRows: readonly EchoRow[] = [
  {
    id: "timeouts-9000",
    title: "16 active beside 9,000 idle, a timeout each",
    idle: 9000,
    load: sixteenConnections,
    budgets: ofBeside(untimed, 0.7, "issue 13"),
    besides: [untimed],
  },
];

/** Connections that come and go beside many that stay. */
const crowdedRows: readonly EchoRow[] = [
  {
    id: "churn-9000",
    title: "connect, echo 64 B, close, beside 9,000 idle",
    idle: 9000,
    load: { program: "load", mode: "churn", shape: ["64"] },
    budgets: ofBeside(alone, 0.8, "issue 13"),
    besides: [alone],
    besideIdle: 0,
  },
];

/** Guests that are suspended while they wait, against the same that block. */
const suspendedRows = pairedRows("suspending", blocking, 0.6);

/** Guests on the runtime's own sockets, against the shortest server on them; the binary's are Bun's. */
const eventedRows = pairedRows("evented", own, 0.4);

function pairedRows(name: string, beside: Beside, atLeast: number): readonly EchoRow[] {
  return [16, 64].map((connections) => ({
    id: `${name}-${connections}`,
    title: `echo 64 B, ${connections} connections, ${name}`,
    idle: 0,
    load: echoOf(connections, 64),
    budgets: ofBeside(beside, atLeast, "issue 8"),
    besides: [beside],
  }));
}

function ofBeside({ suffix }: Beside, atLeast: number, source: string): readonly Budget[] {
  return polluxHosts.map((column) => budget(column, ">=", atLeast, `${column}${suffix}`, source));
}

const udpRows: readonly EchoRow[] = [
  {
    id: "udp-16",
    title: "UDP echo 64 B, 16 in flight",
    idle: 0,
    load: { program: "udp", mode: "load", shape: ["16", "64"] },
    budgets: [budget("binary", ">=", 1.5, "wasmtime", "issue 5")],
  },
];

/** A guest that waits as tokio does, with a list of all its connections. */
const tokioRows: readonly EchoRow[] = [
  { id: "tokio-16", title: "tokio echo 64 B, 16 connections", idle: 0, load: sixteenConnections, budgets: [] },
  {
    id: "tokio-2000",
    title: "tokio, 16 active beside 2,000 idle",
    idle: 2000,
    load: sixteenConnections,
    budgets: [],
  },
];

/** The TCP library beside the runtime's own sockets: programs, where the rows above run guests. */
const programRows: Readonly<Record<string, readonly EchoRow[]>> = {
  "net-echo": [
    { id: "net-16", title: "src/net, echo 64 B, 16 connections", idle: 0, load: sixteenConnections, budgets: [] },
    { id: "net-64", title: "src/net, echo 64 B, 64 connections", idle: 0, load: echoOf(64, 64), budgets: [] },
    {
      id: "net-4000",
      title: "src/net, 16 active beside 4,000 idle",
      idle: 4000,
      load: sixteenConnections,
      budgets: [],
    },
  ],
  "own-echo": [
    { id: "own-16", title: "the runtime's own, 16 connections", idle: 0, load: sixteenConnections, budgets: [] },
    { id: "own-64", title: "the runtime's own, 64 connections", idle: 0, load: echoOf(64, 64), budgets: [] },
  ],
};

/** The same with timeouts. */
const netTimeoutRows: readonly EchoRow[] = [
  {
    id: "net-timeouts-9000",
    title: "src/net, 16 active beside 9,000 idle, a timeout each",
    idle: 9000,
    load: sixteenConnections,
    budgets: ofBeside(untimed, 0.7, "issue 13"),
    besides: [untimed],
  },
];

/** The rows of the scale curve, by their number of idle connections. */
export const scaleRows: ReadonlyMap<number, string> = new Map([
  [0, "echo-16"],
  ...tcpRows.filter((row) => row.idle > 0).map((row) => [row.idle, row.id] as const),
]);

export function echoOf(connections: number, size: number): Load {
  return { program: "load", mode: "echo", shape: [`${connections}`, `${size}`] };
}

function idleRow(idle: number, budgets: readonly Budget[]): EchoRow {
  const title = `16 active beside ${idle.toLocaleString("en")} idle`;
  return { id: `idle-${idle}`, title, idle, load: sixteenConnections, budgets };
}

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

/** Adds the rows of echo throughput (requests or connections a second), and how many datagrams got lost. */
export async function measureThroughput(bench: Bench): Promise<void> {
  const args = ["127.0.0.1:0", "--no-ticks"];
  await measureGuest(bench, "tcpecho", tcpRows, (guest) => commandsFor(bench.runners, guest, args));
  await measureGuest(bench, "tcpecho", atOnceRows, (guest) => commandsFor(bench.runners, guest, args));
  await measureGuest(bench, "tcpecho", timeoutRows, (guest) => {
    const pollux = bench.runners.filter(isPollux);
    const timed = bench.runners.filter((runner) => runner.id !== "native");
    return new Map([
      ...commandsFor(timed, guest, [...args, "--timeout"]),
      ...suffixed(commandsFor(pollux, guest, args), untimed),
    ]);
  });
  await measureGuest(bench, "tcpecho", crowdedRows, (guest) => {
    const commands = commandsFor(bench.runners.filter(isPollux), guest, args);
    return new Map([...commands, ...suffixed(commands, alone)]);
  });
  await measureGuest(bench, "tcpecho", suspendedRows, (guest) => {
    const suspended = suspendingCommands(bench.runners, "posix", guest, args);
    const pollux = bench.runners.filter(({ id }) => suspended.has(id));
    return new Map([...suspended, ...suffixed(commandsFor(pollux, guest, args), blocking)]);
  });
  await measureGuest(bench, "tcpecho", eventedRows, (guest) => {
    const evented = suspendingCommands(bench.runners, "evented", guest, args);
    return new Map([...evented, ...suffixed(ownCommands(evented.keys()), own)]);
  });
  await measureGuest(bench, "udpecho", udpRows, (guest) => commandsFor(bench.runners, guest, args.slice(0, 1)));
  await measureTokio(bench);
  for (const [name, rows] of Object.entries(programRows)) {
    await measureEchoes(bench, programCommands(bench.runners, name), rows);
  }
  await measureEchoes(
    bench,
    new Map([
      ...programCommands(bench.runners, "net-echo", "--timeout"),
      ...suffixed(programCommands(bench.runners, "net-echo"), untimed),
    ]),
    netTimeoutRows,
  );
}

function isPollux({ id }: Runner): boolean {
  return polluxHosts.some((host) => host === id);
}

/** The commands that run a program of ours, by runner. */
function programCommands(
  runners: readonly Runner[],
  name: string,
  ...args: readonly string[]
): Map<string, readonly string[]> {
  const commands = new Map<string, readonly string[]>();
  for (const { id, interpreter } of runners) {
    if (interpreter !== undefined) commands.set(id, [...interpreter, programPath(name), ...args]);
  }
  return commands;
}

async function measureTokio(bench: Bench): Promise<void> {
  if (!tokioRows.some((row) => bench.wants(row.id))) return;
  const guest = new RustGuest("tokio");
  if (guest.skip !== false) return bench.leaveOut("tokio", guest.skip);
  guest.build();
  await measureEchoes(bench, commandsFor(bench.runners, guest.file, ["127.0.0.1:0"]), tokioRows);
}

function programPath(name: string): string {
  return join(import.meta.dirname, "programs", `${name}.ts`);
}

/** The shortest server on the sockets of each runtime; the binary's are Bun's. */
function ownCommands(ids: Iterable<string>): Map<string, readonly string[]> {
  const commands = new Map<string, readonly string[]>();
  for (const id of ids) {
    const interpreter = interpreters[id === "binary" ? "bun" : (id as keyof typeof interpreters)];
    commands.set(id, [...interpreter, programPath("own-echo")]);
  }
  return commands;
}

function suffixed<T>(commands: ReadonlyMap<string, T>, { suffix }: Beside): [string, T][] {
  return [...commands].map(([id, command]) => [`${id}${suffix}`, command]);
}

function suspendingCommands(
  runners: readonly Runner[],
  net: NetFamily,
  guest: string,
  args: readonly string[],
): Map<string, readonly string[]> {
  const commands = new Map<string, readonly string[]>();
  for (const runner of runners) {
    const command = runner.suspending(net, guest, args);
    if (command !== undefined) commands.set(runner.id, command);
  }
  return commands;
}

async function measureGuest(
  bench: Bench,
  name: string,
  rows: readonly EchoRow[],
  commandsOf: (guest: string) => ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const guest = guestPath(name);
  if (existsSync(guest)) await measureEchoes(bench, commandsOf(guest), rows);
  else if (rows.some((row) => bench.wants(row.id))) bench.leaveOut(name, `tests/guests/${name}.wasm is not there`);
}

export async function measureEchoes(
  bench: Bench,
  commands: ReadonlyMap<string, readonly string[]>,
  rows: readonly EchoRow[],
): Promise<void> {
  const wanted = rows.filter((row) => bench.wants(row.id));
  if (wanted.length === 0) return;
  const servers = new Map<string, EchoServer>();
  try {
    for (const row of wanted) {
      const failed = new Map<string, string>();
      for (const [id, command] of commands) {
        try {
          const server = servers.get(id) ?? (await startServer(command));
          servers.set(id, server);
          await openIdle(bench, server, idleOf(row, id));
          await warmUp(bench, server, row.load, row.warmUp);
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

function idleOf({ idle, besides = [], besideIdle = idle }: EchoRow, id: string): number {
  return besides.some(({ suffix }) => id.endsWith(suffix)) ? besideIdle : idle;
}

/** Adds a row, and its twin of the CPU time that a request costs the server; answers the ids of the servers that failed. */
async function measureEcho(
  bench: Bench,
  servers: ReadonlyMap<string, EchoServer>,
  failed: ReadonlyMap<string, string>,
  row: EchoRow,
): Promise<Iterable<string>> {
  const { besides = [] } = row;
  const seconds = (row.seconds ?? 0.4) / (bench.quick ? 2 : 1);
  const costs = new Map<string, number[]>();
  const losses = new Map<string, number[]>();
  const memory = new Map<string, number[]>();
  const failures = await measureRow(
    bench,
    { besides, id: row.id, title: row.title, unit: "/s", budgets: row.budgets },
    {
      columns: new Map([...servers].map(([id, echo]) => [id, { id, echo }])),
      failed,
      rounds: bench.quick ? 3 : 4,
      sample: async ({ id, echo }) => {
        const before = cpuTimeOf(echo.server.pid);
        const { perSecond, done, lost } = await load(bench, echo, row.load, `${seconds}`);
        const cost = (cpuTimeOf(echo.server.pid) - before) / done;
        append(costs, id, cost * 1000);
        if (row.memoryBudgets !== undefined) append(memory, id, residentKiB(echo.server.pid) / 1024);
        if (lost !== undefined) append(losses, id, (100 * lost) / (done + lost));
        return perSecond;
      },
    },
  );
  const twin = { besides, failures: new Map<string, string>(), budgets: [] };
  const title = "    CPU time of the server, each";
  bench.add({ ...twin, id: `${row.id}-cpu`, title, unit: "us", samples: costs, budgets: row.costBudgets ?? [] });
  if (losses.size > 0) {
    bench.add({ ...twin, id: `${row.id}-lost`, title: "    datagrams lost", unit: "%", samples: losses });
  }
  if (row.memoryBudgets !== undefined) {
    const title = "    resident memory of the server then";
    bench.add({ ...twin, id: `${row.id}-memory`, title, unit: "MiB", samples: memory, budgets: row.memoryBudgets });
  }
  return failures.keys();
}

function append(samples: Map<string, number[]>, id: string, value: number): void {
  samples.set(id, [...(samples.get(id) ?? []), value]);
}
