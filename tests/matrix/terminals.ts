import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TerminalEnd, TerminalJob } from "./pty.ts";

const bun = join(import.meta.dirname, "../../node_modules/.bin/bun");

/** Pseudo-terminals, by a process of Bun's (pty.ts), until they are disposed of. */
export class Terminals implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #waiting = new Map<number, (end: TerminalEnd) => void>();
  #jobs = 0;

  constructor() {
    const child = spawn(bun, [join(import.meta.dirname, "pty.ts")], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.on("close", resolve));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const end: TerminalEnd = JSON.parse(line);
      this.#waiting.get(end.id)?.(end);
      this.#waiting.delete(end.id);
    });
  }

  /** Runs a program to its end. */
  run(job: Omit<TerminalJob, "id">): Promise<TerminalEnd> {
    const { promise, resolve } = Promise.withResolvers<TerminalEnd>();
    const id = this.#jobs++;
    this.#waiting.set(id, resolve);
    this.#child.stdin!.write(`${JSON.stringify({ id, ...job })}\n`);
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin!.end();
    await this.#ended;
  }
}
