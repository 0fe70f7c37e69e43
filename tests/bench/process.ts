/**
 * Child processes: commands that end by themselves and servers that the benchmark ends, each with a bound on its time, each
 * ended by its pid when the benchmark ends.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const running = new Set<Child>();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

/** Of what a server writes to stderr so much is kept, its last, in characters: one that is soaked may say a lot. */
const keptErrors = 65_536;

/** What a command left behind. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit status; null: ended by a signal. */
  readonly status: number | null;
}

export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
}

/** Runs a command to its end, or `timeout` ms. Throws CommandFailed when its status is not 0. */
export async function run(command: readonly string[], timeout = 60_000): Promise<Outcome> {
  const child = start(command);
  child.stdin.end();
  const outcome = await bounded(collect(child), timeout, command, child);
  if (outcome.status !== 0) {
    throw new CommandFailed(`${nameOf(command)}: status ${outcome.status}: ${lastWords(outcome.stderr)}`);
  }
  return outcome;
}

/** A process that has printed the line that says it is ready, and runs until `end`. */
export interface Server {
  readonly pid: number;
  /** The match of the pattern in its output. */
  readonly ready: RegExpMatchArray;
  /** How it ended by itself, e.g. `status 1: Error: ...`; undefined: it runs. */
  ended(): string | undefined;
  /** Kills it and waits until it is gone. */
  end(): Promise<void>;
}

/** Starts a command and waits until its output, or its errors, match `ready`, at most `timeout` ms. Throws CommandFailed. */
export async function serve(command: readonly string[], ready: RegExp, timeout = 60_000): Promise<Server> {
  const child = start(withFileLimit(command));
  let stderr = "";
  const matched = new Promise<RegExpMatchArray>((resolve, reject) => {
    let stdout = "";
    let isReady = false;
    const look = (text: string) => {
      const match = isReady ? null : text.match(ready);
      if (match === null) return;
      isReady = true;
      child.stdout.off("data", add).resume();
      resolve(match);
    };
    const add = (text: string) => {
      stdout += text;
      look(stdout);
    };
    child.stdout.on("data", add);
    child.stderr.on("data", (text: string) => {
      stderr = (stderr + text).slice(-keptErrors);
      look(stderr);
    });
    child.on("error", reject);
    child.on("close", (status) => {
      reject(new CommandFailed(`${nameOf(command)}: status ${status} before it was ready: ${lastWords(stderr)}`));
    });
  });
  const match = await bounded(matched, timeout, command, child);
  return {
    pid: child.pid!,
    ready: match,
    ended: () =>
      hasEnded(child) ? `${child.signalCode ?? `status ${child.exitCode}`}: ${lastWords(stderr)}` : undefined,
    end: async () => {
      if (hasEnded(child)) return;
      const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
      child.kill("SIGKILL");
      await closed;
    },
  };
}

function hasEnded(child: Child): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function start(command: readonly string[]): Child {
  const [program, ...args] = command;
  const child = spawn(program!, args, { stdio: ["pipe", "pipe", "pipe"] });
  running.add(child);
  child.stdout.setEncoding("utf8");
  child.stderr.setEncoding("utf8");
  child.on("close", () => running.delete(child));
  child.on("error", () => running.delete(child));
  return child;
}

function collect(child: Child): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ stdout, stderr, status }));
  });
}

function bounded<T>(work: Promise<T>, timeout: number, command: readonly string[], child: Child): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    child.kill("SIGKILL");
    reject(new CommandFailed(`${nameOf(command)} was not done after ${timeout / 1000} s`));
  }, timeout);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The same command with as many open files as the hard limit allows: a server of 9,000 connections needs them. */
function withFileLimit(command: readonly string[]): readonly string[] {
  return ["sh", "-c", 'ulimit -n "$(ulimit -H -n)" 2>/dev/null || :; exec "$@"', "sh", ...command];
}

/** What a program said of its failure, in one line: the first line that calls itself an error, else the last. */
export function lastWords(stderr: string): string {
  const lines = stripVTControlCharacters(stderr)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "no message";
}

export function nameOf(command: readonly string[]): string {
  return command.map((word) => word.slice(word.lastIndexOf("/") + 1)).join(" ");
}
