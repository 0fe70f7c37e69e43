/**
 * Runs the guests that check their host from inside on a real wasmtime and on Pollux, and prints where the two differ.
 *
 *     node tests/oracle/run.ts [--on=bun,deno,node,binary] [--record] [--fuzz=SECONDS] [part of a row's name]...
 *     node tests/oracle/run.ts --serve [--on=bun,deno,node,binary] [--record] [part of a case's title]...
 *     node tests/oracle/run.ts --serve-programs [--on=bun,deno,node,binary] [part of a program's name]...
 *     WASI_TESTSUITE=FOLDER node tests/oracle/run.ts --testsuite [--on=wasmtime,bun,deno,node,binary] [part of a name]...
 *
 * wasmtime is the command on PATH, if it is version 48; else PyPI's library of version 46 or 47 for Python 3, with the rows left
 * out that it cannot judge. With --record it only writes the tables of wasi:http anew (http.ts); with
 * --fuzz it only asks of wasi:http what nobody would (http-fuzz.ts); with --testsuite it only runs the programs of wasi-testsuite
 * in that folder (testsuite.ts); with --serve it only goes through the tables of `serve` (serve.ts); with --serve-programs it has servers as people write
 * them under wrk, Chromium and broken clients, of which wasmtime is not asked (serve-programs.ts). What is known to differ, and why, is in known.ts. Ends with status 1 when something else differs.
 */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { Temporary } from "../core/files/tree.ts";
import { guestFile, hosts } from "../e2e/host.ts";
import { compareTables } from "./http.ts";
import { fuzz } from "./http-fuzz.ts";
import { type Known, known, type Outcome, reasons } from "./known.ts";
import { type Row, rows } from "./rows.ts";
import { checkServe, compareServe } from "./serve.ts";
import { servePrograms } from "./serve-programs.ts";
import { runTestsuite } from "./testsuite.ts";
import { compareTraps } from "./traps.ts";
import { wasmtime } from "./wasmtime.ts";

/** Longer than any row takes on a busy machine, ms. */
const PATIENCE = 60_000;

interface Oracle {
  readonly name: string;
  readonly command: readonly string[];
  /** Why the row is left out, or undefined. */
  leftOut(row: Row): string | undefined;
}

const args = process.argv.slice(2);
const on = args
  .find((arg) => arg.startsWith("--on="))
  ?.slice("--on=".length)
  .split(",") ?? ["binary"];
const fuzzing = args.find((arg) => arg.startsWith("--fuzz="))?.slice("--fuzz=".length);
const record = args.includes("--record");
const parts = args.filter((arg) => !arg.startsWith("--"));
if (args.includes("--testsuite")) process.exit((await testsuite()) ? 0 : 1);

if (args.includes("--serve")) process.exit((await serve()) ? 0 : 1);

if (args.includes("--serve-programs")) {
  const chosen = hosts.filter(({ name }) => on.includes(name));
  process.exit((await servePrograms(chosen, parts)) ? 0 : 1);
}

const oracle = wasmtimeCommand() ?? wasmtimeLibrary();
if (oracle === undefined) {
  console.log(
    "no wasmtime 48 on PATH, and no wasmtime 46 or 47 for python3 (pip install wasmtime==47.0.1): nothing to ask",
  );
} else {
  if (fuzzing !== undefined) {
    const { differing, cases } = await fuzz(oracle.command, [...binary(), "run"], Number(fuzzing), Date.now() & 0xffff);
    console.log(`http by chance: ${cases} cases, ${differing} differ`);
    process.exit(differing === 0 ? 0 : 1);
  }
  const rowsAgree = record ? true : await compareAll(oracle);
  const isCommand = oracle.command[0] === "wasmtime";
  const tablesAgree = !isCommand || (await compareTables(oracle.command, record));
  const trapsAgree = !isCommand || record || (await compareTraps(oracle.command));
  process.exitCode = rowsAgree && tablesAgree && trapsAgree ? 0 : 1;
}

async function testsuite(): Promise<boolean> {
  const folder = process.env["WASI_TESTSUITE"];
  const chosen = [wasmtime, ...hosts].filter((host) => on.includes(host === wasmtime ? "wasmtime" : host.name));
  if (folder !== undefined) return await runTestsuite(folder, chosen, parts);
  console.log(
    "WASI_TESTSUITE is not set: it names tests/rust/testsuite/wasm32-wasip3 of wasi-testsuite's prod/testsuite-base",
  );
  return false;
}

async function serve(): Promise<boolean> {
  let well = true;
  if (wasmtime.skip === false) {
    const command = ["wasmtime", "serve", "-Ccache=n"];
    well = await compareServe((guest, options) => [...command, ...options, guest], parts, record);
  } else {
    console.log(wasmtime.skip);
  }
  for (const { name, command, flags = [], skip } of record ? [] : hosts.filter(({ name }) => on.includes(name))) {
    if (skip !== false) console.log(`left out  ${name}: ${skip}`);
    else if (!hasServe(command)) console.log(`left out  ${name}: it has no \`serve\``);
    else {
      const serving = (guest: string, options: readonly string[]) => [...command, "serve", ...flags, ...options, guest];
      well = (await checkServe(name, serving, parts)) && well;
    }
  }
  return well;
}

function hasServe([program, ...rest]: readonly string[]): boolean {
  return spawnSync(program!, [...rest, "serve", "--help"]).status === 0;
}

function binary(): readonly string[] {
  return hosts.find(({ name }) => name === "binary")!.command;
}

function wasmtimeCommand(): Oracle | undefined {
  const { stdout } = spawnSync("wasmtime", ["--version"], { encoding: "utf8" });
  if (!/^wasmtime 48\./.test(stdout ?? "")) return undefined;
  return { name: stdout.trim(), command: ["wasmtime", "run", "-Ccache=n"], leftOut: () => undefined };
}

/** The library decides by flags of its own, so only rows with the whole network are asked of it. */
function wasmtimeLibrary(): Oracle | undefined {
  const { stdout } = spawnSync("python3", ["-c", "import wasmtime; print(wasmtime.__version__)"], { encoding: "utf8" });
  const version = /^4[67]\.\S*/.exec(stdout ?? "")?.[0];
  if (version === undefined) return undefined;
  return {
    name: `wasmtime ${version} as a Python library`,
    command: ["python3", join(import.meta.dirname, "../bench/native/wasmtime_run.py")],
    leftOut: ({ since48 }) => since48,
  };
}

async function compareAll(asked: Oracle): Promise<boolean> {
  console.log(`asked: ${asked.name}`);
  let well = true;
  const met = new Set<Known>();
  for (const row of rows) {
    const label = [...row.flags, row.name].join(" ");
    if (parts.length > 0 && !parts.some((part) => label.includes(part))) continue;
    const why = asked.leftOut(row);
    if (why !== undefined) {
      console.log(`left out  ${label}: since 48, ${why}`);
      continue;
    }
    const expected = await run(asked.command, asked.name.includes("library") ? [] : row.flags, row);
    for (const host of hosts.filter(({ name }) => on.includes(name))) {
      if (host.skip !== false) {
        console.log(`left out  ${host.name}: ${host.skip}`);
        continue;
      }
      well =
        judge(`${host.name}: ${label}`, row, [expected, await run([...host.command, "run"], row.flags, row)], met) &&
        well;
    }
  }
  for (const each of known) {
    if (parts.length > 0 || each.sometimes || met.has(each)) continue;
    console.log(`AGREE     ${each.row}: take it off known.ts`);
    well = false;
  }
  return well;
}

/** @returns Whether they agree, or differ as known. */
function judge(label: string, row: Row, [expected, seen]: readonly [Outcome, Outcome], met: Set<Known>): boolean {
  if (same(expected, seen)) {
    console.log(`agree     ${label}`);
    return true;
  }
  const why = reasons(row.name, expected, seen);
  if (why !== undefined) {
    for (const reason of why) met.add(reason);
    console.log(`known     ${label}: ${why.map((reason) => reason.why).join("; ")}`);
    return true;
  }
  console.log(`DIFFER    ${label}\n${indent("wasmtime", expected)}\n${indent("Pollux", seen)}`);
  return false;
}

function same(a: Outcome, b: Outcome): boolean {
  return a.status === b.status && a.stdout === b.stdout && a.stderr === b.stderr;
}

function indent(who: string, { status, stdout, stderr }: Outcome): string {
  return `  ${who}: status ${status}\n${`${stdout}${stderr}`.trimEnd().replaceAll(/^/gm, "    | ")}`;
}

async function run(
  command: readonly string[],
  flags: readonly string[],
  { name, input = "", stdin, plant, peer }: Row,
): Promise<Outcome> {
  using base = new Temporary();
  const directory = stdin === "directory" ? openSync(base.path, "r") : undefined;
  const [guest, ...guestArgs] = name.split(" ");
  const [program, ...rest] = [...command, ...flags, ...(plant?.(base.path) ?? []), guestFile(guest!), ...guestArgs];
  const { RUST_BACKTRACE: _, ...env } = process.env;
  const child = spawn(program!, rest, {
    env: { ...env, NO_COLOR: "1" },
    stdio: [directory ?? "pipe", "pipe", "pipe"],
    timeout: PATIENCE,
    killSignal: "SIGKILL",
  });
  if (directory !== undefined) closeSync(directory);
  child.stdin?.on("error", (error) => {
    // A guest may end before it has read its input.
    if (!("code" in error) || error.code !== "EPIPE") throw error;
  });
  child.stdin?.end(input);
  let met: Promise<void> | undefined;
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
      const port = /^listening on 127\.0\.0\.1:(\d+)$/m.exec(text.stdout)?.[1];
      if (peer !== undefined && port !== undefined) met ??= peer(Number(port));
    });
  }
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  await met;
  return { status, stdout: comparable(text.stdout), stderr: comparable(text.stderr) };
}

/** Without what says nothing about the host: how many checks a loop came to, ports, and the offsets that frames have. */
function comparable(text: string): string {
  return text
    .replaceAll(/^\d+ checks$/gm, "checks")
    .replaceAll(/^(listening on \S+):\d+$/gm, "$1:PORT")
    .replaceAll(/^(\s+\d+:)\s+0x[0-9a-f]+ - /gm, "$1 ")
    .replaceAll(/^\s+\d+: .*(?:<wasm function \d+>|![^ ]+)$\n/gm, "");
}
