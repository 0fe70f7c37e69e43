/**
 * `serve` in a dev loop: from a file that nobody has seen before, as a compiler leaves it, to the first answer of its program.
 * By a fresh start, and by `--watch`, which wasmtime lacks: there the peer is its restart.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { setTimeout as pass } from "node:timers/promises";
import { RustGuest } from "../e2e/rust.ts";
import { HttpConnection } from "../e2e/serve/connection.ts";
import { get } from "../e2e/serve/server.ts";
import { type Bench, measureRow } from "./bench.ts";
import { CommandFailed, nameOf, serve } from "./process.ts";
import { budget } from "./rows.ts";
import { guestPath, polluxHosts, type Runner } from "./runners.ts";

/** By then the process that stands by is ready, as it is when somebody has compiled something, ms. */
const READY = 1500;
/** A server that does not serve within this does not, ms. */
const PATIENCE = 120_000;

const servingLine = /Serving HTTP on http:\/\/127\.0\.0\.1:(\d+)/;

interface Size {
  readonly id: string;
  readonly title: string;
  readonly rounds: number;
  /** Its file; or why there is none. */
  build(): string | { readonly missing: string };
}

const sizes: readonly Size[] = [
  { id: "serve-rebuilt-1mb", title: "Rust by wstd, not optimised (1 MB)", rounds: 5, build: buildRust },
  { id: "serve-rebuilt-20mb", title: "CPython (18 MB)", rounds: 1, build: buildPython },
];

const watchOf = ({ id }: Size): string => `${id}-watch`;

/** Adds `serve-rebuilt-1mb` and `serve-rebuilt-20mb`, and the same with `--watch`. */
export async function measureServeRebuilt(bench: Bench): Promise<void> {
  for (const size of sizes) {
    const ids = [size.id, watchOf(size)].filter((id) => bench.wants(id));
    if (ids.length === 0) continue;
    const source = size.build();
    if (typeof source === "string") await measureSize(bench, size, source);
    else bench.leaveOut(ids.join(", "), source.missing);
  }
}

function buildRust(): ReturnType<Size["build"]> {
  const guest = new RustGuest("serve2");
  return guest.skip === false ? guest.buildUnoptimised() : { missing: guest.skip };
}

function buildPython(): ReturnType<Size["build"]> {
  const file = guestPath("build/pyserve2");
  return existsSync(file) ? file : { missing: "not built: tests/guests/pyecho/build.sh pyserve2" };
}

async function measureSize(bench: Bench, size: Size, source: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "pollux-bench-serve-"));
  const file = new RebuiltFile(source, join(folder, "app.wasm"));
  const commands = (runners: readonly Runner[], ...options: readonly string[]) =>
    new Map(
      runners.flatMap((runner) => {
        const uncached = runner.id === "wasmtime" ? ["-Ccache=n"] : [];
        const command = runner.serving(file.path, [...options, ...uncached]);
        // What others have cached is not to be found, nor to be thrown out.
        return command === undefined ? [] : [[runner.id, ["env", `XDG_CACHE_HOME=${folder}`, ...command]] as const];
      }),
    );
  const rounds = bench.quick ? 1 : size.rounds;
  const restart = [budget("binary", "<=", 0.2, "wasmtime", "issue 17")];
  const hosts: readonly string[] = polluxHosts;
  try {
    await measureRow(
      bench,
      { id: size.id, title: `${size.title}, rebuilt, start to first answer`, unit: "ms", budgets: restart },
      { columns: commands(bench.runners), rounds, sample: (command) => fromStart(command, file) },
    );
    if (!bench.wants(watchOf(size))) return;
    await measureRow(
      bench,
      {
        id: watchOf(size),
        title: "    --watch: renamed to first answer",
        unit: "ms",
        budgets: polluxHosts.map((column) => ({
          column,
          limits: [{ atMost: 0.2, times: { column: "wasmtime", row: size.id } }],
          source: "issue 17",
        })),
      },
      {
        columns: commands(
          bench.runners.filter(({ id }) => hosts.includes(id)),
          "--watch",
        ),
        rounds,
        sample: (command) => fromRename(command, file),
      },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A server's file that is built anew: it greets with other words each time, in a core module that no cache knows. */
class RebuiltFile {
  readonly path: string;
  readonly #bytes: Buffer;
  readonly #greetingAt: number;

  constructor(source: string, path: string) {
    this.path = path;
    this.#bytes = readFileSync(source);
    this.#greetingAt = this.#bytes.indexOf("Hello, World!");
  }

  /** Writes the new file beside the old one. Returns what it greets with. */
  prepare(): string {
    const greeting = `Hello, ${Math.random().toString(36).slice(2, 8).padEnd(6, "0")}`;
    this.#bytes.write(greeting, this.#greetingAt, "latin1");
    writeFileSync(`${this.path}.new`, this.#bytes);
    return greeting;
  }

  replace(): void {
    renameSync(`${this.path}.new`, this.path);
  }
}

async function fromStart(command: readonly string[], file: RebuiltFile): Promise<number> {
  const greeting = file.prepare();
  file.replace();
  const start = performance.now();
  const server = await serve(command, servingLine, PATIENCE);
  try {
    await greets(server.ready[1]!, greeting);
    return performance.now() - start;
  } finally {
    await server.end();
  }
}

async function fromRename(command: readonly string[], file: RebuiltFile): Promise<number> {
  const first = file.prepare();
  file.replace();
  const [program, ...args] = command;
  const child = spawn(program!, args, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  const lines = createInterface(child.stderr)[Symbol.asyncIterator]();
  // The next guest says it again.
  const serving = async (): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new CommandFailed(`${nameOf(command)}: it has ended`);
      const port = servingLine.exec(value)?.[1];
      if (port !== undefined) return port;
    }
  };
  const late = setTimeout(() => child.kill("SIGTERM"), PATIENCE);
  try {
    await greets(await serving(), first);
    await pass(READY);
    const greeting = file.prepare();
    const start = performance.now();
    file.replace();
    await greets(await serving(), greeting);
    return performance.now() - start;
  } finally {
    clearTimeout(late);
    child.kill("SIGTERM");
    await ended;
  }
}

/** Asks until the answer is this greeting: the one before may still answer what it had accepted. */
async function greets(port: string, greeting: string): Promise<void> {
  for (const end = performance.now() + PATIENCE; performance.now() < end; ) {
    await using connection = await HttpConnection.dial(Number(port));
    const { status, body } = await connection.exchange(get("/hello", "Connection: close\r\n"));
    if (status === 200 && body.toString().startsWith(greeting)) return;
  }
  throw new CommandFailed(`it did not greet with ${greeting}`);
}
