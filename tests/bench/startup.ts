/**
 * Start and memory: a whole run of `hello`, by the npm package's launcher too, of a Rust one by WASI 0.3, and a 21 MB component
 * from its file to its first line.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { RustGuest } from "../e2e/rust.ts";
import { type Bench, commandsFor, measureRow } from "./bench.ts";
import { measureCommand } from "./cost.ts";
import { serve } from "./process.ts";
import { type Beside, type Budget, budget } from "./rows.ts";
import { guestPath, polluxHosts } from "./runners.ts";
import { root } from "./tools.ts";

/** Adds `hello-start` and `hello-memory` (both from the same runs), `launcher-start`, `hello-p3-start` and `cpython-start`. */
export async function measureStartup(bench: Bench): Promise<void> {
  if (bench.wants("hello-start") || bench.wants("hello-memory")) await measureHello(bench);
  if (bench.wants("launcher-start")) await measureLauncher(bench);
  if (bench.wants("hello-p3-start")) await measureP3Hello(bench);
  if (bench.wants("cpython-start")) await measureCPython(bench);
}

const startBudgets: readonly Budget[] = [
  { column: "binary", limits: [{ atMost: 2.5, times: { column: "wasmtime" } }, { atMost: 15 }], source: "issue 3" },
  budget("binary", "<=", 2, "wasmtime", "design"),
];
const memoryBudgets = [budget("binary", "<=", 2.5, "wasmtime", "design")];

async function measureHello(bench: Bench): Promise<void> {
  const guest = guestPath("hello");
  if (!existsSync(guest)) return bench.leaveOut("hello", "tests/guests/hello.wasm is not there");
  const runners = bench.runners.filter((runner) => runner.measuresStart);
  if (runners.length < bench.runners.filter((runner) => runner.id !== "native").length) {
    bench.leaveOut("hello on wasmtime", "a library in Python has no start of its own, and no wasmtime is on PATH");
  }
  const peaks = new Map<string, number[]>();
  const failures = await measureRow(
    bench,
    { id: "hello-start", title: "hello, start to end (cached)", unit: "ms", budgets: startBudgets },
    {
      columns: new Map([...commandsFor(runners, guest, [])].map(([id, command]) => [id, { id, command }])),
      rounds: bench.quick ? 5 : 15,
      sample: async ({ id, command }) => {
        const { wall, peakMiB } = await measureCommand(bench.tools, command);
        peaks.set(id, [...(peaks.get(id) ?? []), peakMiB]);
        return wall;
      },
    },
  );
  bench.add({
    id: "hello-memory",
    title: "hello, peak memory",
    unit: "MiB",
    samples: peaks,
    failures,
    budgets: memoryBudgets,
  });
}

const empty: Beside = { suffix: ", empty", mark: "z", title: "node -e 0" };

/** On a Node that cannot become the binary (execve) but has it as a child. */
async function measureLauncher(bench: Bench): Promise<void> {
  const node = join(root, "node_modules/node20/bin/node");
  if (!existsSync(node)) return bench.leaveOut("launcher-start", "no node_modules/node20: npm ci installs it");
  await measureRow(
    bench,
    {
      id: "launcher-start",
      title: "hello by the launcher on Node 20, start to end (cached)",
      unit: "ms",
      budgets: [{ column: "node", limits: [{ atMost: 25, over: `node${empty.suffix}` }], source: "issue 20" }],
      besides: [empty],
    },
    {
      columns: new Map([
        ["node", [node, join(root, "bin/pollux.cjs"), guestPath("hello")]],
        [`node${empty.suffix}`, [node, "-e", "0"]],
      ]),
      rounds: bench.quick ? 5 : 25,
      sample: async (command) => (await measureCommand(bench.tools, command)).wall,
    },
  );
}

const old: Beside = { suffix: ", 0.2", mark: "p", title: "the same program by WASI 0.2 there" };

async function measureP3Hello(bench: Bench): Promise<void> {
  const guest = new RustGuest("hello");
  if (guest.skip !== false) return bench.leaveOut("hello-p3-start", guest.skip);
  guest.build();
  const runners = bench.runners.filter((runner) => runner.measuresStart);
  const columns = new Map([
    ...commandsFor(runners, guest.fileOf("hello-p3"), []),
    ...[...commandsFor(runners, guest.file, [])].map(([id, command]) => [`${id}${old.suffix}`, command] as const),
  ]);
  await measureRow(
    bench,
    {
      id: "hello-p3-start",
      title: "Rust hello by WASI 0.3, start to end (cached)",
      unit: "ms",
      budgets: polluxHosts.map((host) => budget(host, "<=", 1.3, `${host}${old.suffix}`, "issue 16")),
      besides: [old],
    },
    {
      columns,
      rounds: bench.quick ? 5 : 25,
      sample: async (command) => (await measureCommand(bench.tools, command)).wall,
    },
  );
}

async function measureCPython(bench: Bench): Promise<void> {
  const guest = guestPath("build/pyecho");
  if (!existsSync(guest)) return bench.leaveOut("cpython-start", "tests/guests/build/pyecho.wasm is not built");
  await measureRow(
    bench,
    {
      id: "cpython-start",
      title: "CPython (21 MB), file to listening",
      unit: "ms",
      budgets: polluxHosts.map((host) => budget(host, "<=", 0.1, "wasmtime", "design")),
    },
    {
      columns: commandsFor(bench.runners, guest, ["127.0.0.1:0"], true),
      rounds: 1,
      sample: async (command) => {
        const start = performance.now();
        const server = await serve(command, /listening on /);
        const elapsed = performance.now() - start;
        await server.end();
        return elapsed;
      },
    },
  );
}
