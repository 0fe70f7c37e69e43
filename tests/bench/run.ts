/**
 * `npm run bench`: measures Pollux on each host against wasmtime and a native server, and prints tables of ratios with the
 * budgets of docs/benchmarks.md and of the issues beside them. Everything on loopback. See options.ts for the command line.
 */
import { writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import type { Bench } from "./bench.ts";
import { measureBetween } from "./between/measure.ts";
import { contenders, measureCalls } from "./calls/measure.ts";
import { measurePrograms, programRows } from "./compute/measure.ts";
import { measureCompute } from "./compute.ts";
import { measureFiles } from "./files.ts";
import { measureGoEcho } from "./go-echo.ts";
import { measureHostPause } from "./host-pause.ts";
import { measureHttp } from "./http.ts";
import { measureInstances } from "./instances.ts";
import { lazyParts, measureLazyParts } from "./lazy-parts.ts";
import { measureMemory } from "./memory.ts";
import { type BenchOptions, parseOptions, usage } from "./options.ts";
import { measureP3Echo } from "./p3-echo.ts";
import { besideRows, type Row } from "./rows.ts";
import { findRunners, type Runner } from "./runners.ts";
import { drawScaleOf } from "./scale.ts";
import { measureServe } from "./serve.ts";
import { measureServeIdle } from "./serve-idle.ts";
import { measureServeRebuilt } from "./serve-rebuilt.ts";
import { soakServe } from "./serve-soak.ts";
import { soak } from "./soak.ts";
import { measureStartup } from "./startup.ts";
import { formatMarkdown, formatText, judgements, type Section, summarise } from "./table.ts";
import { measureThroughput, scaleRows } from "./throughput.ts";
import { compileNative } from "./tools.ts";
import { measureWaiting } from "./waiting.ts";
import { measureWatch } from "./watch.ts";

/** What `--quick` leaves out unless `--only` asks for it. */
const notQuick: readonly string[] = [
  "cpython-start",
  "watch-restart",
  "spin-closed",
  "memory-10000",
  "echo-1",
  "idle-1000",
  "idle-9000",
  "timeouts-9000",
  "churn-9000",
  "go-64",
  "p3-1",
  "p3-churn",
  "p3-idle-2000",
  "p3-idle-9000",
  "p3-timeouts-9000",
  "p3-splice-64",
  ...["p3-read-1m", "p3-write-64k", "p2-read-64k", "p2-read-1m", "p2-write-64k", "p2-list"].map(
    (row) => `files-${row}`,
  ),
  "between-inside",
  "between-later",
  "tokio-2000",
  "uvicorn-16",
  "serve-16",
  "serve-p3-16",
  ...["serve", "serve-p3"].flatMap((name) => ["post-16", "post-64", "down", "up"].map((row) => `${name}-${row}`)),
  "serve-idle-10000",
  "serve-rebuilt-1mb",
  "serve-rebuilt-1mb-watch",
  "serve-rebuilt-20mb",
  "serve-rebuilt-20mb-watch",
  "net-64",
  "net-4000",
  "net-timeouts-9000",
  "own-64",
  "second-cpython",
  "second-cpython-collected",
  ...lazyParts,
];

/** Only for the curve, and what fetches programs and takes minutes. */
const onlyOnRequest: readonly string[] = ["idle-2000", ...programRows];

async function main(options: BenchOptions): Promise<void> {
  const started = Date.now();
  const leftOut: { what: string; reason: string }[] = [];
  const leaveOut = (what: string, reason: string): void => {
    leftOut.push({ what, reason });
    console.error(`left out: ${what}: ${reason}`);
  };
  const only = options.chart && options.only.length === 0 ? [...scaleRows.values()] : options.only;
  const wants = (row: string): boolean =>
    only.length === 0
      ? !onlyOnRequest.includes(row) && !(options.quick && notQuick.includes(row))
      : only.some((prefix) => row === prefix || row.startsWith(`${prefix}-`));

  const native = await compileNative();
  const tools = "missing" in native ? undefined : native;
  const soaks = options.soak !== undefined;
  const hosts = options.hosts ?? (soaks ? ["binary"] : undefined);
  const runners = await findRunners(tools, (id) => hosts?.includes(id) ?? true, leaveOut);
  if (options.soak?.command === "serve") {
    process.exitCode = (await soakServe(runners, options.soak.seconds, leaveOut)) ? 0 : 1;
    return;
  }
  if (options.soak?.command === "run") {
    if (tools === undefined) throw new Error("no cc: the soak's client is a C program");
    process.exitCode = (await soak(tools, runners, options.soak.seconds)) ? 0 : 1;
    return;
  }
  const rows: Row[] = [];
  if (tools === undefined) {
    leaveOut(
      "every row of the hosts' table",
      "no cc: the load generator and the clock around a process are C programs",
    );
  } else {
    if (options.quick && only.length === 0) leaveOut(notQuick.join(", "), "--quick");
    const add = (row: Row): void => {
      rows.push(row, ...besideRows(row));
      console.error(`${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s  ${row.id}`);
    };
    const bench: Bench = { runners, tools, quick: options.quick, wants, add, leaveOut };
    await measureStartup(bench);
    await measureLazyParts(bench);
    await measureWatch(bench);
    await measureCompute(bench);
    await measurePrograms(bench);
    await measureWaiting(bench);
    await measureMemory(bench);
    await measureThroughput(bench);
    await measureP3Echo(bench);
    await measureBetween(bench);
    await measureFiles(bench);
    await measureHttp(bench);
    await measureServe(bench);
    await measureServeIdle(bench);
    await measureServeRebuilt(bench);
    await measureGoEcho(bench);
    await measureHostPause(bench);
    await measureInstances(bench);
  }
  const calls = (
    wants("calls") || only.some((prefix) => prefix.startsWith("calls")) ? await measureCalls(options.quick) : []
  ).filter((row) => wants(row.id));
  if (options.chart) {
    const file = drawScaleOf(rows, runners, machine());
    if (file === undefined) leaveOut("the chart", "nothing was measured");
    else console.error(`drawn: ${file}`);
  }
  const sections = [hostsSection(runners, rows), callsSection(calls)].filter((section) => section.rows.length > 0);
  const format = options.markdown ? formatMarkdown : formatText;
  for (const section of sections) console.log(`\n${format(section)}`);
  console.log(`\n${machine()}; ${runners.map((runner) => `${runner.id}: ${runner.title}`).join("; ")}`);
  for (const { what, reason } of leftOut) console.log(`left out: ${what}: ${reason}`);
  console.log(summarise(sections));
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(asJson(sections, runners, leftOut), null, 2)}\n`);
}

function hostsSection(runners: readonly Runner[], rows: readonly Row[]): Section {
  return {
    title: "Pollux, wasmtime, native",
    columns: runners.map((runner) => runner.id),
    baselines: new Map([
      ["native", "n"],
      ["wasmtime", "w"],
    ]),
    rows,
  };
}

function callsSection(rows: readonly Row[]): Section {
  return {
    title: "Calls across the component boundary",
    columns: contenders,
    baselines: new Map([
      ["hand", "h"],
      ["jco", "j"],
    ]),
    rows,
  };
}

/** With the load average of the last five minutes: what else was running is part of a figure. */
function machine(): string {
  const all = cpus();
  return `${all.length} x ${all[0]?.model.trim()}, ${process.platform} ${release()}, ${new Date().toISOString().slice(0, 10)}, load ${loadavg()[1]!.toFixed(1)}`;
}

function asJson(sections: readonly Section[], runners: readonly Runner[], leftOut: readonly object[]): object {
  return {
    machine: machine(),
    runners: Object.fromEntries(runners.map((runner) => [runner.id, runner.title])),
    rows: sections.flatMap((section) =>
      section.rows.map((row) => ({
        id: row.id,
        title: row.title,
        unit: row.unit,
        samples: Object.fromEntries(row.samples),
        failures: Object.fromEntries(row.failures),
        budgets: judgements(section, row),
      })),
    ),
    leftOut,
  };
}

let options: BenchOptions | undefined;
try {
  options = parseOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  process.exit(2);
}
if (options === undefined) console.log(usage);
else await main(options);
