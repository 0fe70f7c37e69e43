/** What stands around guests, be they run or served: a log, limits, who observes them, and who tells how they ended. */
import type { ConsolaInstance } from "consola/core";
import type { Refusal } from "../../core/policy/refusal.ts";
import type { SocketObserver } from "../../core/policy/socket-observer.ts";
import { Trap, type WasmFrame } from "../../core/wait/errors.ts";
import type { Machine } from "../../machine/machine.ts";
import type { Machines } from "../../machine/machines.ts";
import type { GuestOptions, Phase } from "../../run/options.ts";
import type { Missing, OnMissing } from "../../wasi/host.ts";
import { stackTraceLimit } from "../../wasm/frames.ts";
import { moduleLimits } from "../options/guest-options.ts";
import type { BacktraceDetail, Settings } from "../options/settings.ts";
import { UnsupportedOption } from "../options/unsupported.ts";
import type { Environment } from "../output/environment.ts";
import { Failure } from "../output/failure.ts";
import { codeOf } from "../output/os-error.ts";
import { fail, say } from "../report/fail.ts";
import type { Denied } from "../report/hints.ts";
import type { ReportOptions } from "../report/report.ts";
import type { SharedStats } from "../stats/final-report.ts";
import type { Stats } from "../stats/stats.ts";
import type { Meter } from "../stats/stats-meter.ts";
import type { CacheTools } from "./component-cache.ts";
import { isCoreModule, MissingFile, type ReadFile, readAgain } from "./module-file.ts";
import type { Permits } from "./permissions.ts";
import type { WatchdogStart } from "./watchdog.ts";

/** How much a guest's objects that are collected may take, bytes: wasmtime's. */
const MAX_HEAP = 4 * 1024 ** 3;

/** Where V8 still collects what it can, and does not abort yet. */
const HEADROOM = 0.9;

/** What a runtime brings. */
export interface Host {
  readonly machines: Machines;
  readonly watchdog: WatchdogStart;
  readonly environment: Environment;
  /** Only a runtime with permissions has it. */
  readonly permits?: Permits;
  readonly readFile?: ReadFile;
  /** Bytes that the engine lets what it collects have before it aborts; undefined: any number. */
  readonly heapLimit?: () => number | Promise<number>;
  readonly cacheTools?: CacheTools | undefined;
  /**
   * Makes the engine ready for the modules in these files, before anything is done for them: it may start the process once more.
   *
   * @param level -O opt-level
   */
  readonly tuneEngine?: ((files: readonly string[], level: string | undefined) => Promise<void>) | undefined;
  /** Opens the engine's inspector on a port of loopback (0: any), and waits for a debugger; undefined: there is none. */
  readonly inspect?: ((port: number) => Promise<void>) | undefined;
  /** A guest's code is about to run. */
  readonly guestStarts?: (() => void) | undefined;
  /** Undefined: somebody else has started it. */
  readonly supervised?: Supervised;
}

/** What a process that `--watch` has started is told, and tells. */
export interface Supervised {
  /** The listening sockets that it is given, by their fds. */
  readonly sockets: readonly number[];
  /** It serves on them. */
  serving(): void;
  /** Somebody wants all of it to end. */
  shutdownAsked(): void;
}

/** For --stats. */
export interface Measured {
  readonly stats: Stats;
  readonly meter: Meter;
}

/** Undefined: nobody asked for one. */
export async function openLog(given: Settings, environment: Environment): Promise<ConsolaInstance | undefined> {
  const logs = given.verbose || environment("POLLUX_LOG") !== undefined;
  return logs ? (await import("../output/log.ts")).createLog(given.verbose, environment) : undefined;
}

/**
 * Returns the limits and observers that the options ask for.
 *
 * @param starts Called when all is compiled, and the guest's code is about to run
 */
export async function surroundings(
  given: Settings,
  measured: Measured | undefined,
  log: ConsolaInstance | undefined,
  starts?: () => void,
): Promise<Pick<GuestOptions, "limiter" | "observe" | "enter">> {
  return {
    ...(await limiter(given)),
    ...(await observers(given, measured)),
    ...phases(measured?.stats, log, starts),
  };
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
function phases(
  stats: Stats | undefined,
  log: ConsolaInstance | undefined,
  starts: (() => void) | undefined,
): Pick<GuestOptions, "enter"> {
  if (stats === undefined && log === undefined && starts === undefined) return {};
  return {
    enter(phase: Phase) {
      if (phase === "run") starts?.();
      stats?.enter(phase);
      log?.trace(`${phase}, ${performance.now().toFixed(3)} ms after the process started`);
    },
  };
}

/** Waits for a debugger, if one was asked for. @throws UnsupportedOption; Failure when the port is taken */
export async function awaitDebugger({ inspect }: Settings, host: Host): Promise<void> {
  if (inspect === undefined) return;
  if (host.inspect === undefined) throw new UnsupportedOption("--inspect", NEEDS_NODE);
  try {
    await host.inspect(inspect);
  } catch (error) {
    if (!(error instanceof Error && codeOf(error) !== undefined)) throw error;
    throw new Failure(`failed to listen for a debugger on 127.0.0.1:${inspect}`, [error.message]);
  }
}

const NEEDS_NODE =
  "needs Node, whose debugger knows WebAssembly: `node node_modules/pollux/dist/npm/bin/node/node.js run --inspect ...`";

/** How many frames of a trap are shown, for which the engine must keep them; undefined: as many as wasmtime. */
export function keepFrames({ debug }: Settings): number | undefined {
  // None is as many as by default, as for wasmtime.
  const maxFrames = Number(debug["max-backtrace"] ?? 0) || undefined;
  Error.stackTraceLimit = stackTraceLimit(maxFrames);
  return maxFrames;
}

/** What the watchdog tells of a run that it ends. */
export function sharedStats({ stats: format = "text" }: Settings, { numbers }: Stats): Omit<SharedStats, "origin"> {
  return { numbers: numbers.shared, format };
}

/**
 * Sees to it that what modules have the engine collect stays within bounds.
 *
 * @param collects Whether they have it collect anything
 */
export async function watchHeap(
  collects: boolean,
  file: string,
  given: Settings,
  { heapLimit, watchdog, environment }: Host,
  measured: Measured | undefined,
): Promise<void> {
  // With a limit of memory the limiter refuses them, before anything of them is compiled.
  if (given.wasm["max-memory-size"] !== undefined || !collects) return;
  const limit = (await heapLimit?.()) ?? Number.POSITIVE_INFINITY;
  const most = Math.min(MAX_HEAP, HEADROOM * limit);
  const { startHeapWatch } = await import("./watchdog.ts");
  await startHeapWatch(watchdog, Math.floor(most), file, environment, measured && sharedStats(given, measured.stats));
}

/** Collects what a guest is not given, and logs refusals. */
export async function collectDenied(log: ConsolaInstance | undefined): Promise<{
  readonly denied: Denied;
  readonly onRefusal: (refusal: Refusal) => void;
  readonly onMissing: OnMissing;
  readonly socketObserver: SocketObserver;
}> {
  const refusals = new Map<string, Refusal>();
  const missing = new Set<Missing>();
  const denied: { -readonly [name in keyof Denied]: Denied[name] } = {
    refusals,
    missing,
    usesSockets: false,
    inUse: undefined,
  };
  const write = log && (await import("../report/refusal.ts")).refusalLog((text) => log.info(`refused ${text}`));
  return {
    denied,
    onRefusal(refusal) {
      write?.(refusal);
      const { use } = refusal;
      const kind = use.tag === "socket" ? use.kind : use.tag === "address" ? use.use : use.tag;
      if (!refusals.has(kind)) refusals.set(kind, refusal);
    },
    onMissing: (what) => missing.add(what),
    socketObserver: {
      made() {
        denied.usesSockets = true;
      },
      addressInUse(address) {
        denied.inUse = address;
      },
    },
  };
}

/** Which option would have helped, on stderr. @param args The guest's */
export async function tellHints(
  denied: Denied,
  given: Settings,
  lacks: Machine["lacks"],
  failure: unknown,
  environment: Environment,
  args: readonly string[] = [],
): Promise<void> {
  const { hints } = await import("../report/hints.ts");
  for (const hint of hints(denied, given, lacks, failure, args)) await say(hint, environment);
}

/** The failure, of a file that is not there with what may have been meant. */
export async function explained(failure: unknown, permits: Permits | undefined): Promise<unknown> {
  return failure instanceof MissingFile ? (await import("./meant-file.ts")).withMeantFile(failure, permits) : failure;
}

/** Tells of a failure, and logs where it comes from. Returns the exit status. */
export async function tellFailure(
  failure: unknown,
  file: string,
  environment: Environment,
  log: ConsolaInstance | undefined,
  options: ReportOptions,
  traced: Traced,
): Promise<number> {
  for (let each = failure; each instanceof Error; each = each.cause) log?.trace(each.stack);
  return fail(failure, file, environment, { ...options, ...(await frames(failure, traced, environment)) });
}

/** Tells of a guest that failed with a request. */
export async function tellServed(
  failure: unknown,
  environment: Environment,
  log: ConsolaInstance | undefined,
  options: ReportOptions,
  traced: Traced,
): Promise<void> {
  for (let each = failure; each instanceof Error; each = each.cause) log?.trace(each.stack);
  const { reportServed } = await import("../report/report.ts");
  await say(reportServed(failure, { ...options, ...(await frames(failure, traced, environment)) }), environment);
}

/** What is asked of a trap's frames, and where they are. */
export interface Traced {
  readonly file: string;
  /** When it was read, ms since 1970. */
  readonly readAt: number;
  readonly readFile: ReadFile | undefined;
  readonly backtrace: BacktraceDetail | undefined;
}

async function frames(
  failure: unknown,
  { file, readAt, readFile, backtrace }: Traced,
  environment: Environment,
): Promise<Pick<ReportOptions, "backtrace" | "locate">> {
  const details = environment("WASMTIME_BACKTRACE_DETAILS");
  const detail = backtrace ?? (details === undefined || details === "1" ? "full" : "short");
  if (detail === "none" || !(failure instanceof Trap) || failure.frames.length === 0) return { backtrace: detail };
  const bytes = readAgain(file, readAt, readFile);
  const { frameLocator } = await import("../report/locate.ts");
  const locator = bytes && frameLocator(bytes, { core: isCoreModule(bytes), lines: detail === "full" });
  // The engine's offsets are those in a core module, which means nothing to who has only the file.
  const locate = (frame: WasmFrame) => locator?.locate(frame) ?? { ...frame, offset: undefined };
  return { backtrace: detail, locate };
}
