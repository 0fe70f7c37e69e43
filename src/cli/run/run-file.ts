/** A run, from a file's name to the exit status. */
import type { ConsolaInstance } from "consola/core";
import { coreModules, moduleBytes } from "../../component/link/compiled.ts";
import type { Permission } from "../../core/policy/network.ts";
import { allParts, type Machines, type Parts } from "../../machine/machines.ts";
import type { GuestOptions, Phase } from "../../run/options.ts";
import { stackTraceLimit } from "../../wasm/frames.ts";
import { usesCollectedHeap } from "../../wasm/limits/heap-use.ts";
import { checkComponent, checkModule } from "../options/combinations.ts";
import { guestOptions, moduleLimits, refusesProposals, type Settings } from "../options/settings.ts";
import type { Environment } from "../output/environment.ts";
import { quoted } from "../output/failure.ts";
import { fail, say } from "../report/fail.ts";
import type { Contexts } from "../report/report.ts";
import type { Stats } from "../stats/stats.ts";
import type { Meter } from "../stats/stats-meter.ts";
import type { CacheTools } from "./component-cache.ts";
import { hostEnvironment } from "./host-strings.ts";
import { type Chosen, chooseMachine } from "./machine.ts";
import { isCoreModule, type ReadFile, readModule } from "./module-file.ts";
import type { Permits } from "./permissions.ts";
import { partsOf, readComponent, runOnMachine } from "./run-component.ts";
import type { WorkerEntry } from "./watchdog.ts";

/** How much a guest's objects that are collected may take, bytes: wasmtime's. */
const MAX_HEAP = 4 * 1024 ** 3;

/** Where V8 still collects what it can, and does not abort yet. */
const HEADROOM = 0.9;

/** What a runtime brings. */
export interface Host {
  readonly machines: Machines;
  readonly watchdog: WorkerEntry;
  readonly environment: Environment;
  /** Only a runtime with permissions has it. */
  readonly permits?: Permits;
  readonly readFile?: ReadFile;
  /** Bytes that the engine lets what it collects have before it aborts; undefined: any number. */
  readonly heapLimit?: () => number | Promise<number>;
  readonly cacheTools?: CacheTools | undefined;
}

/** For --stats. */
export interface Measured {
  readonly stats: Stats;
  readonly meter: Meter;
}

/** @param rest The file as it was named, and the guest's arguments. @returns The exit status. */
export async function runFile(
  file: string,
  rest: readonly string[],
  given: Settings,
  host: Host,
  measured?: Measured,
): Promise<number> {
  const { environment } = host;
  const logs = given.verbose || environment("POLLUX_LOG") !== undefined;
  const log = logs ? (await import("../output/log.ts")).createLog(given.verbose, environment) : undefined;
  measured?.stats.enter("read");
  const bytes = readModule(file, host.readFile);
  const core = isCoreModule(bytes);
  const denied = new Set<Permission>();
  const options: GuestOptions = {
    ...guestOptions(given, rest, hostEnvironment, {
      onRefusal: (reason) => log?.info(`refused ${reason}`),
      onDenied: (what) => denied.add(what),
    }),
    ...(await limiter(given)),
    ...(await observers(given, measured)),
    ...phases(measured?.stats, log),
  };
  log?.debug(`${file}: ${bytes.length} bytes; network ${JSON.stringify(options.network)}`);
  // None is as many as by default, as for wasmtime.
  const maxFrames = Number(given.debug["max-backtrace"] ?? 0) || undefined;
  Error.stackTraceLimit = stackTraceLimit(maxFrames);
  const { timeout } = given.wasm;
  const shared = measured && { numbers: measured.stats.numbers.shared, format: given.stats ?? "text" };
  if (timeout !== undefined)
    await (await import("./watchdog.ts")).startWatchdog(host.watchdog, timeout, environment, shared);
  const watchHeap = async (modules: readonly Uint8Array<ArrayBuffer>[]) => {
    // With a limit of memory the limiter refuses them, before anything of them is compiled.
    if (given.wasm["max-memory-size"] !== undefined || !modules.some(usesCollectedHeap)) return;
    const limit = (await host.heapLimit?.()) ?? Number.POSITIVE_INFINITY;
    const most = Math.min(MAX_HEAP, HEADROOM * limit);
    const { startHeapWatch } = await import("./watchdog.ts");
    await startHeapWatch(host.watchdog, Math.floor(most), file, environment, shared);
  };
  const choose = async (parts: Parts) => {
    measured?.stats.enter("machine");
    const threads = given.wasi.http === true;
    const chosen = await chooseMachine(given, host.machines, { size: bytes.length, threads, parts });
    options.observe?.machine?.(chosen.machine);
    return chosen;
  };
  let chosen: Chosen | undefined;
  let status: number;
  let failure: unknown;
  try {
    if (core) {
      checkModule(given);
      if (refusesProposals(given)) (await import("./refuse-proposals.ts")).refuseModule(given, bytes);
      await watchHeap([bytes]);
      chosen = await choose(allParts);
      status = await runCore(chosen, bytes, given, options, log);
    } else {
      checkComponent(given, file);
      measured?.stats.enter("parse");
      const read = await readComponent(file, bytes, given, host.cacheTools, environment, log);
      if (refusesProposals(given)) (await import("./refuse-proposals.ts")).refuseModules(given, read.component);
      await watchHeap([...coreModules(read.component)].map((module) => moduleBytes(read.component, module)));
      chosen = await choose(partsOf(read.component, given));
      status = await runOnMachine(chosen, read, file, given, options);
    }
  } catch (error) {
    failure = error;
    for (let each = error; each instanceof Error; each = each.cause) log?.trace(each.stack);
    const contexts = core ? moduleContexts(file, given) : componentContexts(given);
    const coredump = given.debug.coredump !== undefined;
    status = await fail(error, file, environment, { contexts, maxFrames, coredump });
  }
  if (status !== 0) {
    const { hints } = await import("../report/hints.ts");
    for (const hint of hints(denied, given, chosen?.machine.lacks, failure)) await say(hint, environment);
  }
  log?.debug(`${file}: exit status ${status}`);
  return status;
}

async function limiter(given: Settings): Promise<Pick<GuestOptions, "limiter">> {
  const limits = moduleLimits(given);
  if (Object.keys(limits).length === 0) return {};
  const { ModuleLimiter } = await import("../../wasm/limits/module-limiter.ts");
  return { limiter: new ModuleLimiter(limits) };
}

/** What --stats and --trace see of the run. */
async function observers(given: Settings, measured: Measured | undefined): Promise<Pick<GuestOptions, "observe">> {
  const meter = measured?.meter;
  const trace = given.trace ?? (given.traceFile === undefined ? undefined : []);
  const observe = trace === undefined ? meter : (await import("./trace.ts")).openTrace(trace, given.traceFile, meter);
  return observe === undefined ? {} : { observe };
}

/** Who is told of the run's phases. */
function phases(stats: Stats | undefined, log: ConsolaInstance | undefined): Pick<GuestOptions, "enter"> {
  if (stats === undefined && log === undefined) return {};
  return {
    enter(phase: Phase) {
      stats?.enter(phase);
      log?.trace(`${phase}, ${performance.now().toFixed(3)} ms after the process started`);
    },
  };
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
  options: GuestOptions,
  log: ConsolaInstance | undefined,
): Promise<number> {
  const { runCoreModule } = await import("./core-module.ts");
  return runCoreModule(chosen, bytes, given, options, log);
}
