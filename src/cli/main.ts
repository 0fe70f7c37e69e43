/**
 * `pollux`, given a machine. A plain run goes from the scanner straight to the guest; help, the version, other commands and
 * Pollux's own messages load what they need when they need it.
 */
import process from "node:process";
import { checkEngine, checkWatch } from "./options/combinations.ts";
import { commandNames, SUPERVISED } from "./options/commands.ts";
import { type CommandLine, scan } from "./options/scan.ts";
import type { ServeSettings } from "./options/serve-settings.ts";
import { type HelpText, refuseLacking, type Settings, settings } from "./options/settings.ts";
import { missingModule } from "./options/usage.ts";
import { writeErr, writeOut } from "./output/output.ts";
import { fail } from "./report/fail.ts";
import { checkArguments } from "./run/host-strings.ts";
import { checkChoice } from "./run/machine.ts";
import { runFile } from "./run/run-file.ts";
import type { Host, Measured } from "./run/surroundings.ts";

/**
 * @param argv Without the runtime and the script.
 * @returns The exit status.
 */
async function main(argv: readonly string[], host: Host): Promise<number> {
  const [first = ""] = argv;
  const supervised = first.startsWith(SUPERVISED);
  const line = scan(supervised ? argv.slice(1) : argv, commandNames);
  try {
    const renamed = line.command === "serve" || line.options.some(({ flag }) => flag.long === "argv0");
    checkArguments(argv, line.rest, line.command, renamed);
    if (supervised) {
      const { standBy, standByToServe } = await import("./watch/watch-standby.ts");
      const wait = line.command === "serve" ? standByToServe : standBy;
      // The engine is made ready now, or never.
      const { tuneEngine, ...tuned } = host;
      const tune = async () => {
        const asked = await settingsOf(line);
        if (!("help" in asked)) await tuneFor(await withFile(asked), line, tuneEngine);
      };
      return await run(line, await wait(first, line.rest[0] ?? "", tuned, tune));
    }
    if (startsGuests(line)) return await run(line, host);
    if (line.command === "inspect" && !asksHelp(line.rest)) {
      const { inspect, scanInspect } = await import("./inspect.ts");
      inspect(scanInspect(line.rest), host.permits);
      return 0;
    }
    if (line.command === "types" && !asksHelp(line.rest)) {
      const { scanTypes, types } = await import("./types.ts");
      types(scanTypes(line.rest), host.permits);
      return 0;
    }
    const { runProgram } = await import("./program.ts");
    return runProgram(line, host);
  } catch (error) {
    return fail(error, line.rest[0] ?? "", host.environment);
  }
}

/** Runs to the end of the process: what a guest leaves behind (a lookup under way) does not keep it alive. */
export async function start(host: Host): Promise<never> {
  process.exit(await main(process.argv.slice(2), host));
}

function startsGuests({ command, options }: CommandLine): boolean {
  const starts = command === undefined || command === "run" || command === "serve";
  return starts && !options.some(({ flag }) => flag.long === "help" || flag.long === "version");
}

/** Help of another command is cac's. */
function asksHelp(words: readonly string[]): boolean {
  return words.includes("--help") || words.includes("-h");
}

function isServer(given: Settings): given is ServeSettings {
  return "serve" in given;
}

async function settingsOf({ command, options }: CommandLine): Promise<Settings | ServeSettings | HelpText> {
  if (command !== "serve") return settings(options);
  return (await import("./options/serve-settings.ts")).serveSettings(options);
}

/** With what its file of options says. */
async function withFile<S extends Settings>(asked: S): Promise<S> {
  const { config } = asked;
  return config === undefined ? asked : (await import("./options/config-file.ts")).withConfig(asked, config);
}

async function tuneFor(given: Settings, { rest }: CommandLine, tuneEngine: Host["tuneEngine"]): Promise<void> {
  const files = [...rest.slice(0, 1), ...given.preloads.map(({ path }) => path)];
  await tuneEngine?.(files, given.optimize["opt-level"]);
}

async function run(line: CommandLine, host: Host): Promise<number> {
  const asked = await settingsOf(line);
  if ("help" in asked) {
    writeOut(asked.help);
    return 0;
  }
  if (line.problem) throw line.problem;
  const [file] = line.rest;
  if (file === undefined)
    throw missingModule(
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
    return isServer(given)
      ? (await import("./watch/watch-server.ts")).watchServer(line, given, host)
      : (await import("./watch/watch.ts")).watch(line, given, host);
  await tuneFor(given, line, host.tuneEngine);
  const start = async (measured?: Measured) => {
    if (!isServer(given)) return runFile(file, line.rest, given, host, measured);
    return (await import("./serve/serve-file.ts")).serveFile(file, given, host, measured);
  };
  if (given.stats === undefined) return start();
  const stats = new (await import("./stats/stats.ts")).Stats();
  const meter = new (await import("./stats/stats-meter.ts")).Meter(stats.numbers);
  try {
    return await start({ stats, meter });
  } catch (error) {
    return await fail(error, file, host.environment);
  } finally {
    writeErr(stats.report(given.stats));
  }
}
