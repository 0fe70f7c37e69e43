/**
 * WASI 0.3's echo servers, by reads and writes and by splice (tests/guests/rust/p3), on wasmtime and on Pollux, beside the echo of
 * WASI 0.2 on the same host and a native one.
 */
import { RustGuest } from "../e2e/rust.ts";
import { type Bench, commandsFor } from "./bench.ts";
import { sixteenConnections } from "./echo-server.ts";
import { type Beside, type Budget, budget } from "./rows.ts";
import { guestPath, polluxHosts, type Runner } from "./runners.ts";
import { type EchoRow, echoOf, measureEchoes } from "./throughput.ts";

const old: Beside = { suffix: ", 0.2", mark: "p", title: "the echo of WASI 0.2 there" };

/** By reads and writes: throughput, and CPU time a request. */
const small: Pick<EchoRow, "budgets" | "costBudgets" | "besides"> = {
  budgets: [reach(">=", 1.4), ofOld(">=", 0.75)],
  costBudgets: [reach("<=", 0.55), ofOld("<=", 1.25)],
  besides: [old],
};

const readRows: readonly EchoRow[] = [
  { id: "p3-1", title: "0.3 echo 64 B, 1 connection", idle: 0, load: echoOf(1, 64), ...small },
  { id: "p3-16", title: "0.3 echo 64 B, 16 connections", idle: 0, load: sixteenConnections, ...small },
  { id: "p3-64", title: "0.3 echo 64 B, 64 connections", idle: 0, load: echoOf(64, 64), ...small },
  {
    id: "p3-64k",
    title: "0.3 echo 64 KiB, 16 connections",
    idle: 0,
    load: echoOf(16, 65536),
    budgets: [reach(">=", 1)],
    besides: [old],
  },
  {
    id: "p3-churn",
    title: "0.3 connect, echo 64 B, close",
    idle: 0,
    load: { program: "load", mode: "churn", shape: ["64"] },
    budgets: [],
    besides: [old],
  },
  { id: "p3-idle-2000", title: "0.3, 16 active beside 2,000 idle", idle: 2000, load: sixteenConnections, ...small },
  { id: "p3-idle-9000", title: "0.3, 16 active beside 9,000 idle", idle: 9000, load: sixteenConnections, ...small },
];

const timeoutRows: readonly EchoRow[] = [
  {
    id: "p3-timeouts-9000",
    title: "0.3, 16 active beside 9,000 idle, a timeout on each read",
    idle: 9000,
    load: sixteenConnections,
    budgets: [],
  },
];

const spliceRows: readonly EchoRow[] = [
  ...[16, 64].map((connections) => ({
    id: `p3-splice-${connections}`,
    title: `0.3 splice 64 B, ${connections} connections`,
    idle: 0,
    load: echoOf(connections, 64),
    budgets: [reach(">=", 1.5), budget("binary", ">=", 0.9, "native", "issue 16")],
  })),
  {
    id: "p3-splice-64k",
    title: "0.3 splice 64 KiB, 16 connections",
    idle: 0,
    load: echoOf(16, 65536),
    budgets: [reach(">=", 1.5), budget("binary", ">=", 0.9, "native", "issue 16")],
  },
];

function reach(bound: ">=" | "<=", factor: number): Budget {
  return budget("binary", bound, factor, "wasmtime", "issue 16");
}

function ofOld(bound: ">=" | "<=", factor: number): Budget {
  return budget("binary", bound, factor, `binary${old.suffix}`, "issue 16");
}

/** Adds the rows of WASI 0.3's echo, requests a second, with the CPU time that each costs the server. */
export async function measureP3Echo(bench: Bench): Promise<void> {
  if (![...readRows, ...timeoutRows, ...spliceRows].some((row) => bench.wants(row.id))) return;
  const guest = new RustGuest("p3");
  if (guest.skip !== false) return bench.leaveOut("p3", guest.skip);
  guest.build();
  const native = bench.runners.filter(({ id }) => id === "native");
  const others = bench.runners.filter(({ id }) => id !== "native");
  const echo = ["127.0.0.1:0", "--no-ticks"];
  const servers = (mode: string) =>
    new Map([
      ...commandsFor(native, guestPath("tcpecho"), echo),
      ...commandsFor(others, guest.file, ["server", mode, "127.0.0.1:0"]),
    ]);
  const pollux = others.filter((runner: Runner) => polluxHosts.some((host) => host === runner.id));
  const beside = [...commandsFor(pollux, guestPath("tcpecho"), echo)].map(
    ([id, command]) => [`${id}${old.suffix}`, command] as const,
  );
  await measureEchoes(bench, new Map([...servers("echo"), ...beside]), readRows);
  await measureEchoes(bench, servers("timeout"), timeoutRows);
  await measureEchoes(bench, servers("splice"), spliceRows);
}
