/** A run, from a file's name to the exit status. */
import type { ConsolaInstance } from "consola/core";
import { allNeeds, type MachineNeeds } from "../../machine/machines.ts";
import type { GuestOptions, Observers } from "../../run/options.ts";
import { checkComponent, checkModule } from "../options/combinations.ts";
import { guestOptions, refusesProposals } from "../options/guest-options.ts";
import type { Settings } from "../options/settings.ts";
import { quoted } from "../output/failure.ts";
import type { Contexts } from "../report/report.ts";
import { hostEnvironment } from "./host-strings.ts";
import { type Chosen, chooseMachine } from "./machine.ts";
import { isCoreModule, now, readModule } from "./module-file.ts";
import { needsOf, readComponent, runOnMachine } from "./run-component.ts";
import {
  awaitDebugger,
  collectDenied,
  type Host,
  keepFrames,
  type Measured,
  openLog,
  sharedStats,
  surroundings,
  tellFailure,
  tellHints,
  watchHeap,
} from "./surroundings.ts";

/** A file that is given back to the system before its guest runs is longer, bytes. */
const LARGE = 1024 * 1024;

/** No engine takes a second for a smaller one, bytes. */
const SLOW = 4 * 1024 * 1024;

/** @param rest The file as it was named, and the guest's arguments. @returns The exit status. */
export async function runFile(
  file: string,
  rest: readonly string[],
  given: Settings,
  host: Host,
  measured?: Measured,
): Promise<number> {
  const { environment } = host;
  const log = await openLog(given, environment);
  measured?.stats.enter("read");
  const readAt = now();
  const bytes = readModule(file, host.readFile);
  const core = isCoreModule(bytes);
  const { denied, onRefusal, ...told } = await collectDenied(log);
  // People wait, and wonder.
  const compiled =
    bytes.length > SLOW ? await (await import("./slow-compile.ts")).tellOfSlow(host.watchdog, file) : undefined;
  const starts = () => {
    compiled?.();
    host.guestStarts?.();
    // The engine has a copy of what it has compiled. A small one may share its buffer with others.
    if (bytes.length > LARGE) bytes.buffer.transfer(0);
  };
  const options: GuestOptions = {
    ...guestOptions(given, rest, hostEnvironment, { onRefusal }),
    ...told,
    ...(await surroundings(given, measured, log, starts)),
  };
  log?.debug(`${file}: ${bytes.length} bytes; network ${JSON.stringify(options.network)}`);
  const maxFrames = keepFrames(given);
  const { timeout } = given.wasm;
  if (timeout !== undefined) {
    const { startWatchdog } = await import("./watchdog.ts");
    await startWatchdog(host.watchdog, timeout, environment, measured && sharedStats(given, measured.stats));
  }
  const choose = async (needs: MachineNeeds) => {
    measured?.stats.enter("machine");
    const threads = given.wasi.http === true;
    const handleSignals =
      measured && (await (await import("./watch-stats.ts")).watchStats(host.watchdog, given, measured));
    const chosen = await chooseMachine(given, host.machines, { threads, needs });
    handleSignals?.(chosen);
    return observed(chosen, options.observe);
  };
  let chosen: Chosen | undefined;
  let status: number;
  let failure: unknown;
  try {
    await awaitDebugger(given, host);
    if (core) {
      checkModule(given);
      if (refusesProposals(given)) (await import("./refuse-proposals.ts")).refuseModule(given, bytes);
      const { usesCollectedHeap } = await import("../../wasm/limits/heap-use.ts");
      await watchHeap(usesCollectedHeap(bytes), file, given, host, measured);
      chosen = await choose(allNeeds);
      status = await runCore(chosen, bytes, given, options, log);
    } else {
      checkComponent(given, file);
      measured?.stats.enter("parse");
      const read = await readComponent(file, bytes, given, host.cacheTools, environment, log);
      if (refusesProposals(given)) (await import("./refuse-proposals.ts")).refuseModules(given, read.component);
      await watchHeap(read.collects, file, given, host, measured);
      chosen = await choose(needsOf(read.component, given));
      status = await runOnMachine(chosen, read, file, given, options);
    }
  } catch (error) {
    failure = error;
    const contexts = core ? moduleContexts(file, given) : componentContexts(given);
    const coredump = given.debug.coredump !== undefined;
    const traced = { file, readAt, readFile: host.readFile, backtrace: given.backtrace };
    status = await tellFailure(error, file, environment, log, { contexts, maxFrames, coredump }, traced);
  }
  if (status !== 0) await tellHints(denied, given, chosen?.machine.lacks, failure, environment, rest.slice(1));
  log?.debug(`${file}: exit status ${status}`);
  return status;
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

/** The same choice, with the machine that is observed. */
function observed(chosen: Chosen, observe: Observers | undefined): Chosen {
  if (observe?.machine === undefined) return chosen;
  return chosen.wait === "blocking"
    ? { wait: "blocking", machine: observe.machine(chosen.machine) }
    : { wait: "suspending", machine: observe.machine(chosen.machine) };
}
