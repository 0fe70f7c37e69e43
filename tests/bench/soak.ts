/**
 * `--soak`: minutes of mixed sizes, half-closes, resets and slow readers (native/soak.c, which accounts for every byte) against
 * the echo guest, one host after the other. What Pollux may not do meanwhile is grow: resident memory is sampled, and after the
 * last connection no more file descriptors may be open than before the first.
 */
import { readdirSync } from "node:fs";
import { setTimeout as pass } from "node:timers/promises";
import { residentKiB } from "./cost.ts";
import { CommandFailed, run, serve } from "./process.ts";
import { guestPath, type Runner } from "./runners.ts";
import { median, slope } from "./statistics.ts";
import type { NativeTools } from "./tools.ts";

const connections = "64";

/** Growth of resident memory that is still flat, MiB: from the middle third of the soak to its last. */
const flatMiB = 8;

/** How long the guest may take to close what the client has closed, ms. */
const closesWithin = 5000;

interface Accounts {
  readonly echo: number;
  readonly slow: number;
  readonly reset: number;
  readonly silent: number;
  /** Bytes; those that were sent and not echoed belong to connections that the client reset. */
  readonly sent: number;
  readonly echoed: number;
  readonly unread: number;
}

interface Sample {
  readonly minutes: number;
  readonly mebibytes: number;
}

/** Soaks each runner for `minutes`, printing what came out. Answers whether all of them held. */
export async function soak(tools: NativeTools, runners: readonly Runner[], minutes: number): Promise<boolean> {
  let held = true;
  for (const runner of runners) {
    const command = runner.command(guestPath("tcpecho"), ["127.0.0.1:0", "--no-ticks"]);
    if (command === undefined) continue;
    console.log(`\n${runner.title}, ${minutes} min, ${connections} connections at a time`);
    try {
      held = (await soakOne(tools, command, minutes)) && held;
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      console.log(`  MISS  ${error.message}`);
      held = false;
    }
  }
  return held;
}

async function soakOne(tools: NativeTools, command: readonly string[], minutes: number): Promise<boolean> {
  const server = await serve(command, /listening on 127\.0\.0\.1:(\d+)/);
  try {
    const port = server.ready[1]!;
    const files = openFiles(server.pid);
    const client = async (seconds: number): Promise<Accounts> => {
      const outcome = await run([tools.soak, port, connections, `${seconds}`, "1"], seconds * 1000 + 60_000);
      return JSON.parse(outcome.stdout) as Accounts;
    };
    // Code gets hot, and what the first connection of all makes for good is no growth.
    await client(1);
    const before = await settle(server.pid, files);
    const { accounts, samples } = await sampled(server.pid, client(minutes * 60));
    const after = await settle(server.pid, before);
    const fate = server.ended();
    if (fate !== undefined) throw new CommandFailed(`the server ended, ${fate}`);
    return report(accounts, samples, { before, after });
  } finally {
    await server.end();
  }
}

/** Samples resident memory once a second until the client is done. */
async function sampled(pid: number, client: Promise<Accounts>): Promise<{ accounts: Accounts; samples: Sample[] }> {
  const samples: Sample[] = [];
  const start = performance.now();
  const timer = setInterval(() => {
    samples.push({ minutes: (performance.now() - start) / 60_000, mebibytes: residentKiB(pid) / 1024 });
  }, 1000);
  try {
    return { accounts: await client, samples };
  } finally {
    clearInterval(timer);
  }
}

/** Waits until no more than `files` are open, or they stay open; answers how many are. */
async function settle(pid: number, files: number): Promise<number> {
  for (let waited = 0; openFiles(pid) > files && waited < closesWithin; waited += 100) await pass(100);
  return openFiles(pid);
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function report(accounts: Accounts, samples: readonly Sample[], files: { before: number; after: number }): boolean {
  const { echo, slow, reset, silent, sent, echoed, unread } = accounts;
  const third = Math.floor(samples.length / 3);
  const memory = samples.map((sample) => sample.mebibytes);
  const [middle, last] = [memory.slice(third, 2 * third), memory.slice(2 * third)].map(median) as [number, number];
  const rate = slope(samples.slice(third).map(({ minutes, mebibytes }) => [minutes, mebibytes]));
  const checks: readonly [boolean, string][] = [
    [
      sent === echoed + unread,
      `${echo} echoed and ended, ${slow} read slowly, ${reset} reset, ${silent} silent; ${gibibytes(sent)} GiB sent = ${gibibytes(echoed)} echoed + ${gibibytes(unread)} of the reset ones`,
    ],
    [
      last - middle <= flatMiB,
      `resident memory ${middle.toFixed(1)} MiB in the middle third, ${last.toFixed(1)} in the last (<= ${flatMiB} more), peak ${Math.max(...memory).toFixed(1)}; slope after the first third ${rate.toFixed(2)} MiB a minute`,
    ],
    [files.after <= files.before, `${files.before} files open before, ${files.after} after`],
  ];
  for (const [ok, text] of checks) console.log(`  ${ok ? "ok  " : "MISS"}  ${text}`);
  return checks.every(([ok]) => ok);
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(3);
}
