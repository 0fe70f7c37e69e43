/** What a process costs: from wait4 for one that ends by itself, from /proc for one that runs. */
import { readdirSync, readFileSync } from "node:fs";
import { CommandFailed, lastWords, nameOf, run } from "./process.ts";
import type { NativeTools } from "./tools.ts";

export interface Cost {
  /** From its start to its end, ms. */
  readonly wall: number;
  /** User and system time, ms. */
  readonly cpu: number;
  readonly peakMiB: number;
  readonly stdout: string;
}

/** Runs a command to its end, or `timeout` ms. Throws CommandFailed when its status is not 0. */
export async function measureCommand(tools: NativeTools, command: readonly string[], timeout?: number): Promise<Cost> {
  const { stdout, stderr } = await run([tools.measure, ...command], timeout);
  const end = stdout.lastIndexOf("\n{");
  const { wallUs, userUs, systemUs, peakKiB, status } = JSON.parse(stdout.slice(end)) as Record<string, number>;
  if (status !== 0) throw new CommandFailed(`${nameOf(command)}: status ${status}: ${lastWords(stderr)}`);
  return {
    wall: wallUs! / 1000,
    cpu: (userUs! + systemUs!) / 1000,
    peakMiB: peakKiB! / 1024,
    stdout: stdout.slice(0, end),
  };
}

/** proc_pid_stat(5) counts in ticks of 1/100 s on every Linux that the benchmark knows. */
const msPerTick = 10;

/** User and system time of a running process, all threads, in ms. Resolution 10 ms. */
export function cpuTimeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the command's name in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [fields[11], fields[12]];
  return (Number(user) + Number(system)) * msPerTick;
}

/** Resident memory of a running process, KiB (proc_pid_status(5)). */
export function residentKiB(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmRSS:\s*(\d+) kB$/m)?.[1]);
}

/** File descriptors that a running process has open. */
export function openFilesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
