/**
 * The commands that run no guest, and help. Loaded for these alone: what cac costs (1 to 2 ms in the binary, 5 on Node) a plain run
 * does not pay. The scanner has read the line by then.
 */
import { CAC } from "cac";
import { type CommandHost, showCache } from "./cache.ts";
import { completion } from "./completion/completion.ts";
import { commandHelp, overview } from "./help.ts";
import { type CommandName, commands, isCommand, shells } from "./options/commands.ts";
import { settings } from "./options/read-settings.ts";
import type { CommandLine } from "./options/scan.ts";
import { missingOperand, oneOf, unknownCommand } from "./options/usage.ts";
import { Failure } from "./output/failure.ts";
import { layout } from "./output/layout.ts";
import { writeOut } from "./output/output.ts";
import { terminalWidth } from "./output/terminal-width.ts";
import { version } from "./version.ts";

/** Runs a command. Returns its exit status; undefined for 0. */
type Action = (line: CommandLine, host: CommandHost) => number | undefined | Promise<number | undefined>;

/** Those that need all of the host: cli/main.ts has them. */
type WithHost = "run" | "serve" | "dev" | "self-test";

/** The action of each command that runs no guest. */
const actions: { readonly [name in Exclude<CommandName, WithHost>]: Action } = {
  async new(line, host) {
    (await import("./new/new.ts")).newProject(line, host);
    return undefined;
  },
  async inspect(line, { permits }) {
    const { inspect } = await import("./inspect.ts");
    return inspect(line, permits);
  },
  async types(line, { permits }) {
    (await import("./types.ts")).types(line, permits);
    return undefined;
  },
  completion({ rest: [shell] }) {
    if (shell === undefined) throw missingOperand("completion", []);
    writeOut(completion(oneOf(shell, shells, "<SHELL>")));
    return undefined;
  },
  cache({ rest: [action] }, host) {
    showCache(action, host);
    return undefined;
  },
  help({ rest: [about] }) {
    if (about !== undefined && !isCommand(about)) throw unknownCommand(about);
    writeHelp(about);
    return undefined;
  },
};

/** @returns The exit status. @throws UsageError, Failure */
export async function runProgram(line: CommandLine, host: CommandHost): Promise<number> {
  const { command, options, problem } = line;
  if (command !== undefined && !isCommand(command)) throw new Failure(`\`pollux ${command}\` is not supported`);
  const given = settings(options, command === "serve");
  if ("help" in given) writeLaidOut(given.help);
  else if (options.some(({ flag }) => flag.long === "version")) writeOut(`pollux ${version}\n`);
  else if (options.some(({ flag }) => flag.long === "help")) writeHelp(command);
  else if (problem !== undefined) throw problem;
  else {
    const program = declareCommands(line, host);
    program.parse(["", "", ...(command === undefined ? [] : [command])], { run: false });
    if (program.matchedCommand === undefined) writeHelp(undefined);
    else return ((await program.runMatchedCommand()) as number | undefined) ?? 0;
  }
  return 0;
}

function declareCommands(line: CommandLine, host: CommandHost): CAC {
  const program = new CAC("pollux");
  for (const [name, action] of Object.entries(actions))
    program.command(name, commands[name as keyof typeof actions].doc).action(() => action(line, host));
  return program;
}

/** @param about Undefined: all commands */
function writeHelp(about: CommandName | undefined): void {
  writeLaidOut(about === undefined || about === "help" ? overview() : commandHelp(about));
}

/** @param text As for `layout` */
export function writeLaidOut(text: string): void {
  writeOut(layout(text, terminalWidth()));
}
