/** What every soak watches of the server: resident memory while it works, and file descriptors before and after. */
import { setTimeout as pass } from "node:timers/promises";
import { openFilesOf, residentKiB } from "./cost.ts";
import { CommandFailed, type Server } from "./process.ts";
import type { Runner } from "./runners.ts";
import { median, slope } from "./statistics.ts";

/** Growth of resident memory that is still flat, MiB: from the middle third of the soak to its last. */
const flatMiB = 8;

/** Points of the series that is printed. */
const points = 10;

/** How long the guest may take to close what the client has closed, ms. */
const closesWithin = 5000;

export interface Sample {
  readonly minutes: number;
  readonly mebibytes: number;
}

/** Whether it holds, and what was seen. */
export type Check = readonly [holds: boolean, seen: string];

/** Soaks each runner in turn, and prints what came out. Returns whether all of them held. */
export async function soakEach(
  runners: readonly Runner[],
  head: (runner: Runner) => string,
  soakOne: (runner: Runner) => Promise<readonly Check[]>,
): Promise<boolean> {
  let held = true;
  for (const runner of runners) {
    console.log(`\n${head(runner)}`);
    try {
      const checks = await soakOne(runner);
      for (const [ok, text] of checks) console.log(`  ${ok ? "ok  " : "MISS"}  ${text}`);
      held = checks.every(([ok]) => ok) && held;
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      console.log(`  MISS  ${error.message}`);
      held = false;
    }
  }
  return held;
}

/**
 * Lets a client soak a server, and watches the server meanwhile.
 *
 * @param warmUp Makes code hot. What the first connections of all make for good is no growth
 * @throws CommandFailed when the server ends
 */
export async function watched<T>(
  server: Server,
  warmUp: () => Promise<unknown>,
  client: () => Promise<T>,
): Promise<{ result: T; checks: readonly Check[] }> {
  const files = openFilesOf(server.pid);
  await warmUp();
  const before = await settle(server.pid, files);
  const { result, samples } = await sampled(server.pid, client());
  const after = await settle(server.pid, before);
  const fate = server.ended();
  if (fate !== undefined) throw new CommandFailed(`the server ended, ${fate}`);
  return {
    result,
    checks: [memoryCheck(samples), [after <= before, `${before} files open before, ${after} after`]],
  };
}

/** Samples resident memory once a second until the work is done. */
async function sampled<T>(pid: number, work: Promise<T>): Promise<{ result: T; samples: readonly Sample[] }> {
  const samples: Sample[] = [];
  const start = performance.now();
  const timer = setInterval(() => {
    samples.push({ minutes: (performance.now() - start) / 60_000, mebibytes: residentKiB(pid) / 1024 });
  }, 1000);
  try {
    return { result: await work, samples };
  } finally {
    clearInterval(timer);
  }
}

/** Waits until no more than `files` are open, or they stay open; answers how many are. */
async function settle(pid: number, files: number): Promise<number> {
  for (let waited = 0; openFilesOf(pid) > files && waited < closesWithin; waited += 100) await pass(100);
  return openFilesOf(pid);
}

function memoryCheck(samples: readonly Sample[]): Check {
  const third = Math.floor(samples.length / 3);
  const memory = samples.map((sample) => sample.mebibytes);
  const [middle, last] = [memory.slice(third, 2 * third), memory.slice(2 * third)].map(median) as [number, number];
  const rate = slope(samples.slice(third).map(({ minutes, mebibytes }) => [minutes, mebibytes]));
  const every = Math.max(1, Math.floor(samples.length / points));
  const series = memory.filter((_, i) => i % every === 0).map((value) => value.toFixed(0));
  return [
    last - middle <= flatMiB,
    `resident memory ${middle.toFixed(1)} MiB in the middle third, ${last.toFixed(1)} in the last (<= ${flatMiB} more), peak ${Math.max(...memory).toFixed(1)}; slope after the first third ${rate.toFixed(2)} MiB a minute; every ${every} s: ${series.join(" ")}`,
  ];
}
