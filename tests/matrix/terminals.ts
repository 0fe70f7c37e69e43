import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TerminalEnd, TerminalJob } from "./pty.ts";

const bun = join(import.meta.dirname, "../../node_modules/.bin/bun");

/** Pseudo-terminals, by a process of Bun's (pty.ts), until they are disposed of. */
export class Terminals implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #waiting = new Map<number, PromiseWithResolvers<TerminalEnd>>();
  #jobs = 0;

  constructor() {
    const child = spawn(bun, [join(import.meta.dirname, "pty.ts")], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.on("close", resolve));
    void this.#ended.then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error("the process with the terminals has ended"));
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const end: TerminalEnd = JSON.parse(line);
      this.#waiting.get(end.id)?.resolve(end);
      this.#waiting.delete(end.id);
    });
  }

  /** Runs a program to its end. */
  run(job: Omit<TerminalJob, "id">): Promise<TerminalEnd> {
    const end = Promise.withResolvers<TerminalEnd>();
    const id = this.#jobs++;
    this.#waiting.set(id, end);
    this.#child.stdin!.write(`${JSON.stringify({ id, ...job })}\n`);
    return end.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin!.end();
    await this.#ended;
  }
}
