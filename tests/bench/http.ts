/** HTTP: servers as people write them, on sockets; and a client by wasi:http. */
import { existsSync } from "node:fs";
import { RustGuest } from "../e2e/rust.ts";
import { type Bench, commandsFor, measureRow } from "./bench.ts";
import { endServer, type Load, load, startServer } from "./echo-server.ts";
import { CommandFailed, run } from "./process.ts";
import { budget } from "./rows.ts";
import { guestPath, type Runner } from "./runners.ts";
import { type EchoRow, measureEchoes } from "./throughput.ts";

/** Of what axum's and uvicorn's guest answer: `Hello, World!`. */
const requests = (connections: number): Load => ({
  program: "http",
  mode: "get",
  shape: [`${connections}`, "/", "13"],
});

/** axum, beside its native build; keep-alive connections. */
const axumRows: readonly EchoRow[] = [16, 64].map((connections) => ({
  id: `axum-${connections}`,
  title: `axum, GET, ${connections} connections`,
  idle: 0,
  load: requests(connections),
  warmUp: 2,
  budgets: [budget("binary", ">=", 0.6, "native", "issue 14")],
}));

const FIRST_SECOND = "axum-first";

const uvicornRows: readonly EchoRow[] = [
  {
    id: "uvicorn-16",
    title: "uvicorn (CPython), GET, 16 connections",
    idle: 0,
    load: requests(16),
    warmUp: 2,
    budgets: [],
  },
];

/** A client's work, by the arguments of tests/guests/http/load. */
const clientRows = [
  { id: "http-small", title: "client: 1,000 small requests, one after another", args: ["small", "1000"] },
  { id: "http-down", title: "client: 16 MiB down", args: ["down"] },
  { id: "http-up", title: "client: 16 MiB up", args: ["up"] },
] as const;

/** Adds the rows of HTTP. */
export async function measureHttp(bench: Bench): Promise<void> {
  const ids = [...axumRows, ...clientRows].map(({ id }) => id);
  if ([...ids, FIRST_SECOND].some((id) => bench.wants(id))) await measureAxum(bench);
  if (!uvicornRows.some(({ id }) => bench.wants(id))) return;
  const guest = guestPath("build/pyhttp");
  if (!existsSync(guest)) {
    bench.leaveOut("uvicorn", "not built: tests/guests/pyecho/build.sh pyhttp");
    return;
  }
  await measureEchoes(bench, commandsFor(bench.runners, guest, ["127.0.0.1:0"]), uvicornRows);
}

async function measureAxum(bench: Bench): Promise<void> {
  const guest = new RustGuest("axum");
  if (guest.skip !== false) return bench.leaveOut("axum, and the client of its native build", guest.skip);
  guest.build();
  const native = [guest.buildNative(), "127.0.0.1:0"];
  const commands = new Map([
    ...(bench.runners.some(({ id }) => id === "native") ? ([["native", native]] as const) : []),
    ...commandsFor(bench.runners, guest.file, ["127.0.0.1:0"]),
  ]);
  await measureEchoes(bench, commands, axumRows);
  if (bench.wants(FIRST_SECOND)) await measureFirstSecond(bench, commands);
  await measureClient(bench, native);
}

/** What a server answers in its first second. */
async function measureFirstSecond(bench: Bench, columns: ReadonlyMap<string, readonly string[]>): Promise<void> {
  await measureRow(
    bench,
    { id: FIRST_SECOND, title: "axum, GET, 16 connections, the first second", unit: "/s", budgets: [] },
    {
      columns,
      rounds: bench.quick ? 1 : 3,
      sample: async (command) => {
        const server = await startServer(command);
        try {
          return (await load(bench, server, requests(16), "1")).perSecond;
        } finally {
          await endServer(server);
        }
      },
    },
  );
}

/** A guest's requests to a native server. */
async function measureClient(bench: Bench, native: readonly string[]): Promise<void> {
  const rows = clientRows.filter(({ id }) => bench.wants(id));
  if (rows.length === 0) return;
  const server = await startServer(native);
  try {
    for (const { id, title, args } of rows) {
      await measureRow(
        bench,
        { id, title, unit: "ms", budgets: [] },
        {
          columns: withHttp(bench.runners, guestPath("http/load"), [`127.0.0.1:${server.port}`, ...args]),
          rounds: bench.quick ? 3 : 7,
          sample: async (command) => {
            const took = /^took (\d+)/.exec((await run(command)).stdout)?.[1];
            if (took === undefined) throw new CommandFailed("the client does not say how long it took");
            return Number(took) / 1000;
          },
        },
      );
    }
  } finally {
    await endServer(server);
  }
}

function withHttp(runners: readonly Runner[], guest: string, args: readonly string[]): Map<string, readonly string[]> {
  const commands = commandsFor(runners, guest, args);
  return new Map(
    [...commands].map(([id, command]) => {
      const at = command.indexOf(guest);
      return [id, [...command.slice(0, at), "-Shttp", ...command.slice(at)]];
    }),
  );
}
