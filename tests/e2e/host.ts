/** The four hosts as commands, and guests as processes on them, each ended by its pid. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Runtime } from "../adapters/runtime.ts";

const root = join(import.meta.dirname, "../..");
const bin = (name: string) => join(root, "node_modules/.bin", name);
const standalone = join(root, "dist/pollux");
const node24 = join(root, "node_modules/node24/bin/node");

export interface Host {
  readonly name: string;
  readonly command: readonly string[];
  /** Options of every run. */
  readonly flags?: readonly string[];
  /** On the sockets of its runtime, by `flags` or for want of libc's. */
  readonly evented?: true;
  /** Why its tests are skipped; false: they run. */
  readonly skip: string | false;
}

/** The program as the npm package has it. */
export function programOf(runtime: Runtime): string {
  return join(root, "dist/npm/bin", runtime, `${runtime}.js`);
}

function notBuilt(runtime: Runtime): string | false {
  return existsSync(programOf(runtime)) ? false : "no dist/npm: bun build.ts npm makes it";
}

export const hosts: readonly Host[] = [
  { name: "bun", command: [bin("bun"), programOf("bun")], skip: notBuilt("bun") },
  { name: "deno", command: [bin("deno"), "run", "-A", "--no-check", programOf("deno")], skip: notBuilt("deno") },
  { name: "node", command: [bin("node"), programOf("node")], skip: notBuilt("node") },
  {
    name: "binary",
    command: [standalone],
    skip: existsSync(standalone) ? false : "no dist/pollux: bun build.ts binary makes it",
  },
];

/** Those that have no FFI: they have the sockets of their runtime alone, and no files. */
export const hostsWithoutFfi: readonly Host[] = [
  {
    name: "deno, net and read only",
    command: [bin("deno"), "run", "--allow-net", "--allow-read", "--no-check", programOf("deno")],
    evented: true,
    skip: notBuilt("deno"),
  },
  {
    name: "node, 24",
    command: [node24, programOf("node")],
    evented: true,
    skip: existsSync(node24) ? false : "no node_modules/node24: npm ci installs it",
  },
];

/** Of the four, those of the names. */
export function hostsNamed(...names: readonly string[]): readonly Host[] {
  return hosts.filter(({ name }) => names.includes(name));
}

/** The same, with guests that are suspended while they wait. */
export const suspendingHosts: readonly Host[] = hosts.map((host) => ({
  ...host,
  name: `${host.name}, suspending`,
  flags: ["--wait=suspending"],
}));

/** The same, on the sockets of the runtime. */
export const eventedHosts: readonly Host[] = hosts.map((host) => ({
  ...host,
  name: `${host.name}, evented`,
  flags: ["--net=evented"],
  evented: true,
}));

/** What runs it: Bun, in the binary too. */
export function runtimeOf({ name }: Host): Runtime {
  const [runtime = ""] = name.split(",");
  return runtime === "node" || runtime === "deno" ? runtime : "bun";
}

/** Why a test of files is skipped there; false: it is not. */
export function noFiles({ evented }: Host): string | false {
  return evented === true && "there are no directories on the runtimes' own sockets";
}

/** Both ways of waiting. */
export const waitingHosts: readonly Host[] = [...hosts, ...suspendingHosts];

/** The flags that let a guest use TCP. */
export const NETWORK = ["-Sinherit-network", "-Stcp"] as const;

/** A committed guest: `tests/guests/NAME.wasm`. */
export function guestFile(name: string): string {
  return join(root, "tests/guests", `${name}.wasm`);
}

/** Builds a CPython guest, unless it is newer than its sources. Answers why it cannot, or false. */
export function buildPythonGuest(
  name: "pyecho" | "pyudp" | "pyp3" | "pyserve2" | "pyserve3" | "pylib",
): string | false {
  const script = join(root, "tests/guests/pyecho/build.sh");
  const { status, stderr, error } = spawnSync("sh", [script, name], { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status === 77) return "no python3";
  if (status !== 0) throw new Error(`pyecho/build.sh ${name}: status ${status}: ${stderr}`);
  return false;
}

export function buildPyecho(): string | false {
  return buildPythonGuest("pyecho");
}

export interface Outcome {
  /** The exit status; null: ended by `signal`. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** How long anything that a test waits for may take, ms: far more than the slowest machine needs. */
const PATIENCE = 60_000;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A guest that runs until it ends, or its scope does: `await using guest = start(...)`. */
export class Guest implements AsyncDisposable {
  readonly pid: number;
  readonly ended: Promise<Outcome>;
  readonly #child: ChildProcess;
  #stdout = Buffer.alloc(0);
  #stderr = "";

  constructor(command: readonly string[], env: Readonly<Record<string, string>>, pass: readonly number[] = []) {
    const [program, ...args] = command;
    const child = spawn(program!, args, {
      // Deno looks for a newer Deno a little after its start, and panics where it then has no descriptor left.
      env: { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
      stdio: ["pipe", "pipe", "pipe", ...pass],
    });
    running.add(child);
    child.stdout!.on("data", (bytes: Buffer) => {
      this.#stdout = Buffer.concat([this.#stdout, bytes]);
    });
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    // A guest may end before it has read its input.
    child.stdin!.on("error", (error) => {
      if (!("code" in error) || error.code !== "EPIPE") throw error;
    });
    this.#child = child;
    this.pid = child.pid!;
    this.ended = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status, signal) => {
        running.delete(child);
        resolve({ status, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  get stdout(): string {
    return this.#stdout.toString();
  }

  /** Writes all of its stdin, and ends it. */
  input(bytes: string | Uint8Array): void {
    this.#child.stdin!.end(bytes);
  }

  /** Writes to its stdin, which stays open. */
  send(bytes: string | Uint8Array): void {
    this.#child.stdin!.write(bytes);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until its stdout, or its stderr, matches; so many ms at most. */
  waitFor(
    pattern: RegExp,
    stream: "stdout" | "stderr" = "stdout",
    patience: number = PATIENCE,
  ): Promise<RegExpMatchArray> {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpMatchArray>();
    const look = () => {
      const match = (stream === "stdout" ? this.stdout : this.#stderr).match(pattern);
      if (match !== null) resolve(match);
    };
    const give = (why: string) =>
      reject(new Error(`no ${pattern}: ${why}; stdout ${JSON.stringify(this.stdout)}, stderr ${this.#stderr}`));
    const gone = (status: number | null) => give(`ended with status ${status}`);
    const timer = setTimeout(() => give(`waited ${patience / 1000} s`), patience);
    this.#child[stream]!.on("data", look);
    this.#child.on("close", gone);
    look();
    return promise.finally(() => {
      clearTimeout(timer);
      this.#child[stream]!.off("data", look);
      this.#child.off("close", gone);
    });
  }

  /** Its end, within the bound. */
  async outcome(): Promise<Outcome> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`still running; stdout ${this.stdout.slice(-2000)}, stderr ${this.#stderr}`)),
      PATIENCE,
    );
    return Promise.race([this.ended, late]).finally(() => clearTimeout(timer));
  }

  /**
   * What it is to bring about, within the bound.
   *
   * @throws if it ends before
   */
  async during<T>(promise: Promise<T>): Promise<T> {
    const ended = this.outcome().then(({ status, stderr }) => {
      throw new Error(`ended with status ${status}: ${stderr}`);
    });
    return await Promise.race([promise, ended]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // SIGTERM first: `run --watch` then ends its guests, which would otherwise go on, and hold its pipes open.
    if (running.has(this.#child)) this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5000);
    await this.ended.finally(() => clearTimeout(timer));
  }
}

/** The port that it listens on, of 127.0.0.1, once it has said so. */
export async function portOf(guest: Guest): Promise<number> {
  const [, port] = await guest.waitFor(/^listening on 127\.0\.0\.1:(\d+)$/m);
  return Number(port);
}

/** CPU time that the process has used so far, user and system, in ticks of 10 ms (proc_pid_stat(5)). */
export function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

export interface StartOptions {
  /** Options before the file. */
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Descriptors of this process that are its 3 and up. */
  readonly pass?: readonly number[];
}

/** Starts the file (a path) on the host. */
export function start(
  host: Host,
  file: string,
  { flags = [], args = [], env = {}, pass = [] }: StartOptions = {},
): Guest {
  return new Guest([...host.command, "run", ...(host.flags ?? []), ...flags, file, ...args], env, pass);
}

/** Runs the file to its end, with `input` as its whole stdin. */
export async function run(
  host: Host,
  file: string,
  options: StartOptions & { readonly input?: string | Uint8Array } = {},
): Promise<Outcome> {
  await using guest = start(host, file, options);
  guest.input(options.input ?? "");
  return await guest.outcome();
}
