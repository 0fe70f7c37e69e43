/**
 * `serve --watch`: the server is another process whenever its file changes, and no client notices. The listening sockets are this
 * process's, and every server's. The next server begins to accept; then the one before it is told so, finishes what is under way,
 * answers one more request on each connection, and ends. One that cannot serve ends itself, and that before it goes on.
 */
import process from "node:process";
import { BlockingPoll } from "../../core/wait/poll.ts";
import type { Machine } from "../../machine/machine.ts";
import type { Machines } from "../../machine/machines.ts";
import { UnsupportedRuntime } from "../../machine/unsupported-runtime.ts";
import { type Listening, listenOn } from "../../run/serve/listen.ts";
import { ListenError } from "../../run/serve/listen-error.ts";
import type { CommandLine } from "../options/scan.ts";
import type { Settings } from "../options/settings.ts";
import { Failure } from "../output/failure.ts";
import { allowedFeatures } from "../run/features.ts";
import type { Host } from "../run/surroundings.ts";
import { addressesOf, socketsOf } from "../serve/addresses.ts";
import { cannotListen } from "../serve/messages.ts";
import { HAND_OVER, statuses } from "../serve/signals.ts";
import { Standby } from "./standby.ts";
import { type Version, type Versions, WatchedFile } from "./watch-file.ts";
import type { GuestProcess, ProcessPlan } from "./watch-process.ts";
import { checkFile, describeEnd, endSignals, Faults, planOf, tell, tellRestarted } from "./watched-guest.ts";

const NEEDS_POSIX = "--watch of a server needs --net=posix: the runtime cannot hand its sockets on";

/**
 * Returns the exit status, when a signal has ended it, its server has ended by itself, or is to be run by another command line.
 *
 * @param versions The file's, where something else than the file itself tells of them
 * @throws Failure
 */
export async function watchServer(
  line: CommandLine,
  given: Settings,
  { machines, environment }: Host,
  versions?: Versions,
): Promise<number> {
  const [path = ""] = line.rest;
  const { promise: signalled, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let servers: Servers | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    resolve(signal);
    // A second one ends at once what is under way.
    servers?.hurry();
  };
  for (const signal of endSignals) process.on(signal, onSignal);
  using sockets = await Sockets.open(machines, given);
  const patience = 2 * (Number(given.serve.gracePeriod) / 1e6);
  const all = new Servers(path, planOf(line, [], sockets.fds), () => sockets.keepFromBlocking(), patience);
  servers = all;
  const faults = new Faults(path, environment);
  const file = versions ?? new WatchedFile(path, () => checkFile(path, allowedFeatures(given)));
  for (;;) {
    const next = await Promise.race([signalled, all.ended, file.next(() => all.idle)]);
    if (typeof next === "object") {
      if (next.otherwise === true) {
        await all.end();
        for (const signal of endSignals) process.off(signal, onSignal);
        return 0;
      }
      faults.tell(next.failure ?? (await all.replace(next)));
      continue;
    }
    await Promise.all([file.close(), all.end()]);
    return typeof next === "number" ? next : { ...statuses, SIGHUP: 129 }[next as (typeof endSignals)[number]];
  }
}

class Servers {
  /** Resolves with the exit status when somebody has connected to `--shutdown-addr`. */
  readonly ended: Promise<number>;
  readonly #path: string;
  readonly #standby: Standby;
  readonly #patience: number;
  readonly #end: (status: number) => void;
  #server: GuestProcess | undefined;
  /** All that run, those among them that finish what they have. */
  readonly #running = new Set<GuestProcess>();
  #ending = false;

  constructor(path: string, plan: ProcessPlan, spawned: () => void, patience: number) {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.ended = promise;
    this.#end = resolve;
    this.#path = path;
    this.#standby = new Standby(plan, spawned);
    this.#patience = patience;
  }

  get idle(): boolean {
    return this.#server === undefined;
  }

  /**
   * Returns why there is no process for the next server; the one before it goes on then.
   *
   * @param since When its file was found to have changed
   */
  async replace({ since, unchanged }: Version): Promise<Failure | undefined> {
    const next = await this.#standby.take();
    if (next instanceof Failure) return next;
    if (this.#ending) {
      await next.stop();
      return undefined;
    }
    const before = this.#server;
    if (before !== undefined && unchanged !== true) tell(`pollux: ${this.#path} has changed`);
    this.#running.add(next);
    next.start();
    void next.shutdownAsked.then(() => this.#end(0));
    const gone = next.ended.then((end) => {
      this.#running.delete(next);
      const serves = this.#server === next;
      if (serves) this.#server = undefined;
      if (this.#ending) return;
      if (serves || this.#server === before)
        tell(`pollux: ${this.#path} ${describeEnd(end)}: waiting for it to change`);
    });
    const serves = await Promise.race([next.serving.then(() => true), gone.then(() => false)]);
    this.#standby.prepare();
    if (!serves) return undefined;
    this.#server = next;
    if (before !== undefined) tellRestarted(since);
    void before?.stop(HAND_OVER, this.#patience);
    return undefined;
  }

  /** Lets what is under way finish. */
  async end(): Promise<void> {
    this.#ending = true;
    const last = [...this.#running].map((each) => each.stop("SIGTERM", this.#patience));
    await Promise.all([...last, this.#standby.end("SIGTERM")]);
  }

  hurry(): void {
    if (this.#ending) for (const each of this.#running) void each.stop("SIGTERM");
  }
}

/** Where the servers listen. */
class Sockets implements Disposable {
  readonly #machine: Machine;
  readonly #listening: readonly Listening[];

  private constructor(machine: Machine, listening: readonly Listening[]) {
    this.#machine = machine;
    this.#listening = listening;
  }

  /** @throws Failure */
  static async open(machines: Machines, given: Settings): Promise<Sockets> {
    const machine = await machineFor(machines, given);
    const poll = new BlockingPoll(machine);
    const listening: Listening[] = [];
    try {
      for (const address of socketsOf(addressesOf(given))) listening.push(poll.run(listenOn(machine, address)));
    } catch (error) {
      for (const { handle } of listening) poll.close(handle);
      throw error instanceof ListenError ? cannotListen(error) : error;
    }
    return new Sockets(machine, listening);
  }

  get fds(): readonly number[] {
    return this.#listening.map(({ handle }) => handle.source.id);
  }

  /** A runtime may make them block when it hands them on (Deno does), for all that hold them. */
  keepFromBlocking(): void {
    for (const fd of this.fds) this.#machine.net.adoptListener(fd);
  }

  [Symbol.dispose](): void {
    for (const { handle } of this.#listening) handle.close();
  }
}

async function machineFor(machines: Machines, { net }: Settings): Promise<Machine> {
  if (net === "evented") throw new Failure(NEEDS_POSIX);
  try {
    return await machines.blocking(false, { net: true, files: false });
  } catch (error) {
    throw error instanceof UnsupportedRuntime ? new Failure(NEEDS_POSIX) : error;
  }
}
