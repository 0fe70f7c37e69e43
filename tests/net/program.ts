import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { runtime } from "../adapters/runtime.ts";

/** What a program imports `dial`, `listen` and the rest from. */
export const library = new URL("../../src/index.ts", import.meta.url).href;

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a program given as text, which Deno takes as a module only. */
function inline(program: string, permissions: readonly string[]): string[] {
  switch (runtime) {
    case "bun":
      return ["-e", program];
    case "deno":
      return ["run", ...permissions, "--no-check", `data:text/javascript,${encodeURIComponent(program)}`];
    case "node":
      return ["--input-type=module", "-e", program];
  }
}

interface ProgramOptions {
  /** A descriptor for its stdin; a pipe unless given. */
  readonly stdin?: number;
  /** Deno's; all unless given. */
  readonly permissions?: readonly string[];
}

/** A program on the runtime under test. */
export class ProgramRun {
  readonly stdin: Writable;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  #stdout = "";
  #stderr = "";

  constructor(program: string, { stdin, permissions = ["-A"] }: ProgramOptions = {}) {
    const args = inline(program, permissions);
    const child = spawn(process.execPath, args, { cwd: root, stdio: [stdin ?? "pipe", "pipe", "pipe"] });
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

  /** Waits for a line that matches. */
  async line(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const match = this.#stdout.match(pattern);
      if (match !== null) return match;
      await once(this.#child.stdout!, "data");
    }
  }

  async end(): Promise<{ status: number | null; stdout: string; stderr: string }> {
    await this.#closed;
    return { status: this.#child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }
}
