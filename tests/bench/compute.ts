/**
 * Guest code and host calls, by the difference of two whole runs, so that no process's start counts. CPU time: both are busy in
 * one thread, and a loaded machine then counts for less.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, commandsFor, measureRow, type RowHead } from "./bench.ts";
import { measureCommand } from "./cost.ts";
import { type Budget, budget } from "./rows.ts";
import { guestPath, polluxHosts } from "./runners.ts";
import { buildFolder } from "./tools.ts";

const cpuBudgets: readonly Budget[] = [
  budget("bun", "<=", 1, "wasmtime", "design"),
  budget("binary", "<=", 1, "wasmtime", "design"),
  budget("node", "<=", 1.3, "wasmtime", "design"),
  budget("deno", "<=", 1.3, "wasmtime", "design"),
];

/** Adds `cpu`, the CPU-bound guest's run less hello's (ms), and `now`, one call of monotonic-clock.now (ns). */
export async function measureCompute(bench: Bench): Promise<void> {
  if (bench.wants("cpu")) await measureCpu(bench);
  if (bench.wants("now")) await measureNow(bench);
}

async function measureCpu(bench: Bench): Promise<void> {
  const [cpu, hello] = [guestPath("cpu"), guestPath("hello")];
  if (!existsSync(cpu) || !existsSync(hello)) return bench.leaveOut("cpu", "tests/guests/cpu.wasm is not there");
  await measureDifference(
    bench,
    { id: "cpu", title: "CPU-bound guest, CPU time", unit: "ms", budgets: cpuBudgets },
    { guest: cpu, base: hello, scale: 1, rounds: bench.quick ? 1 : 3 },
  );
}

/** Enough calls for their time to stand out from that of the start: 0.1 us each make 0.2 s. */
const calls = 2_000_000;

const nowBudgets: readonly Budget[] = polluxHosts.map((column) => ({
  column,
  limits: [{ atMost: 200 }],
  source: "design",
}));

async function measureNow(bench: Bench): Promise<void> {
  const { parse } = await import("@bytecodealliance/jco");
  mkdirSync(buildFolder, { recursive: true });
  const build = async (count: number): Promise<string> => {
    const path = join(buildFolder, `now-${count}.wasm`);
    writeFileSync(path, await parse(nowGuest(count)));
    return path;
  };
  const nsPerMs = 1e6;
  await measureDifference(
    bench,
    { id: "now", title: "one call of monotonic-clock.now", unit: "ns", budgets: nowBudgets },
    { guest: await build(calls), base: await build(1), scale: nsPerMs / calls, rounds: bench.quick ? 1 : 3 },
  );
}

/** A command that asks the time `count` times. */
function nowGuest(count: number): string {
  return `(component
    (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
    (core func $now (canon lower (func $clock "now")))
    (core module $Guest
      (import "host" "now" (func $now (result i64)))
      (func (export "run") (result i32) (local $n i32)
        (local.set $n (i32.const ${count}))
        (loop $again
          (drop (call $now))
          (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i32.const 0)))
    (core instance $guest (instantiate $Guest (with "host" (instance (export "now" (func $now))))))
    (func $run (result (result)) (canon lift (core func $guest "run")))
    (instance $interface (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $interface)))`;
}

interface Difference {
  readonly guest: string;
  readonly base: string;
  /** Row's units a ms. */
  readonly scale: number;
  readonly rounds: number;
}

/** Adds a row of how much more CPU time one guest's run takes than another's, sampled in turn. */
async function measureDifference(
  bench: Bench,
  head: RowHead,
  { guest, base, scale, rounds }: Difference,
): Promise<void> {
  const bases = commandsFor(bench.runners, base, []);
  const guests = commandsFor(bench.runners, guest, []);
  await measureRow(bench, head, {
    columns: new Map([...guests].map(([id, command]) => [id, { command, base: bases.get(id)! }])),
    rounds,
    sample: async (column) => {
      const { cpu } = await measureCommand(bench.tools, column.command);
      return (cpu - (await measureCommand(bench.tools, column.base)).cpu) * scale;
    },
  });
}
