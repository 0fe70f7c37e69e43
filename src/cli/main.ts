/**
 * `pollux`, given a machine. A plain run goes from the scanner straight to the guest; help, the version, other commands and
 * Pollux's own messages load what they need when they need it.
 */
import process from "node:process";
import type { ConsolaInstance } from "consola/core";
import type { Machine } from "../adapters/contract.ts";
import type { Machines } from "../adapters/machines.ts";
import type { ComponentFile } from "../component/component.ts";
import { STACK_TRACE_LIMIT } from "../component/frames.ts";
import type { Permission } from "../core/network.ts";
import { type Phase, type RunOptions, runComponent } from "../run.ts";
import { checkComponent, checkEngine, checkModule } from "./combinations.ts";
import { type CacheTools, ComponentCache, cacheFolder } from "./component-cache.ts";
import { Failure, quoted } from "./failure.ts";
import { checkArguments, hostEnvironment } from "./host-strings.ts";
import { type Chosen, checkChoice, chooseMachine } from "./machine.ts";
import { isCoreModule, type ReadFile, readModule } from "./module-file.ts";
import { commandNames, SUPERVISED } from "./options/commands.ts";
import { writeErr, writeOut } from "./output.ts";
import type { Contexts } from "./report.ts";
import { type CommandLine, scan } from "./scan.ts";
import { moduleLimits, refuseLacking, runOptions, type Settings, settings } from "./settings.ts";
import type { Stats } from "./stats.ts";
import type { Meter } from "./stats-meter.ts";
import { missingModule } from "./usage.ts";
import type { WorkerEntry } from "./watchdog.ts";

/** What a runtime brings. */
interface Host {
  readonly machines: Machines;
  readonly watchdog: WorkerEntry;
  readonly readFile?: ReadFile;
  readonly cacheTools?: CacheTools | undefined;
}

/**
 * @param argv Without the runtime and the script.
 * @returns The exit status.
 */
async function main(argv: readonly string[], host: Host): Promise<number> {
  const [first = ""] = argv;
  const supervised = first.startsWith(SUPERVISED);
  const line = scan(supervised ? argv.slice(1) : argv, commandNames);
  try {
    checkArguments(argv, line.rest.length, line.command);
    if (supervised) {
      const { standBy } = await import("./watch-standby.ts");
      return await run(line, { ...host, machines: standBy(first, line.rest[0] ?? "", host.machines) });
    }
    if (isRun(line)) return await run(line, host);
    if (line.command === "inspect" && !asksHelp(line.rest)) {
      const { inspect, scanInspect } = await import("./inspect.ts");
      inspect(scanInspect(line.rest));
      return 0;
    }
    const { runProgram } = await import("./program.ts");
    return runProgram(line);
  } catch (error) {
    return fail(error, line.rest[0] ?? "");
  }
}

async function fail(error: unknown, file: string, contexts?: Contexts): Promise<number> {
  const { report } = await import("./report.ts");
  const { text, status } = report(error, file, contexts);
  writeErr(text);
  return status;
}

/** Runs to the end of the process: what a guest leaves behind (a lookup under way) does not keep it alive. */
export async function start(host: Host): Promise<never> {
  process.exit(await main(process.argv.slice(2), host));
}

function isRun({ command, options }: CommandLine): boolean {
  const runs = command === undefined || command === "run";
  return runs && !options.some(({ flag }) => flag.long === "help" || flag.long === "version");
}

/** Help of another command is cac's. */
function asksHelp(words: readonly string[]): boolean {
  return words.includes("--help") || words.includes("-h");
}

async function run(line: CommandLine, host: Host): Promise<number> {
  const asked = settings(line.options);
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
  const given = config === undefined ? asked : (await import("./config-file.ts")).withConfig(asked, config);
  refuseLacking(given);
  checkEngine(given);
  checkChoice(given);
  if (given.watch !== undefined) return (await import("./watch.ts")).watch(line, given, host.machines);
  if (given.stats === undefined) return runFile(file, line.rest, given, host);
  const stats = new (await import("./stats.ts")).Stats();
  const meter = new (await import("./stats-meter.ts")).Meter();
  try {
    return await runFile(file, line.rest, given, host, { stats, meter });
  } finally {
    writeErr(stats.report(given.stats, meter));
  }
}

async function runFile(
  file: string,
  rest: readonly string[],
  given: Settings,
  { machines, watchdog, readFile, cacheTools }: Host,
  measured?: { readonly stats: Stats; readonly meter: Meter },
): Promise<number> {
  const stats = measured?.stats;
  const log = given.verbose ? (await import("./log.ts")).createLog() : undefined;
  stats?.enter("read");
  const bytes = readModule(file, readFile);
  const denied = new Set<Permission>();
  const trace = given.trace ?? (given.traceFile === undefined ? undefined : []);
  const options: RunOptions = {
    ...runOptions(given, rest, hostEnvironment, (reason) => log?.info(`refused ${reason}`)),
    ...(await limiter(given)),
    onDenied: (what) => denied.add(what),
    ...(stats === undefined ? {} : { enter: (phase: Phase) => stats.enter(phase) }),
    ...(measured === undefined ? {} : { observe: measured.meter }),
    ...(trace === undefined
      ? {}
      : { observe: (await import("./trace.ts")).openTrace(trace, given.traceFile, measured?.meter) }),
  };
  log?.debug(`${file}: ${bytes.length} bytes; network ${JSON.stringify(options.network)}`);
  Error.stackTraceLimit = STACK_TRACE_LIMIT;
  stats?.enter("machine");
  const { timeout } = given.wasm;
  if (timeout !== undefined) await (await import("./watchdog.ts")).startWatchdog(watchdog, timeout);
  const chosen = await chooseMachine(given, machines, bytes.length, given.wasi.http === true);
  measured?.meter.measure(chosen.machine);
  const core = isCoreModule(bytes);
  let status: number;
  let failure: unknown;
  try {
    status = await (core
      ? runCore(chosen, bytes, given, options, log)
      : runWithWasi(chosen, file, given, options, () => readComponent(file, bytes, given, cacheTools, log)));
  } catch (error) {
    failure = error;
    status = await fail(error, file, core ? moduleContexts(file, given) : componentContexts(given));
  }
  if (status !== 0) {
    const { hints } = await import("./hints.ts");
    for (const hint of hints(denied, given, chosen.machine, failure)) writeErr(hint);
  }
  log?.debug(`${file}: exit status ${status}`);
  return status;
}

async function limiter(given: Settings): Promise<Pick<RunOptions, "limiter">> {
  const limits = moduleLimits(given);
  if (Object.keys(limits).length === 0) return {};
  const { ModuleLimiter } = await import("../component/module-limiter.ts");
  return { limiter: new ModuleLimiter(limits) };
}

function moduleContexts(file: string, { invoke }: Settings): Contexts {
  const called = invoke === undefined ? "command default" : `\`${invoke}\``;
  return { start: `failed to instantiate ${quoted(file)}`, call: `failed to invoke ${called}` };
}

/** wasmtime does not say of a trap what was invoked. */
function componentContexts({ invoke }: Settings): Contexts | undefined {
  return invoke === undefined ? undefined : {};
}

async function runCore(
  chosen: Chosen,
  bytes: Uint8Array<ArrayBuffer>,
  given: Settings,
  options: RunOptions,
  log: ConsolaInstance | undefined,
): Promise<number> {
  checkModule(given);
  const { runCoreModule } = await import("./core-module.ts");
  return runCoreModule(chosen, bytes, given, options, log);
}

/** A component, with what its options ask for besides. */
async function runWithWasi(
  chosen: Chosen,
  file: string,
  given: Settings,
  options: RunOptions,
  read: () => Promise<ComponentFile>,
): Promise<number> {
  const { machine } = chosen;
  checkComponent(given, file);
  await refuseModuleOptions(machine, given);
  const http = given.wasi.http === true ? await (await import("./http.ts")).loadHttp(machine, given) : {};
  const { invoke } = given;
  const call =
    invoke === undefined ? {} : { call: (await import("./invoke-component.ts")).componentCall(invoke, file) };
  options.enter?.("parse");
  return runOn(chosen, await read(), { ...options, ...http, ...call });
}

/** @throws ParseError */
async function readComponent(
  file: string,
  bytes: Uint8Array<ArrayBuffer>,
  { codegen }: Settings,
  tools: CacheTools | undefined,
  log: ConsolaInstance | undefined,
): Promise<ComponentFile> {
  const folder = codegen.cache === false || file === "-" ? undefined : cacheFolder();
  const cache =
    tools === undefined || folder === undefined
      ? undefined
      : new ComponentCache(tools, folder, file.startsWith("/") ? file : `${process.cwd()}/${file}`, bytes);
  const kept = cache?.find();
  log?.debug(`${file}: ${kept === undefined ? "not in" : "from"} the cache`);
  if (kept !== undefined) return kept;
  const { parseComponent } = await import("../component/parse.ts");
  const component = parseComponent(bytes);
  cache?.keep(component).catch((error) => log?.debug(`${file}: not kept: ${error}`));
  return component;
}

/** @throws as `runComponent` */
async function runOn(chosen: Chosen, component: ComponentFile, options: RunOptions): Promise<number> {
  if (chosen.wait === "blocking") return runComponent(chosen.machine, component, options);
  const { runSuspended } = await import("../run-suspended.ts");
  return runSuspended(chosen.machine, component, options);
}

/** What only core modules can be given. As in wasmtime, addresses are bound before they are refused. */
async function refuseModuleOptions(machine: Machine, { wasi }: Settings): Promise<void> {
  if (wasi.listenfd === true) throw new Failure("components do not support --listenfd");
  if (wasi.tcplisten === undefined) return;
  const { openListener } = await import("./listeners.ts");
  for (const address of wasi.tcplisten) openListener(machine, address);
  throw new Failure("components do not support --tcplisten");
}
