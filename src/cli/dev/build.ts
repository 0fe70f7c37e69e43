/** A build under way: a command of the shell, in a process group of its own, so that all of it ends when it is to. */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { Failure } from "../output/failure.ts";
import { codeOf, osError } from "../output/os-error.ts";

/** How long a build may take to end when it is told to, ms. Then it is killed. */
const STUBBORN = 1000;

export class Build {
  /** Resolves with what is wrong with how it ended, or undefined. */
  readonly ended: Promise<string | undefined>;
  readonly #child: ChildProcess;

  /** Its output goes to stderr: stdout is the guest's. */
  constructor(command: string) {
    const child = spawn(command, { shell: true, detached: true, stdio: ["ignore", 2, 2] });
    this.#child = child;
    this.ended = new Promise((resolve, reject) => {
      child.on("error", (error) => reject(new Failure(`failed to run ${command}`, [osError(error)])));
      child.on("exit", (status, signal) => {
        if (status === 0) resolve(undefined);
        else resolve(status === null ? `was ended by ${signal}` : `failed with status ${status}`);
      });
    });
  }

  /** Ends all of its processes, and waits until the first of them is gone. */
  async stop(): Promise<void> {
    this.#signal("SIGTERM");
    const timer = setTimeout(() => this.#signal("SIGKILL"), STUBBORN);
    await this.ended.finally(() => clearTimeout(timer));
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // All of it has ended.
      if (codeOf(error) !== "ESRCH") throw error;
    }
  }
}
