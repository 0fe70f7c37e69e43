/**
 * Commands, help and version, by cac. It is loaded for these alone: to import it and parse with it costs 1 to 2 ms in the
 * standalone binary and 5 on Node, and a plain run needs nothing that the scanner does not know. It never sees a guest's
 * argument: the scanner hands it declared options in their long form, `--name=value`.
 */
import { CAC } from "cac";
import { type CommandHost, showCache } from "./cache.ts";
import { completion } from "./completion/completion.ts";
import { cacheActions, commandNames, commands, shells } from "./options/commands.ts";
import { describeFlag, type Flag } from "./options/flag.ts";
import { inspectFlags, runFlags, serveFlags, typesFlags } from "./options/flags.ts";
import type { CommandLine, GivenOption } from "./options/scan.ts";
import { settings } from "./options/settings.ts";
import { oneOf, UsageError, unknownCommand } from "./options/usage.ts";
import { Failure } from "./output/failure.ts";
import { writeOut } from "./output/output.ts";
import { version } from "./version.ts";

class Program extends CAC {
  /** cac's goes to the console, whose failures are nobody's. */
  override outputHelp(): void {
    const { info } = console;
    console.info = (text: string) => writeOut(`${text}\n`);
    try {
      super.outputHelp();
    } finally {
      console.info = info;
    }
  }

  override outputVersion(): void {
    writeOut(`pollux ${version}\n`);
  }
}

/** Declares every command and option of the tables. @param host For what the commands do. */
export function declareCommands(program: CAC, host: CommandHost): CAC {
  program.usage("[OPTIONS] <WASM>...\n  $ pollux <COMMAND>");
  program.version(version, "-V, --version");
  program.help();
  const run = program.command("run", commands.run.doc).usage("run [OPTIONS] <WASM>...");
  for (const flag of runFlags) run.option(rawName(flag), describeFlag(flag));
  const serve = program.command("serve", commands.serve.doc).usage("serve [OPTIONS] <WASM>");
  for (const flag of serveFlags) serve.option(rawName(flag), describeFlag(flag));
  // Of one that begins with no-, cac makes up a default, which help would show.
  for (const { config } of serve.options) config.default = undefined;
  const inspect = program.command("inspect", commands.inspect.doc).usage("inspect [--json] <WASM>");
  for (const flag of inspectFlags) inspect.option(rawName(flag), describeFlag(flag));
  const types = program.command("types", commands.types.doc).usage("types [OPTIONS] <WASM>");
  for (const flag of typesFlags) types.option(rawName(flag), describeFlag(flag));
  program
    .command("completion <shell>", commands.completion.doc)
    .usage("completion <SHELL>")
    .action((shell: string) => writeOut(completion(oneOf(shell, shells, "<SHELL>"))));
  program
    .command("cache [action]", commands.cache.doc)
    .usage(`cache [${cacheActions.join("|")}]`)
    .action((action?: string) => showCache(action, host));
  program.command("help", commands.help.doc).usage("help [COMMAND]");
  return program;
}

/** @returns The exit status. @throws UsageError, Failure */
export function runProgram({ command, options, rest }: CommandLine, host: CommandHost): number {
  if (command !== undefined && !Object.hasOwn(commands, command)) {
    throw new Failure(`\`pollux ${command}\` is not supported`);
  }
  const given = settings(options);
  if ("help" in given) {
    writeOut(given.help);
    return 0;
  }
  try {
    declareCommands(new Program("pollux"), host).parse(["", "", ...cacArguments(command, options, rest)]);
  } catch (error) {
    // What cac throws of a command line has this name alone.
    if (error instanceof Error && error.name === "CACError") throw new UsageError(error.message);
    throw error;
  }
  return 0;
}

/** What cac is given to parse: `help run` as `run --help`, the options of run and serve in their long form. */
export function cacArguments(
  command: string | undefined,
  options: readonly GivenOption[],
  rest: readonly string[],
): string[] {
  if (command === "help") {
    const [word] = rest;
    const about = word === "--help" || word === "-h" ? "help" : word;
    if (about !== undefined && !commandNames.has(about)) throw unknownCommand(about);
    return about === undefined || about === "help" ? ["--help"] : [about, "--help"];
  }
  if (command !== undefined && command !== "run" && command !== "serve") return [command, ...rest];
  const long = options.map(({ flag, value }) => (value === undefined ? `--${flag.long}` : `--${flag.long}=${value}`));
  return command === undefined ? long : [command, ...long];
}

/** As cac declares an option: `-S, --wasi <KEY[=VAL[,..]]>`. */
function rawName({ short, long, value, alone }: Flag): string {
  const placeholder = value === undefined ? "" : alone === undefined ? ` <${value}>` : `[=${value}]`;
  return `${short === undefined ? "" : `-${short}, `}--${long}${placeholder}`;
}
