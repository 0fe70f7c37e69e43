/**
 * `pollux dev`: builds the project in this folder, runs what that makes, and does both again whenever a file of it changes. It is
 * `--watch` of a file that is looked at when a build has ended well. Loaded only for this.
 */
import process from "node:process";
import { allFeatures } from "../../component/binary/features.ts";
import { parseComponent } from "../../component/binary/parse.ts";
import type { Machines } from "../../machine/machines.ts";
import { UnsupportedRuntime } from "../../machine/unsupported-runtime.ts";
import { handlerOf, runOf } from "../../wasi/worlds.ts";
import { runFlags, serveFlags } from "../options/flags.ts";
import type { CommandLine, GivenOption } from "../options/scan.ts";
import { Failure } from "../output/failure.ts";
import { isCoreModule, readModule } from "../run/module-file.ts";
import { demand } from "../run/permissions.ts";
import type { Host } from "../run/surroundings.ts";
import type { Versions } from "../watch/watch-file.ts";
import { endBy, endSignals } from "../watch/watched-guest.ts";
import { BuiltFile } from "./built-file.ts";
import { readProject } from "./project.ts";

type Command = "run" | "serve";

/**
 * Returns when a build has made something to run.
 *
 * @returns The command line to run it by, and its versions
 * @throws Failure, UsageError
 */
export async function firstBuild(
  line: CommandLine,
  { machines, permits }: Host,
): Promise<{ readonly built: CommandLine; readonly versions: Versions }> {
  if (process.platform === "win32")
    throw new Failure("pollux dev does not run on Windows: it ends builds by their process groups");
  const missing = (["read", "write", "run", "env", "sys"] as const).map((name) => ["pollux dev", name] as const);
  demand(permits, missing);
  const { recipe, options, args } = readProject(line);
  const versions = new BuiltFile(recipe, ".");
  await untilBuilt(versions);
  const file = recipe.file();
  const command = commandOf(file);
  const watch = { flag: watchFlag, value: await watchMode(command, options, machines) };
  return {
    built: { command, options: [...optionsOf(command, options, file), watch], rest: [file, ...args] },
    versions,
  };
}

const watchFlag = runFlags.find(({ long }) => long === "watch")!;

async function untilBuilt(versions: BuiltFile): Promise<void> {
  const { promise: signalled, resolve } = Promise.withResolvers<NodeJS.Signals>();
  for (const signal of endSignals) process.on(signal, resolve);
  const signal = await Promise.race([signalled, versions.built().then(() => undefined)]);
  for (const each of endSignals) process.off(each, resolve);
  if (signal === undefined) return;
  await versions.close();
  await endBy(signal);
}

/** What the file is for. @throws what is wrong with it */
function commandOf(file: string): Command {
  const bytes = readModule(file);
  if (isCoreModule(bytes)) return "run";
  const exports = parseComponent(bytes, allFeatures).type.exports.keys().toArray();
  return runOf(exports) === undefined && handlerOf(exports) !== undefined ? "serve" : "run";
}

/** As the command has them. @throws Failure for one of the other command alone */
function optionsOf(command: Command, options: readonly GivenOption[], file: string): readonly GivenOption[] {
  const flags = command === "run" ? runFlags : serveFlags;
  return options.map(({ flag: { long }, value }) => {
    const flag = flags.find((each) => each.long === long);
    if (flag === undefined)
      throw new Failure(
        command === "run"
          ? `--${long} is an option of \`pollux serve\`: ${file} is no server`
          : `--${long} is an option of \`pollux run\`: ${file} is a server`,
      );
    return { flag, value };
  });
}

/** Listening sockets are kept where they are of the operating system. A server's always are. */
async function watchMode(command: Command, options: readonly GivenOption[], machines: Machines): Promise<string> {
  if (command === "serve" || options.some(({ flag, value }) => flag.long === "net" && value === "evented"))
    return "restart";
  try {
    await machines.blocking(false, { net: true, files: false });
    return "keep-listeners";
  } catch (error) {
    if (!(error instanceof UnsupportedRuntime)) throw error;
    return "restart";
  }
}
