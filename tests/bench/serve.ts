/**
 * `serve`: requests a second to served components of WASI 0.2 and 0.3, with the CPU time that each costs the server, beside
 * `wasmtime serve` with and without its pooling allocator, and plain HTTP servers of the runtimes.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { RustGuest } from "../e2e/rust.ts";
import type { Bench } from "./bench.ts";
import type { Load } from "./echo-server.ts";
import { type Beside, type Budget, budget } from "./rows.ts";
import { guestPath, interpreters, type Runner } from "./runners.ts";
import { type EchoRow, measureEchoes } from "./throughput.ts";

export const pooling: Beside = {
  suffix: ", pooling",
  of: "wasmtime",
  mark: "wp",
  title: "wasmtime with its pooling allocator",
  shown: true,
};
export const nodeHttp: Beside = {
  suffix: ", node:http",
  mark: "h",
  title: "node:http on the same runtime",
  shown: true,
};
export const own: Beside = { suffix: ", own server", mark: "o", title: "the runtime's own server", shown: true };

/** What makes code hot, s. */
const warmUp = 2;
const KiB = 1024;
const MiB = 1024 * KiB;

/** Served components are as fast as this, in multiples of wasmtime without pooling. */
const p2Budgets = [budget("binary", ">=", 1.5, "wasmtime", "issue 17")];
const p3Budgets = [
  budget("binary", ">=", 2, "wasmtime", "issue 17"),
  budget("binary", ">=", 0.5, `binary${nodeHttp.suffix}`, "issue 17"),
];
const memoryBudgets = [budget("binary", "<=", 2, "wasmtime", "issue 17")];

type Mode = "get" | "echo" | "down" | "up";

function requests(mode: Mode, connections: number, path: string, length: number): Load {
  return { program: "http", mode, shape: [`${connections}`, path, `${length}`] };
}

/** Of serve-hello, which has one answer for all, and of the plain servers. */
export const sixteenHellos = requests("get", 16, "/hello-length", 14);

/** Collections of garbage are in each sample then. */
const seconds = 1;

const common = { idle: 0, warmUp, seconds, budgets: [] } as const;

/** An instance a request. */
const p2HelloRows = helloRows("serve", "0.2", "/hello", p2Budgets, [pooling]);
/** Instances that are used again, as they are unless asked otherwise. */
const p3HelloRows = helloRows("serve-p3", "0.3", "/hello-length", p3Budgets, [pooling, nodeHttp, own]);

const p2BodyRows = bodyRows("serve", "0.2", "/length/1048576", [pooling]);
const p3BodyRows = bodyRows("serve-p3", "0.3", "/stream/16/65536", [pooling, nodeHttp, own]);

function helloRows(
  name: string,
  version: string,
  path: string,
  budgets: readonly Budget[],
  besides: readonly Beside[],
): readonly EchoRow[] {
  return [16, 64].map((connections) => ({
    ...common,
    id: `${name}-${connections}`,
    title: `serve ${version}, hello, ${connections} connections`,
    load: requests("get", connections, path, 14),
    budgets,
    besides,
    ...(connections === 64 ? { memoryBudgets } : {}),
  }));
}

function bodyRows(name: string, version: string, down: string, besides: readonly Beside[]): readonly EchoRow[] {
  const title = (what: string, connections: number) => `serve ${version}, ${what}, ${connections} connections`;
  return [
    ...[16, 64].map((connections) => ({
      ...common,
      id: `${name}-post-${connections}`,
      title: title("POST, echo of 1 KiB", connections),
      load: requests("echo", connections, "/echo", KiB),
      besides,
    })),
    {
      ...common,
      id: `${name}-down`,
      title: title("1 MiB down", 16),
      load: requests("down", 16, down, MiB),
      besides,
    },
    {
      ...common,
      id: `${name}-up`,
      title: title("1 MiB up", 16),
      load: requests("up", 16, "/upload", MiB),
      besides,
    },
  ];
}

/** Adds the rows of serving. */
export async function measureServe(bench: Bench): Promise<void> {
  await measureGuest(bench, "http/serve-hello", p2HelloRows);
  await measureGuest(bench, "http/serve", p2BodyRows);
  const p3Rows = [...p3HelloRows, ...p3BodyRows];
  if (!p3Rows.some(({ id }) => bench.wants(id))) return;
  const guest = new RustGuest("serve3");
  if (guest.skip !== false) return bench.leaveOut("serve of 0.3", guest.skip);
  guest.build();
  const commands = new Map([...servingCommands(bench.runners, guest.file), ...plainCommands(bench.runners)]);
  await measureEchoes(bench, commands, p3Rows);
}

async function measureGuest(bench: Bench, name: string, rows: readonly EchoRow[]): Promise<void> {
  const guest = guestPath(name);
  if (existsSync(guest)) await measureEchoes(bench, servingCommands(bench.runners, guest), rows);
  else bench.leaveOut(name, `tests/guests/${name}.wasm is not there`);
}

/** The commands that serve a guest, by runner; wasmtime's without pooling, and beside it with. */
export function servingCommands(
  runners: readonly Runner[],
  guest: string,
  options: readonly string[] = [],
): Map<string, readonly string[]> {
  const commands = new Map<string, readonly string[]>();
  for (const runner of runners) {
    // Whether it pools by itself is a matter of the machine's address space.
    const allocator = (on: "y" | "n") => (runner.id === "wasmtime" ? [`-Opooling-allocator=${on}`] : []);
    const command = runner.serving(guest, [...options, ...allocator("n")]);
    const pooled = runner.serving(guest, [...options, ...allocator("y")]);
    if (command !== undefined) commands.set(runner.id, command);
    if (pooled !== undefined && runner.id === "wasmtime") commands.set(`${runner.id}${pooling.suffix}`, pooled);
  }
  return commands;
}

/** The plain servers beside each of Pollux's hosts; beside the binary those of Bun, beside Node node:http alone. */
export function plainCommands(runners: readonly Runner[]): Map<string, readonly string[]> {
  const program = join(import.meta.dirname, "programs/own-http.ts");
  const commands = new Map<string, readonly string[]>();
  for (const { id } of runners) {
    if (id === "native" || id === "wasmtime") continue;
    const interpreter = interpreters[id === "binary" ? "bun" : id];
    commands.set(`${id}${nodeHttp.suffix}`, [...interpreter, program, "--node"]);
    if (id !== "node") commands.set(`${id}${own.suffix}`, [...interpreter, program]);
  }
  return commands;
}
