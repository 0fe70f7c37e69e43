/**
 * `--watch`: runs the guest again whenever its file changes. Loaded only for this.
 *
 * The guest is a process of its own, so that it ends whatever it does: a busy loop, a wait in the kernel. The next one already
 * stands by. A file is looked at before the guest that runs is stopped: a broken one is reported, and that guest goes on.
 */
import process from "node:process";
import { parseComponent } from "../../component/binary/parse.ts";
import type { Machines } from "../../machine/machines.ts";
import { compile } from "../../wasm/compile.ts";
import { SUPERVISED } from "../options/commands.ts";
import type { CommandLine } from "../options/scan.ts";
import type { Settings } from "../options/settings.ts";
import { coloured } from "../output/colours.ts";
import { Failure } from "../output/failure.ts";
import { writeErr } from "../output/output.ts";
import { report } from "../report/report.ts";
import { inheritedFds } from "../run/listeners.ts";
import { isCoreModule, readModule } from "../run/module-file.ts";
import type { Host } from "../run/surroundings.ts";
import { WatchedFile } from "./watch-file.ts";
import { GuestProcess, type ProcessEnd, type ProcessPlan } from "./watch-process.ts";

/** How many listening sockets of each family can be kept. */
const KEPT = 8;

/** After a guest's start, ms: until then the processors are the guest's, and only then the next one's. */
const STANDBY_DELAY = 250;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Returns only when a signal has ended it: the exit status that a shell shows for that. @throws Failure */
export async function watch(line: CommandLine, given: Settings, { machines, environment }: Host): Promise<number> {
  const [path = ""] = line.rest;
  const file = new WatchedFile(path, () => checkFile(path));
  const kept = given.watch === "keep-listeners" ? await openSockets(machines) : [];
  const guests = new Guests(path, plan(line, given, kept));
  const { promise: signalled, resolve } = Promise.withResolvers<NodeJS.Signals>();
  for (const signal of signals) process.on(signal, resolve);
  for (;;) {
    const next = await Promise.race([signalled, file.next()]);
    if (typeof next === "string") {
      file.close();
      await guests.end(next);
      for (const signal of signals) process.off(signal, resolve);
      // Nobody handles it now: it ends this process as it would have.
      process.kill(process.pid, next);
      return new Promise(() => {});
    }
    const failure = next.failure ?? (await guests.restart());
    if (failure !== undefined) {
      const { text } = report(failure, path);
      tell(`${coloured(text.trimEnd(), environment)}\npollux: ${path}: waiting for it to change`);
    }
  }
}

class Guests {
  readonly #path: string;
  readonly #plan: ProcessPlan;
  /** Undefined where it could not be started: the next guest is then tried anew. */
  #standby: Promise<GuestProcess | undefined> | undefined;
  #guest: GuestProcess | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, plan: ProcessPlan) {
    this.#path = path;
    this.#plan = plan;
  }

  /** Answers why there is no process for the next guest; the one that runs goes on then. */
  async restart(): Promise<Failure | undefined> {
    const standby = await this.#standby;
    this.#standby = undefined;
    const next = standby?.running ? standby : await GuestProcess.spawn(this.#plan);
    if (next instanceof Failure) return next;
    const before = this.#guest;
    this.#guest = undefined;
    if (before !== undefined) tell(`pollux: ${this.#path} has changed`);
    await before?.stop();
    this.#guest = next;
    next.start();
    next.ended.then((end) => {
      if (this.#guest === next) tell(`pollux: ${this.#path} ${describe(end)}: waiting for it to change`);
    });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#standby = GuestProcess.spawn(this.#plan).then((made) => (made instanceof Failure ? undefined : made));
    }, STANDBY_DELAY);
    return undefined;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    clearTimeout(this.#timer);
    const last = [this.#guest, await this.#standby];
    this.#guest = undefined;
    await Promise.all(last.map((each) => each?.stop(signal)));
  }
}

/** @throws what a run of the file as it is now would end with at once */
function checkFile(path: string): void {
  const bytes = readModule(path);
  if (isCoreModule(bytes)) compile(bytes);
  else parseComponent(bytes);
}

/** The same command line, for a process that stands by. */
function plan(
  { command = "run", options, rest }: CommandLine,
  { wasi }: Settings,
  kept: readonly number[],
): ProcessPlan {
  const words = options
    .filter(({ flag }) => flag.long !== "watch")
    .map(({ flag, value }) => (value === undefined ? `--${flag.long}` : `--${flag.long}=${value}`));
  const inherited = wasi.listenfd === true ? inheritedFds() : [];
  const fds = [...inherited, "pipe" as const, ...kept];
  const control = 3 + inherited.length;
  const supervised = SUPERVISED + [process.pid, control, ...kept.map((_, i) => control + 1 + i)].join();
  const args = [supervised, command, ...words, "--", ...rest];
  if (inherited.length === 0) return { args, fds, env: undefined };
  // The sockets of a service manager were for this process; now they are for another.
  const { LISTEN_PID: _, ...env } = process.env;
  return { args, fds, env };
}

/** Sockets for the guests to listen on: this process holds them too, so that a guest's end does not close them. */
async function openSockets(machines: Machines): Promise<number[]> {
  const { net } = await machines.blocking(0, false, { net: true, files: false });
  if (net.keepListeners === undefined)
    throw new Failure("--watch=keep-listeners needs sockets of the operating system");
  const families = (["ipv4", "ipv6"] as const).flatMap((family) => new Array<typeof family>(KEPT).fill(family));
  const made = families.map((family) => net.createTcpSocket(family));
  return made.flatMap((handle) => (typeof handle === "string" ? [] : [handle.source.id]));
}

function describe({ status, signal }: ProcessEnd): string {
  return status === null ? `was ended by ${signal}` : `ended with status ${status}`;
}

function tell(sentence: string): void {
  writeErr(`${sentence}\n`);
}
