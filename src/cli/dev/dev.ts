/**
 * `pollux dev`: builds the project in this folder, runs what that makes, and does both again whenever a file of it changes. It is
 * `--watch` of a file that is looked at when a build has ended well. Loaded only for this.
 */
import process from "node:process";
import { isDeepStrictEqual } from "node:util";
import { allFeatures } from "../../component/binary/features.ts";
import { parseComponent } from "../../component/binary/parse.ts";
import type { Machines } from "../../machine/machines.ts";
import { UnsupportedRuntime } from "../../machine/unsupported-runtime.ts";
import { handlerOf, runOf } from "../../wasi/worlds.ts";
import { runFlags, serveFlags } from "../options/flags.ts";
import { settings } from "../options/read-settings.ts";
import type { CommandLine, GivenOption } from "../options/scan.ts";
import { Failure } from "../output/failure.ts";
import { UsageError } from "../output/usage-error.ts";
import { report } from "../report/report.ts";
import { isCoreModule, readModule } from "../run/module-file.ts";
import { demand } from "../run/permissions.ts";
import type { Host } from "../run/surroundings.ts";
import type { Version, Versions } from "../watch/watch-file.ts";
import { endBy, endSignals, tell } from "../watch/watched-guest.ts";
import { BuiltFile } from "./built-file.ts";
import type { Recipe } from "./detect.ts";
import { type Project, readProject } from "./project.ts";

type Command = "run" | "serve";

/**
 * Returns when a build has made something to run.
 *
 * @throws Failure, UsageError
 */
export async function firstBuild(line: CommandLine, { machines, permits }: Host): Promise<DevProject> {
  if (process.platform === "win32")
    throw new Failure("pollux dev does not run on Windows: it ends builds by their process groups");
  const missing = (["read", "write", "run", "env", "sys"] as const).map((name) => ["pollux dev", name] as const);
  demand(permits, missing);
  const project = new DevProject(line, machines);
  await project.untilBuilt();
  return project;
}

/** The project, by what it says now. */
export class DevProject implements Versions {
  readonly #given: CommandLine;
  readonly #machines: Machines;
  readonly #file: BuiltFile;
  #project: Project;
  #built: CommandLine | undefined;
  #again = false;

  constructor(given: CommandLine, machines: Machines) {
    this.#given = given;
    this.#machines = machines;
    this.#project = readProject(given);
    this.#file = new BuiltFile(this.#project.recipe, ".", () => this.#reread());
  }

  /** The command line to run it by. */
  get built(): CommandLine {
    if (this.#built === undefined) throw new Error("a project that was not built");
    return this.#built;
  }

  /** Whether it is to be run once more, by another command line than before. */
  takeAgain(): boolean {
    const again = this.#again;
    this.#again = false;
    return again;
  }

  async untilBuilt(): Promise<void> {
    await untilBuilt(this.#file);
    this.#built = await this.#commandLine();
    this.#file.again();
  }

  async next(idle: () => boolean): Promise<Version> {
    const version = await this.#file.next(idle);
    if (version.failure !== undefined || version.otherwise !== true) return version;
    try {
      this.#built = await this.#commandLine();
    } catch (failure) {
      return { failure, since: version.since };
    }
    this.#again = true;
    this.#file.again();
    return version;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #reread(): Recipe | "wrong" | undefined {
    let project: Project;
    try {
      project = readProject(this.#given);
    } catch (error) {
      if (!(error instanceof Failure || error instanceof UsageError)) throw error;
      tell(`${report(error, "").text.trimEnd()}\npollux: waiting for a change`);
      return "wrong";
    }
    if (isDeepStrictEqual(wordsOf(project), wordsOf(this.#project))) return undefined;
    this.#project = project;
    return project.recipe;
  }

  /** @throws what is wrong with its options */
  async #commandLine(): Promise<CommandLine> {
    const { options, args } = this.#project;
    const file = this.#file.path;
    const command = commandOf(file);
    const watch = { flag: watchFlag, value: await watchMode(command, options, this.#machines) };
    const all = [...optionsOf(command, options, file), watch];
    settings(all, command === "serve");
    return { command, options: all, rest: [file, ...args] };
  }
}

/** Returns all that distinguishes one state of a project's settings from another. */
function wordsOf({ recipe, options, args, file }: Project): unknown {
  return [recipe.command, file, options.map(({ flag, value }) => [flag.long, value]), args];
}

const watchFlag = runFlags.find(({ long }) => long === "watch")!;

async function untilBuilt(versions: BuiltFile): Promise<void> {
  const { promise: signalled, resolve } = Promise.withResolvers<NodeJS.Signals>();
  for (const signal of endSignals) process.on(signal, resolve);
  const signal = await Promise.race([signalled, versions.built(() => true).then(() => undefined)]);
  for (const each of endSignals) process.off(each, resolve);
  if (signal === undefined) return;
  await versions.close();
  await endBy(signal);
}

/** Returns the command that the file is for. @throws what is wrong with it */
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
    const { selector } = await machines.blocking(false, { net: true, files: false });
    selector.close();
    return "keep-listeners";
  } catch (error) {
    if (!(error instanceof UnsupportedRuntime)) throw error;
    return "restart";
  }
}
