import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { Duplex } from "node:stream";
import { Failure } from "../output/failure.ts";
import { osError } from "../output/os-error.ts";
import { ownArguments } from "./own-arguments.ts";

/** A process that has not ended so long after it was to is killed, ms. */
const STUBBORN = 1000;

/** What a guest's process says to the one that has started it, a byte each: that its code runs, or that it serves; that it is asked to end. */
export const SERVING = "s";
export const SHUTDOWN_ASKED = "e";

export interface ProcessEnd {
  /** Null: ended by `signal`. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessPlan {
  /** Pollux's own arguments, for the process that is told to wait on the fd `control`. */
  readonly args: readonly string[];
  /** What it is given from fd 3 on: fds of this process, which get other numbers there, and the end of a pipe. */
  readonly fds: readonly (number | "pipe")[];
  /** Undefined: that of this process. */
  readonly env: NodeJS.ProcessEnv | undefined;
}

/** A process of Pollux's own that has everything ready for a guest, and waits for the word to run it (watch-standby.ts). */
export class GuestProcess {
  readonly ended: Promise<ProcessEnd>;
  /** Resolves when it says that its guest runs, or serves; or never. */
  readonly serving: Promise<void>;
  /** Resolves when it says that somebody wants the server to end, or never. */
  readonly shutdownAsked: Promise<void>;
  readonly #child: ChildProcess;
  readonly #control: Duplex;
  #running = true;

  /** Returns a Failure where the system has no process for it now. @throws Failure where there never is one */
  static async spawn({ args, fds, env }: ProcessPlan): Promise<GuestProcess | Failure> {
    try {
      const child = spawn(process.execPath, [...ownArguments(), ...args], {
        stdio: ["inherit", "inherit", "inherit", ...fds],
        env,
      });
      await once(child, "spawn");
      return new GuestProcess(child, child.stdio[3 + fds.indexOf("pipe")]);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const failure = new Failure("failed to start a process for the guest", [osError(error)]);
      // A permission of Deno's, which is not given later either.
      if (error.name === "NotCapable") throw failure;
      if (!("syscall" in error)) throw error;
      return failure;
    }
  }

  private constructor(child: ChildProcess, control: ChildProcess["stdio"][number] | undefined) {
    if (!(control instanceof Duplex)) throw new TypeError("a child process without its pipe");
    // It may be gone before it is told anything: its end tells.
    control.on("error", () => {});
    this.#child = child;
    this.#control = control;
    const said = (what: string) =>
      new Promise<void>((resolve) => {
        control.on("data", (bytes: Uint8Array) => {
          if (new TextDecoder().decode(bytes).includes(what)) resolve();
        });
      });
    this.serving = said(SERVING);
    this.shutdownAsked = said(SHUTDOWN_ASKED);
    this.ended = new Promise((resolve) => {
      child.on("exit", (status, signal) => {
        this.#running = false;
        resolve({ status, signal });
      });
    });
  }

  get running(): boolean {
    return this.#running;
  }

  /** Runs the guest. */
  start(): void {
    this.#control.end("\n");
  }

  /**
   * Ends it, whatever the guest does, and waits until it is gone: then its sockets are closed.
   *
   * @param patience How long it may take to do what it does then, ms
   */
  async stop(signal: NodeJS.Signals = "SIGTERM", patience = 0): Promise<void> {
    if (!this.#running) return;
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), patience + STUBBORN);
    await this.ended.finally(() => clearTimeout(timer));
  }
}
