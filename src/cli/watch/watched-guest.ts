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

/** @param failure Why it does not run */
export function tellFailing(failure: unknown, path: string, environment: Environment): void {
  const { text } = report(failure, path);
  tell(`${coloured(text.trimEnd(), environment)}\npollux: ${path}: waiting for it to change`);
}

/** Ends this process as the signal would, for whoever handles it no more. */
export async function endBy(signal: NodeJS.Signals): Promise<never> {
  process.kill(process.pid, signal);
  return new Promise(() => {});
}

export function tell(sentence: string): void {
  writeErr(`${sentence}\n`);
}
