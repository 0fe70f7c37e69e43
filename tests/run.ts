/**
 * Runs every tests/**\/*.test.ts on every runtime, each file in a process of its own: as many at once as there are processors, and
 * two more, since some always wait. Files that need minutes, for they install toolchains, run when a part names them
 * (`npm run toolchains`).
 *
 *     node tests/run.ts [--on=node,bun,deno] [part of a path]...
 *
 * The runtimes are the ones in node_modules. Ends with `N passed, N failed`, and with status 1 when a test failed or, with
 * no part given, a runtime ran nothing.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { type Case, readJUnit } from "./junit.ts";

const root = join(import.meta.dirname, "..");
const bin = (name: string) => join(root, "node_modules/.bin", name);

/** Each writes JUnit's XML into a file: the one format that all three have. */
const runtimes: Record<string, (file: string, xml: string) => readonly [string, readonly string[]]> = {
  node: (file, xml) => [
    bin("node"),
    [
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...["--test-reporter=junit", `--test-reporter-destination=${xml}`],
      file,
    ],
  ],
  bun: (file, xml) => [
    bin("bun"),
    ["test", `./${file}`, `--timeout=${PATIENCE}`, "--reporter=junit", `--reporter-outfile=${xml}`],
  ],
  deno: (file, xml) => [bin("deno"), ["test", "-A", "--no-check", `--junit-path=${xml}`, file]],
};

/** A file that takes longer than this hangs, ms. */
const PATIENCE = 480_000;

interface Job {
  readonly runtime: string;
  readonly file: string;
}

interface Outcome extends Job {
  readonly cases: readonly Case[];
  readonly seconds: number;
  /** What the file's process printed, when something in it failed. */
  readonly trouble: string | undefined;
}

// npm links it to the Node that it installed last, which is another one when `node24` alone was.
if (!realpathSync(bin("node")).startsWith(join(root, "node_modules/node/")))
  throw new Error("node_modules/.bin/node is not of the package `node`: `npm ci` mends it");

const args = process.argv.slice(2);
const on =
  args
    .find((arg) => arg.startsWith("--on="))
    ?.slice("--on=".length)
    .split(",") ?? Object.keys(runtimes);
const parts = args.filter((arg) => !arg.startsWith("--"));
/** What installs toolchains, minutes of it. */
const installs = /^tests\/(newcomer\/|docs\/tutorials\/(javascript|python)|release\/lint)/;
const files = globSync("tests/**/*.test.ts", { cwd: root, exclude: ["tests/guests/build/**"] })
  .filter((file) => (parts.length === 0 ? !installs.test(file) : parts.some((part) => file.includes(part))))
  .sort();

const scratch = mkdtempSync(join(tmpdir(), "pollux-tests-"));
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) kill(child);
  rmSync(scratch, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

const started = performance.now();
// One runtime is enough for the files in these folders: they start every host themselves, or read pages.
const runsOn = (runtime: string, file: string) =>
  runtime === "node" || !/^tests\/(docs|e2e|examples|faults|newcomer|release)\//.test(file);
const outcomes = await runAll(
  files.flatMap((file) => on.filter((runtime) => runsOn(runtime, file)).map((runtime) => ({ runtime, file }))),
);
process.exitCode = summarize(outcomes) ? 0 : 1;

async function runAll(jobs: readonly Job[]): Promise<Outcome[]> {
  const waiting = jobs.entries();
  const done: Outcome[] = [];
  const lane = async () => {
    for (const [i, job] of waiting) {
      const outcome = await runOne(job, join(scratch, `${i}.xml`));
      done.push(outcome);
      printOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() + 2 }, lane));
  return done;
}

async function runOne(job: Job, xml: string): Promise<Outcome> {
  const [command, commandArgs] = runtimes[job.runtime]!(job.file, xml);
  const start = performance.now();
  // A process group of its own, so that what a hanging test has started ends with it.
  const child = spawn(command, commandArgs, {
    cwd: root,
    env: {
      ...process.env,
      NO_COLOR: "1",
      // Nor asks Deno for a newer one, and tells of it in the terminals of tests.
      DENO_NO_UPDATE_CHECK: "1",
      XDG_CACHE_HOME: join(scratch, "cache"),
      // Most of Node's start is stripping types, which it keeps beside the compiled code.
      NODE_COMPILE_CACHE: join(scratch, "node-compile-cache"),
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const timer = setTimeout(() => {
    chunks.push(Buffer.from(`\nkilled: still running after ${PATIENCE / 1000} s\n`));
    kill(child);
  }, PATIENCE);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearTimeout(timer);
  running.delete(child);

  const cases = [...readCases(xml)];
  if (status !== 0 && !cases.some(({ result }) => result === "failed")) {
    cases.push({ name: `${job.file}: exit status ${status}`, result: "failed", reason: undefined });
  }
  const failed = cases.some(({ result }) => result === "failed");
  const seconds = (performance.now() - start) / 1000;
  return { ...job, cases, seconds, trouble: failed ? Buffer.concat(chunks).toString() : undefined };
}

/** A runtime that could not load the file writes none. */
function readCases(xml: string): readonly Case[] {
  try {
    return readJUnit(readFileSync(xml, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

function kill(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function count(cases: readonly Case[], result: Case["result"]): number {
  return cases.filter((each) => each.result === result).length;
}

function printOutcome({ runtime, file, cases, seconds, trouble }: Outcome): void {
  const [passed, failed, skipped] = [count(cases, "passed"), count(cases, "failed"), count(cases, "skipped")];
  const counts = `${passed} passed${failed ? `, ${failed} failed` : ""}${skipped ? `, ${skipped} skipped` : ""}`;
  console.log(
    `${failed ? "FAIL" : "ok  "} ${runtime.padEnd(4)} ${relative("tests", file)}: ${counts} (${seconds.toFixed(1)} s)`,
  );
  if (trouble !== undefined) console.log(trouble.replaceAll(/^/gm, "     | "));
}

/** @returns Whether all is well. */
function summarize(all: readonly Outcome[]): boolean {
  console.log();
  printSkipped(all);
  const idle: string[] = [];
  for (const runtime of on) {
    const cases = all.filter((each) => each.runtime === runtime).flatMap((each) => each.cases);
    if (parts.length === 0 && count(cases, "passed") === 0) idle.push(runtime);
    console.log(
      `${runtime}: ${count(cases, "passed")} passed, ${count(cases, "failed")} failed, ${count(cases, "skipped")} skipped`,
    );
  }
  if (idle.length > 0) console.log(`nothing ran on ${idle.join(", ")}`);
  for (const { runtime, file, cases } of all) {
    for (const { name, result } of cases)
      if (result === "failed") console.log(`failed on ${runtime}: ${file}: ${name}`);
  }
  const cases = all.flatMap((each) => each.cases);
  const failed = count(cases, "failed") + idle.length;
  console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
  console.log(`${count(cases, "passed")} passed, ${failed} failed`);
  return failed === 0;
}

/** What was left out and why. Only Node writes reasons down; the others skipped the same test for the same one. */
function printSkipped(all: readonly Outcome[]): void {
  const skipped = new Map<string, { reason: string; on: Set<string> }>();
  for (const { runtime, file, cases } of all) {
    for (const { name, result, reason } of cases) {
      if (result !== "skipped") continue;
      const key = `${file}: ${name}`;
      const entry = skipped.get(key) ?? { reason: "", on: new Set() };
      skipped.set(key, { reason: reason ?? entry.reason, on: entry.on.add(runtime) });
    }
  }
  for (const [name, { reason, on: where }] of skipped) {
    console.log(`skipped on ${[...where].sort().join(", ")}: ${name}${reason ? `: ${reason}` : ""}`);
  }
}
