/** What a guest that is watched and a server have in common: how its file is looked at, how its process is started, what is told. */
import process from "node:process";
import type { Feature } from "../../component/binary/features.ts";
import { parseComponent } from "../../component/binary/parse.ts";
import { compile } from "../../wasm/compile.ts";
import { SUPERVISED } from "../options/commands.ts";
import type { CommandLine } from "../options/scan.ts";
import { coloured } from "../output/colours.ts";
import type { Environment } from "../output/environment.ts";
import { writeErr } from "../output/output.ts";
import { report } from "../report/report.ts";
import { isCoreModule, readModule } from "../run/module-file.ts";
import type { ProcessEnd, ProcessPlan } from "./watch-process.ts";

/** What ends who watches. */
export const endSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @throws what a run of the file as it is now would end with at once */
export function checkFile(path: string, allowed: ReadonlySet<Feature>): void {
  const bytes = readModule(path);
  if (isCoreModule(bytes)) compile(bytes);
  else parseComponent(bytes, allowed);
}

/**
 * The same command line, for a process that stands by.
 *
 * @param inherited Descriptors that are the same there, from 3 on
 * @param sockets Those that it is told of
 */
export function planOf(
  { command = "run", options, rest }: CommandLine,
  inherited: readonly number[],
  sockets: readonly number[],
): ProcessPlan {
  const words = options
    .filter(({ flag }) => flag.long !== "watch")
    .map(({ flag, value }) => (value === undefined ? `--${flag.long}` : `--${flag.long}=${value}`));
  const fds = [...inherited, "pipe" as const, ...sockets];
  const control = 3 + inherited.length;
  const supervised = SUPERVISED + [process.pid, control, ...sockets.map((_, i) => control + 1 + i)].join();
  return { args: [supervised, command, ...words, "--", ...rest], fds, env: undefined };
}

export function describeEnd({ status, signal }: ProcessEnd): string {
  return status === null ? `was ended by ${signal}` : `ended with status ${status}`;
}

/** Tells why a file does not run: in one line, and once, however often it is written with the same fault. */
export class Faults {
  readonly #path: string;
  readonly #environment: Environment;
  readonly #say: (sentence: string) => void;
  #last: string | undefined;

  constructor(path: string, environment: Environment, say = tell) {
    this.#path = path;
    this.#environment = environment;
    this.#say = say;
  }

  /** @param failure Undefined: there is none any more */
  tell(failure: unknown): void {
    const { line, text } = failure === undefined ? {} : report(failure, this.#path);
    const said = line === undefined ? text?.trimEnd() : `Error: ${line}`;
    if (said !== undefined && said !== this.#last)
      this.#say(`${coloured(said, this.#environment)}; waiting for ${this.#path} to change`);
    this.#last = said;
  }
}

/** @param since When its file was found to have changed, as `performance.now` */
export function tellRestarted(since: number): void {
  tell(`pollux: restarted in ${Math.round(performance.now() - since)} ms`);
}

/** Ends this process as the signal would, for whoever handles it no more. */
export async function endBy(signal: NodeJS.Signals): Promise<never> {
  process.kill(process.pid, signal);
  return new Promise(() => {});
}

export function tell(sentence: string): void {
  writeErr(`${sentence}\n`);
}
