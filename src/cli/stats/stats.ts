/** --stats: how long each phase of a run took, and the report. Loaded only when asked for. */
import type { Phase } from "../../run/options.ts";
import { Numbers, readNumbers, type Slot } from "./stats-numbers.ts";

/** `start`: the process's own, up to Pollux's first line; `machine`: the runtime's FFI, and what the guest waits on. */
export type RunPhase = "start" | "read" | "machine" | Phase;

/** In the order of the report. */
const phases: readonly RunPhase[] = ["start", "read", "machine", "parse", "link", "compile", "run"];

/** `live`: as text, and a line every second on a terminal. */
export type StatsFormat = "text" | "json" | "live";

export class Stats {
  readonly numbers: Numbers;
  readonly #now: () => number;
  readonly #current: Slot;
  readonly #since: Slot;

  /** @param now Milliseconds since the process started. */
  constructor(numbers = new Numbers(), now: () => number = () => performance.now()) {
    this.numbers = numbers;
    this.#now = now;
    this.#current = numbers.slot("current phase");
    this.#since = numbers.slot("since");
    numbers.slot("phase start");
  }

  /** Ends the phase that was, and begins another, maybe not for the first time. */
  enter(phase: RunPhase): void {
    const now = this.#now();
    const before = this.numbers.slot(`phase ${phases[this.#current.value]}`);
    before.value += now - this.#since.value;
    this.numbers.slot(`phase ${phase}`);
    this.#current.value = phases.indexOf(phase);
    this.#since.value = now;
  }

  /** What has gone by since the phase began was for the measuring itself. */
  resume(): void {
    this.#since.value = this.#now();
  }

  report(format: StatsFormat): string {
    return statsReport(this.numbers.shared, this.#now(), format);
  }
}

/** A line a phase, their sum, and what the meter counted; or one line of JSON, in milliseconds. */
export function statsReport(shared: SharedArrayBuffer, now: number, format: StatsFormat): string {
  const numbers = readNumbers(shared);
  const current = phases[numbers.get("current phase")!];
  const rows = phases.flatMap((name) => {
    const spent = numbers.get(`phase ${name}`);
    return spent === undefined
      ? []
      : [[name, round(spent + (name === current ? now - numbers.get("since")! : 0))] as const];
  });
  const total = round(rows.reduce((sum, [, spent]) => sum + spent, 0));
  const counted = counts(numbers, now);
  if (format === "json") return `${JSON.stringify({ phases: Object.fromEntries(rows), total, ...counted })}\n`;
  return [...rows, ["total", total] as const].map(([name, spent]) => line(name, spent)).join("") + describe(counted);
}

/** Returns a line with the counts up to now. */
export function liveReport(shared: SharedArrayBuffer, now: number): string {
  const counted = counts(readNumbers(shared), now);
  if (counted === undefined) return "";
  const { bytes, polls, waited, handles, served } = counted;
  const carried = Object.values(bytes);
  const sum = (way: "in" | "out") => carried.reduce((all, each) => all + each[way], 0).toLocaleString("en-US");
  const parts = [
    ...(served === undefined ? [] : [`${served.requests} requests`, `${served.connections} connections`]),
    `bytes ${sum("in")} in, ${sum("out")} out`,
    `polls ${polls}`,
    `waited ${(waited / 1000).toFixed(1)} s`,
    `handles at most ${handles}`,
  ];
  return `stats: ${(now / 1000).toFixed(0)} s: ${parts.join("; ")}\n`;
}

/** What stats-meter.ts has counted; undefined: there is no meter. */
interface Counts {
  readonly calls: Readonly<Record<string, number>>;
  readonly bytes: Readonly<Record<string, { readonly in: number; readonly out: number }>>;
  readonly polls: number;
  readonly waited: number;
  readonly handles: number;
  /** What a server has counted; undefined: it is none. */
  readonly served?: Served;
}

interface Served {
  readonly connections: number;
  readonly requests: number;
  /** By the class of their status, `2xx`; `none`: a client went, or the server ended, before there was one. */
  readonly responses: Readonly<Record<string, number>>;
  /** Those among them that did not get to their end. */
  readonly brokenOff: number;
  /** How many were made for a request, and how often one was used again. */
  readonly instances: { readonly made: number; readonly reused: number };
}

function counts(numbers: ReadonlyMap<string, number>, now: number): Counts | undefined {
  const polls = numbers.get("polls");
  if (polls === undefined) return undefined;
  const waitsSince = numbers.get("waits since");
  const named = (prefix: string) =>
    [...numbers].flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
    );
  const out = new Map(named("bytes out "));
  return {
    calls: Object.fromEntries(named("calls ").filter(([, count]) => count > 0)),
    bytes: Object.fromEntries(named("bytes in ").map(([what, count]) => [what, { in: count, out: out.get(what)! }])),
    polls,
    waited: round(numbers.get("waited")! + (waitsSince ? now - waitsSince : 0)),
    handles: numbers.get("handles")!,
    ...servedOf(numbers, named("responses ")),
  };
}

function servedOf(
  numbers: ReadonlyMap<string, number>,
  responses: readonly (readonly [string, number])[],
): Pick<Counts, "served"> {
  const requests = numbers.get("requests");
  if (requests === undefined) return {};
  const count = (name: string) => numbers.get(name) ?? 0;
  const classes = responses.filter(([name]) => name !== "broken off").toSorted(([a], [b]) => a.localeCompare(b));
  return {
    served: {
      connections: count("connections"),
      requests,
      responses: Object.fromEntries(classes),
      brokenOff: count("responses broken off"),
      instances: { made: count("instances made"), reused: count("instances reused") },
    },
  };
}

function describe(counted: Counts | undefined): string {
  if (counted === undefined) return "";
  const { calls, bytes, polls, waited, handles, served } = counted;
  const made = Object.entries(calls).map(([name, count]) => `calls of ${name}: ${count}\n`);
  const carried = Object.entries(bytes).map(([what, each]) => `bytes of ${what}: ${each.in} in, ${each.out} out\n`);
  return `${describeServed(served)}${line("waited", waited)}polls: ${polls}\nhandles at most: ${handles}\n${carried.join("")}${made.join("")}`;
}

function describeServed(served: Served | undefined): string {
  if (served === undefined) return "";
  const { connections, requests, responses, brokenOff, instances } = served;
  const classes = Object.entries(responses).map(([name, count]) => `${name} ${count}`);
  return [
    `connections: ${connections}`,
    `requests: ${requests}`,
    `responses: ${[...classes, `broken off ${brokenOff}`].join(", ")}`,
    `instances: ${instances.made} made, ${instances.reused} times used again`,
    "",
  ].join("\n");
}

/** To the microsecond: what the clocks of the runtimes have in common. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

function line(name: string, milliseconds: number): string {
  return `${name.padEnd(7)} ${milliseconds.toFixed(3).padStart(11)} ms\n`;
}
