/** Commands of a shell as the tests of releases run them, each in an environment of its own. */
import { spawn } from "node:child_process";
import { accessSync, chmodSync, constants, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

/** A command that takes longer hangs, ms. */
const PATIENCE = 120_000;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ShellOptions {
  readonly cwd?: string;
  /** All of it: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Its whole standard input. */
  readonly input?: string;
}

/** Runs it to its end. Not by spawnSync: the servers that it asks are in this process. */
export function ended(
  [program = "", ...args]: readonly string[],
  { cwd, env, input = "" }: ShellOptions,
): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const child = spawn(program, args, { cwd, env, timeout: PATIENCE, killSignal: "SIGKILL" });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // A program may end before it has read its input.
  child.stdin.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") reject(error);
  });
  child.stdin.end(input);
  child.on("error", reject);
  child.on("close", (status) => resolve({ status, stdout, stderr }));
  return promise;
}

/** The program of that name on PATH; undefined: there is none. */
export function which(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return false;
    throw error;
  }
}

/** Makes a folder, for a PATH, with these programs of the machine, and with scripts of the test's own. */
export function toolsIn(
  folder: string,
  names: readonly string[],
  scripts: Readonly<Record<string, string>> = {},
): string {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    const program = which(name);
    if (program === undefined) throw new Error(`no ${name} on this machine`);
    symlinkSync(program, join(folder, name));
  }
  for (const [name, body] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}
