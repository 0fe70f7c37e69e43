import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";

/** What a program imports `dial`, `listen` and the rest from. */
export const library = new URL("../../src/index.ts", import.meta.url).href;

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a program given as text, which Deno takes as a module only. */
const inline: (program: string) => string[] =
  process.versions["bun"] !== undefined
    ? (program) => ["-e", program]
    : process.versions["deno"] !== undefined
      ? (program) => ["run", "-A", "--no-check", `data:text/javascript,${encodeURIComponent(program)}`]
      : (program) => ["--input-type=module", "-e", program];

/** A program on the runtime under test. */
export class ProgramRun {
  readonly stdin: Writable;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  #stdout = "";
  #stderr = "";

  /** @param stdin a descriptor for its stdin; a pipe unless given */
  constructor(program: string, stdin: number | "pipe" = "pipe") {
    const child = spawn(process.execPath, inline(program), { cwd: root, stdio: [stdin, "pipe", "pipe"] });
    this.#child = child;
    this.stdin = child.stdin!;
    this.#closed = once(child, "close");
    child.stdout!.on("data", (chunk) => {
      this.#stdout += chunk;
    });
    child.stderr!.on("data", (chunk) => {
      this.#stderr += chunk;
    });
  }

  /** Waits until it has printed so many lines. */
  async printed(lines: number): Promise<void> {
    while (this.#stdout.split("\n").length <= lines) await once(this.#child.stdout!, "data");
  }

  async end(): Promise<{ status: number | null; stdout: string; stderr: string }> {
    await this.#closed;
    return { status: this.#child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }
}
