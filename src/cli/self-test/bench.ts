/** Runs guests as a user does: by this program, each in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { ownArguments } from "../watch/own-arguments.ts";
import type { Guests } from "./guests.ts";
import { Mismatch } from "./mismatch.ts";

/** The limit of one subject, ms: each takes far less. */
const PATIENCE = 15_000;

/** How many lines of what a guest said of its failure are told. */
const SHOWN = 4;

export interface RunOptions {
  /** run is meant where none is named. */
  readonly command?: "run" | "serve";
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
  /** The whole of its standard input. */
  readonly input?: string;
  /** Gives it an empty directory, as this. */
  readonly directory?: string;
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
}

export class Bench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "pollux-self-test-"));
  readonly #guests: Guests;
  #runs = 0;

  constructor(guests: Guests) {
    this.#guests = guests;
  }

  /** Runs a guest to its end. @throws Mismatch if that is another than `status` */
  async run(guest: string, { status, ...options }: RunOptions & { readonly status: number }): Promise<Outcome> {
    await using started = this.start(guest, options);
    return await started.end(status);
  }

  start(guest: string, { command = "run", flags = [], args = [], input = "", directory }: RunOptions): Started {
    const folder = join(this.#folder, `${this.#runs++}`);
    mkdirSync(folder);
    const file = join(folder, `${basename(guest)}.wasm`);
    this.#write(guest, file);
    const words = [command, ...flags];
    if (directory !== undefined) {
      mkdirSync(join(folder, "directory"));
      words.push("--dir", `${join(folder, "directory")}${directory}`);
    }
    return new Started([...words, file, ...args], input, { ...process.env, XDG_CACHE_HOME: folder });
  }

  /** Puts another guest in the place of the one that was started last. */
  replace(guest: string, by: string): void {
    const file = join(this.#folder, `${this.#runs - 1}`, `${basename(guest)}.wasm`);
    this.#write(by, `${file}.new`);
    renameSync(`${file}.new`, file);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #write(guest: string, file: string): void {
    const bytes = this.#guests.get(guest);
    if (bytes === undefined) throw new Error(`no guest ${guest}`);
    writeFileSync(file, bytes);
  }
}

/** A guest that runs until it ends, or its scope does. */
export class Started implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #stdout = "";
  #stderr = "";
  #changed = Promise.withResolvers<void>();
  #running = true;

  constructor(words: readonly string[], input: string, env: NodeJS.ProcessEnv) {
    const child = spawn(process.execPath, [...ownArguments(), ...words], {
      stdio: "pipe",
      env: { ...env, NO_COLOR: "1" },
    });
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#heard();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#heard();
    });
    // It may end before it has read its input.
    child.stdin.on("error", () => {}).end(input);
    this.#ended = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", () => {
        this.#running = false;
        this.#heard();
        resolve();
      });
    });
  }

  /** @throws Mismatch if it ends otherwise, or not at all */
  async end(status: number): Promise<Outcome> {
    await inTime(this.#ended, () => this.#described("did not end"));
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== status)
      throw new Mismatch(
        this.#described(exitCode === null ? `was ended by ${signalCode}` : `ended with status ${exitCode}`),
      );
    return { stdout: this.#stdout, stderr: this.#stderr };
  }

  /** Waits until its output, of either stream, matches. @throws Mismatch if it ends before */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
      if (match !== null) return match;
      if (!this.#running) throw new Mismatch(this.#described("ended early"));
      await inTime(this.#changed.promise, () => this.#described(`did not say ${pattern}`));
    }
  }

  /** Plays its client. @throws Mismatch if that fails, or takes too long */
  during<T>(promise: Promise<T>): Promise<T> {
    const told = promise.catch((error: unknown) => {
      if (!(error instanceof Error)) throw error;
      const { message } = error.cause instanceof Error ? error.cause : error;
      throw new Mismatch(this.#described(`could not be talked to: ${message}`));
    });
    return inTime(told, () => this.#described("did not answer"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running) this.#child.kill();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 2000);
    await this.#ended.finally(() => clearTimeout(timer));
  }

  #heard(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** With the first lines of what it said of it. */
  #described(what: string): string {
    const lines = this.#stderr
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && line !== "Caused by:");
    const more = lines.length > SHOWN ? [`and ${lines.length - SHOWN} lines more`] : [];
    return [what, ...lines.slice(0, SHOWN), ...more].join("; ");
  }
}

async function inTime<T>(promise: Promise<T>, late: () => string): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Mismatch(`${late()} within ${PATIENCE / 1000} s`)), PATIENCE);
  return await Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}
