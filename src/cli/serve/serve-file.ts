/** `pollux serve`, from a file's name to the exit status. */

import type { ComponentType } from "../../component/types/types.ts";
import type { SuspendingMachine } from "../../machine/machine.ts";
import type { MachineNeeds } from "../../machine/machines.ts";
import type { GuestOptions } from "../../run/options.ts";
import { reuseOf } from "../../run/serve/defaults.ts";
import { handlerIn } from "../../run/serve/handlers.ts";
import { ListenError } from "../../run/serve/listen-error.ts";
import type { ServeOptions } from "../../run/serve/options.ts";
import { loadPackages } from "../../wasi/component/packages.ts";
import { type Wanted, wantedBy } from "../../wasi/interfaces.ts";
import { type Handler, isOfServer } from "../../wasi/worlds.ts";
import { checkServer } from "../options/combinations.ts";
import { guestOptions, hasP3, refusesProposals } from "../options/guest-options.ts";
import type { Settings } from "../options/settings.ts";
import { Failure } from "../output/failure.ts";
import { hostEnvironment } from "../run/host-strings.ts";
import { chooseSuspendingMachine } from "../run/machine.ts";
import { isCoreModule, now, readModule } from "../run/module-file.ts";
import type { Permits } from "../run/permissions.ts";
import {
  compileServed,
  componentOptions,
  maxFieldsSize,
  type ReadComponent,
  readComponent,
} from "../run/run-component.ts";
import {
  awaitDebugger,
  collectDenied,
  explained,
  type Host,
  keepFrames,
  type Measured,
  openLog,
  surroundings,
  tellFailure,
  tellHints,
  tellServed,
  watchHeap,
} from "../run/surroundings.ts";
import { addressesOf } from "./addresses.ts";
import { cannotListen, tellEvents } from "./messages.ts";
import { headerFile, requestHeaders } from "./request-headers.ts";
import { ServerSignals } from "./signals.ts";

/** Returns the exit status. */
export async function serveFile(file: string, asked: Settings, host: Host, measured?: Measured): Promise<number> {
  const { environment, permits } = host;
  const log = await openLog(asked, environment);
  const maxFrames = keepFrames(asked);
  const traced = { file, readAt: now(), readFile: host.readFile, backtrace: asked.backtrace };
  const { denied, onRefusal, ...observers } = await collectDenied(log);
  let machine: SuspendingMachine | undefined;
  try {
    checkServer(asked);
    await awaitDebugger(asked, host);
    const given = { ...asked, wasi: { ...asked.wasi, http: true } };
    const { listen, shutdownAddress } = addressesOf(given, host.supervised);
    await demandFiles(given, permits);
    measured?.stats.enter("read");
    const bytes = readModule(file, host.readFile);
    if (isCoreModule(bytes)) throw new Failure("The serve command currently requires a component");
    measured?.stats.enter("parse");
    const read = await readComponent(file, bytes, given, host.cacheTools, environment, log);
    const headers = requestHeaders(given.serve.headers);
    const handler = handlerIn(read.component.type);
    if (refusesProposals(given)) (await import("../run/refuse-proposals.ts")).refuseModules(given, read.component);
    await watchHeap(read.collects, file, given, host, measured);
    const options: GuestOptions = {
      ...guestOptions(given, [file], hostEnvironment, { onRefusal }),
      ...observers,
      args: [],
      stdin: false,
      ...(await surroundings(given, measured, log)),
    };
    log?.debug(`${file}: ${bytes.length} bytes; network ${JSON.stringify(options.network)}`);
    measured?.stats.enter("machine");
    const needs: MachineNeeds = { net: true, files: given.dirs.length > 0, ownsEventLoop: true };
    const chosen = await chooseSuspendingMachine(given, host.machines, needs);
    machine = options.observe?.machine?.(chosen) ?? chosen;
    if (measured !== undefined && given.stats === "live")
      await (await import("../run/watch-stats.ts")).watchStats(host.watchdog, given, measured, []);
    measured?.meter.serves();
    measured?.stats.enter("link");
    const { supervised } = host;
    using signals = new ServerSignals(supervised !== undefined, machine);
    const serving = () => {
      measured?.stats.enter("run");
      host.guestStarts?.();
      supervised?.serving();
    };
    let told: Promise<void> = Promise.resolve();
    const failed = (error: unknown) => {
      told = told.then(() => tellServed(error, environment, log, { maxFrames }, traced));
    };
    await serve(machine, read, handler, given, options, {
      listen,
      shutdownAddress,
      events: { ...tellEvents, serving, shutdownAsked: () => supervised?.shutdownAsked(), failed },
      requestHeaders: headers,
      shutdown: signals.shutdown,
      abort: signals.abort,
      handOver: signals.handOver,
    });
    await told;
    log?.debug(`${file}: exit status ${signals.status}`);
    return signals.status;
  } catch (error) {
    const failure = error instanceof ListenError ? cannotListen(error) : await explained(error, permits);
    const coredump = asked.debug.coredump !== undefined;
    const status = await tellFailure(failure, file, environment, log, { served: true, maxFrames, coredump }, traced);
    await tellHints(denied, asked, machine?.lacks, failure, environment);
    log?.debug(`${file}: exit status ${status}`);
    return status;
  }
}

async function serve(
  machine: SuspendingMachine,
  read: ReadComponent,
  handler: Handler,
  given: Settings,
  options: GuestOptions,
  rest: Pick<
    ServeOptions,
    "listen" | "shutdownAddress" | "events" | "requestHeaders" | "shutdown" | "abort" | "handOver"
  >,
): Promise<void> {
  const { serve: values } = given;
  const { type } = read.component;
  const wasi = await loadPackages(type, hasP3(given));
  const guest = {
    ...(await componentOptions(machine, read, wasi, given, options)),
    wanted: wantedOf(type, given),
  };
  const component = await compileServed(read, guest, given.wasm.timeout !== undefined);
  const { serveComponent } = await import("../../run/serve/serve-component.ts");
  await serveComponent(
    machine,
    { component, handler },
    {
      ...rest,
      guest,
      logPrefix: values.logPrefix,
      ...fieldsLimit(given),
      limits: values.limits,
      reuse: reuseOf(
        {
          maxRequests: values.maxInstanceReuse,
          maxConcurrentRequests: values.maxConcurrentReuse,
          idleTimeout: values.idleInstanceTimeout,
        },
        handler,
      ),
      requestTimeout: given.wasm.timeout,
      gracePeriod: values.gracePeriod,
    },
  );
}

function fieldsLimit(given: Settings): Pick<ServeOptions, "maxFieldsSize"> {
  const most = maxFieldsSize(given);
  return most === undefined ? {} : { maxFieldsSize: most };
}

/** All of WASI only for who asks for it: `-Scli` of `serve` is another than that of `run`. */
function wantedOf(type: ComponentType, given: Settings): Wanted {
  return wantedBy(type, wantsAll(given) ? undefined : isOfServer);
}

function wantsAll({ wasi }: Settings): boolean {
  return (wasi.cli ?? wasi.common) === true;
}

/** @throws Failure on a runtime that may not read and write the files that are named */
async function demandFiles({ serve }: Settings, permits: Permits | undefined): Promise<void> {
  if (permits === undefined) return;
  const { demand, toListenAt, toRead } = await import("../run/permissions.ts");
  const sockets = serve.addresses.flatMap((address) => (address.tag === "unix" ? toListenAt(address.path) : []));
  demand(permits, [...serve.headers.flatMap(headerFile).map(toRead), ...sockets]);
}
