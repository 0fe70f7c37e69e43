/**
 * `pollux`, given a machine. A plain run goes from the scanner straight to the guest; help, the version, other commands and
 * Pollux's own messages load what they need when they need it.
 */
import process from "node:process";
import { checkEngine, checkWatch } from "./options/combinations.ts";
import { SUPERVISED } from "./options/commands.ts";
import { type HelpText, settings } from "./options/read-settings.ts";
import { type CommandLine, scan } from "./options/scan.ts";
import type { Settings } from "./options/settings.ts";
import { refuseLacking } from "./options/unsupported.ts";
import { missingOperand } from "./options/usage.ts";
import { writeErr } from "./output/output.ts";
import { fail } from "./report/fail.ts";
import { checkArguments } from "./run/host-strings.ts";
import { checkChoice } from "./run/machine.ts";
import { runFile } from "./run/run-file.ts";
import { explained, type Host, type Measured } from "./run/surroundings.ts";
import type { Versions } from "./watch/watch-file.ts";

/**
 * @param argv Without the runtime and the script.
 * @returns The exit status.
 */
async function main(argv: readonly string[], host: Host): Promise<number> {
  const [first = ""] = argv;
  const supervised = first.startsWith(SUPERVISED);
  const line = scan(supervised ? argv.slice(1) : argv);
  try {
    const renamed = line.command === "serve" || line.options.some(({ flag }) => flag.long === "argv0");
    checkArguments(argv, line.rest, line.command, renamed);
    if (supervised) {
      const { standBy, standByToServe } = await import("./watch/watch-standby.ts");
      const wait = line.command === "serve" ? standByToServe : standBy;
      // The engine is made ready now, or never.
      const { tuneEngine, ...tuned } = host;
      const tune = async () => {
        const asked = settingsOf(line);
        if (!("help" in asked)) await tuneFor(await withFile(asked), line, tuneEngine);
      };
      return await run(line, await wait(first, line.rest[0] ?? "", tuned, tune));
    }
    if (argv.length > 0 && startsGuests(line)) return await run(line, host);
    const { command } = line;
    if ((command === "dev" || command === "self-test") && line.problem === undefined && !endsEarly(line))
      return await ofProjects[command](line, host);
    const { runProgram } = await import("./program.ts");
    return await runProgram(line, host);
  } catch (error) {
    return fail(await explained(error, host.permits), line.rest[0] ?? "", host.environment);
  }
}

/** Runs to the end of the process: what a guest leaves behind (a lookup under way) does not keep it alive. */
export async function start(host: Host): Promise<never> {
  process.exit(await main(process.argv.slice(2), host));
}

function startsGuests({ command, options }: CommandLine): boolean {
  const starts = command === undefined || command === "run" || command === "serve";
  return starts && !endsEarly({ options });
}

/** By a text that is asked for. */
function endsEarly({ options }: Pick<CommandLine, "options">): boolean {
  return options.some(({ flag }) => flag.long === "help" || flag.long === "version");
}

/** Commands that run files which the user does not name. */
const ofProjects = {
  async dev(line: CommandLine, host: Host) {
    const project = await (await import("./dev/dev.ts")).firstBuild(line, host);
    for (;;) {
      const status = await run(project.built, host, project);
      if (!project.takeAgain()) return status;
    }
  },
  async "self-test"(line: CommandLine, host: Host) {
    const [{ selfTest }, { version }] = await Promise.all([import("./self-test/self-test.ts"), import("./version.ts")]);
    return selfTest(line, host, version);
  },
};

function settingsOf({ command, options }: CommandLine): Settings | HelpText {
  return settings(options, command === "serve");
}

/** With what its file of options says. */
async function withFile(asked: Settings): Promise<Settings> {
  const { config } = asked;
  return config === undefined ? asked : (await import("./options/config-file.ts")).withConfig(asked, config);
}

async function tuneFor(given: Settings, { rest }: CommandLine, tuneEngine: Host["tuneEngine"]): Promise<void> {
  const files = [...rest.slice(0, 1), ...given.preloads.map(({ path }) => path)];
  await tuneEngine?.(files, given.optimize["opt-level"]);
}

/** @param versions The file's, for who watches it: where something else than the file itself tells of them */
async function run(line: CommandLine, host: Host, versions?: Versions): Promise<number> {
  const asked = settingsOf(line);
  if ("help" in asked) {
    const { writeLaidOut } = await import("./program.ts");
    writeLaidOut(asked.help);
    return 0;
  }
  if (line.problem) throw line.problem;
  const [file] = line.rest;
  if (file === undefined)
    throw missingOperand(
      line.command,
      line.options.map(({ flag }) => flag),
    );
  const { config } = asked;
  const { permits } = host;
  const permissions = permits && (await import("./run/permissions.ts"));
  if (config !== undefined) permissions?.demand(permits, [permissions.toRead(config)]);
  const given = await withFile(asked);
  refuseLacking(given);
  checkEngine(given);
  checkChoice(given);
  checkWatch(given, file);
  // Last: nobody shall give a permission for what is refused all the same.
  permissions?.checkRun(given, file, permits);
  const { cache, "cache-config": cacheConfig } = given.codegen;
  if (cacheConfig !== undefined && cache !== false)
    (await import("./options/cache-config.ts")).checkCacheConfig(cacheConfig);
  if (given.watch !== undefined)
    return given.serves
      ? (await import("./watch/watch-server.ts")).watchServer(line, given, host, versions)
      : (await import("./watch/watch.ts")).watch(line, given, host, versions);
  await tuneFor(given, line, host.tuneEngine);
  const start = async (measured?: Measured) => {
    if (!given.serves) return runFile(file, line.rest, given, host, measured);
    return (await import("./serve/serve-file.ts")).serveFile(file, given, host, measured);
  };
  if (given.stats === undefined) return start();
  const stats = new (await import("./stats/stats.ts")).Stats();
  const meter = new (await import("./stats/stats-meter.ts")).Meter(stats.numbers);
  try {
    return await start({ stats, meter });
  } catch (error) {
    return await fail(await explained(error, host.permits), file, host.environment);
  } finally {
    writeErr(stats.report(given.stats));
  }
}
