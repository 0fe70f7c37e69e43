/**
 * `--watch`: runs the guest again whenever its file changes. Loaded only for this.
 *
 * The guest is a process of its own, so that it ends whatever it does: a busy loop, a wait in the kernel. The next one already
 * stands by. A file is looked at before the guest that runs is stopped: a broken one is reported, and that guest goes on.
 */
import process from "node:process";
import type { Machines } from "../../machine/machines.ts";
import type { TcpHandle } from "../../machine/sockets.ts";
import type { CommandLine } from "../options/scan.ts";
import type { Settings } from "../options/settings.ts";
import { Failure } from "../output/failure.ts";
import { allowedFeatures } from "../run/features.ts";
import { inheritedFds } from "../run/listeners.ts";
import type { Host } from "../run/surroundings.ts";
import { Standby } from "./standby.ts";
import { type Version, type Versions, WatchedFile } from "./watch-file.ts";
import type { GuestProcess, ProcessPlan } from "./watch-process.ts";
import { checkFile, describeEnd, endBy, endSignals, Faults, planOf, tell, tellRestarted } from "./watched-guest.ts";

/** How many listening sockets of each family can be kept. */
const KEPT = 8;

/**
 * Returns when its guest is to be run by another command line. When a signal ends it, this process ends as well.
 *
 * @param versions The file's, where something else than the file itself tells of them
 * @throws Failure
 */
export async function watch(
  line: CommandLine,
  given: Settings,
  { machines, environment }: Host,
  versions?: Versions,
): Promise<number> {
  const [path = ""] = line.rest;
  const file = versions ?? new WatchedFile(path, () => checkFile(path, allowedFeatures(given)));
  const kept = given.watch === "keep-listeners" ? await openSockets(machines) : [];
  const guests = new Guests(
    path,
    plan(
      line,
      given,
      kept.map(({ source }) => source.id),
    ),
  );
  const faults = new Faults(path, environment);
  const { promise: signalled, resolve } = Promise.withResolvers<NodeJS.Signals>();
  for (const signal of endSignals) process.on(signal, resolve);
  for (;;) {
    const next = await Promise.race([signalled, file.next(() => guests.idle)]);
    if (typeof next === "string") {
      await Promise.all([file.close(), guests.end(next)]);
      for (const signal of endSignals) process.off(signal, resolve);
      return endBy(next);
    }
    if (next.otherwise === true) {
      await guests.end("SIGTERM");
      for (const signal of endSignals) process.off(signal, resolve);
      for (const handle of kept) handle.close();
      return 0;
    }
    faults.tell(next.failure ?? (await guests.restart(next)));
  }
}

class Guests {
  readonly #path: string;
  readonly #standby: Standby;
  #guest: GuestProcess | undefined;

  constructor(path: string, plan: ProcessPlan) {
    this.#path = path;
    this.#standby = new Standby(plan);
  }

  get idle(): boolean {
    return this.#guest?.running !== true;
  }

  /**
   * Returns why there is no process for the next guest; the one that runs goes on then.
   *
   * @param since When its file was found to have changed
   */
  async restart({ since, unchanged }: Version): Promise<Failure | undefined> {
    const next = await this.#standby.take();
    if (next instanceof Failure) return next;
    const before = this.#guest;
    this.#guest = undefined;
    if (before !== undefined && unchanged !== true) tell(`pollux: ${this.#path} has changed`);
    await before?.stop();
    this.#guest = next;
    next.start();
    if (before !== undefined) void next.serving.then(() => tellRestarted(since));
    next.ended.then((end) => {
      if (this.#guest === next) tell(`pollux: ${this.#path} ${describeEnd(end)}: waiting for it to change`);
    });
    this.#standby.prepare();
    return undefined;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const last = this.#guest;
    this.#guest = undefined;
    await Promise.all([last?.stop(signal), this.#standby.end(signal)]);
  }
}

/** The sockets of a service manager were for this process; now they are for another. */
function plan(line: CommandLine, { wasi }: Settings, kept: readonly number[]): ProcessPlan {
  const inherited = wasi.listenfd === true ? inheritedFds() : [];
  const made = planOf(line, inherited, kept);
  if (inherited.length === 0) return made;
  const { LISTEN_PID: _, ...env } = process.env;
  return { ...made, env };
}

/** Sockets for the guests to listen on: this process holds them too, so that a guest's end does not close them. */
async function openSockets(machines: Machines): Promise<readonly TcpHandle[]> {
  const { net } = await machines.blocking(false, { net: true, files: false });
  if (net.inheritListeners === undefined)
    throw new Failure("--watch=keep-listeners needs sockets of the operating system");
  const families = (["ipv4", "ipv6"] as const).flatMap((family) => new Array<typeof family>(KEPT).fill(family));
  const made = families.map((family) => net.createTcpSocket(family));
  return made.flatMap((handle) => (typeof handle === "string" ? [] : [handle]));
}
