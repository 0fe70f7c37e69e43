import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { runtime } from "./runtime.ts";

/** The command that runs one of ./programs on the runtime that runs this test. `flags` are the runtime's. */
export function command(program: string, args: readonly string[] = [], flags?: readonly string[]): readonly string[] {
  const file = join(import.meta.dirname, "programs", program);
  const run = { node: [], bun: [], deno: ["run", "--no-check", ...(flags ?? ["-A"])] }[runtime];
  return [process.execPath, ...run, ...(runtime === "deno" ? [] : (flags ?? [])), file, ...args];
}

export interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** Runs a command to its end. `use` gets the running child; its stdin is otherwise closed at once. */
export async function run(
  [file, ...args]: readonly string[],
  options: SpawnOptions = {},
  use: (child: ChildProcess) => void = (child) => child.stdin?.end(),
): Promise<Ended> {
  const child = spawn(file!, args, { timeout: 120_000, ...options });
  const stdout: Uint8Array[] = [];
  let stderr = "";
  child.stdout?.on("data", (data: Uint8Array) => stdout.push(data));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  use(child);
  const [status, signal] = await once(child, "close");
  return { status, signal, stdout: Buffer.concat(stdout), stderr };
}
