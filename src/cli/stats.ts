/** --stats: how long each phase of a run took. Loaded only when asked for. */
import type { Phase } from "../run.ts";
import type { Meter } from "./stats-meter.ts";

/** `start`: the process's own, up to Pollux's first line; `machine`: the runtime's FFI, and what the guest waits on. */
export type RunPhase = "start" | "read" | "machine" | Phase;

/** In the order of the report. */
const phases: readonly RunPhase[] = ["start", "read", "machine", "parse", "link", "compile", "run"];

export type StatsFormat = "text" | "json";

export class Stats {
  readonly #now: () => number;
  readonly #spent = new Map<RunPhase, number>();
  #phase: RunPhase = "start";
  #since = 0;

  /** @param now Milliseconds since the process started. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Ends the phase that was, and begins another, maybe not for the first time. */
  enter(phase: RunPhase): void {
    const now = this.#now();
    this.#spent.set(this.#phase, (this.#spent.get(this.#phase) ?? 0) + now - this.#since);
    this.#phase = phase;
    this.#since = now;
  }

  /** Ends the last phase. A line a phase, and their sum; or one line of JSON, in milliseconds. */
  report(format: StatsFormat, meter?: Meter): string {
    this.enter(this.#phase);
    const rows = phases.flatMap((name) => {
      const spent = this.#spent.get(name);
      return spent === undefined ? [] : [[name, round(spent)] as const];
    });
    const total = round(rows.reduce((sum, [, spent]) => sum + spent, 0));
    if (format === "json")
      return `${JSON.stringify({ phases: Object.fromEntries(rows), total, ...(meter && counts(meter)) })}\n`;
    return (
      [...rows, ["total", total] as const].map(([name, spent]) => line(name, spent)).join("") +
      (meter === undefined ? "" : describe(meter))
    );
  }
}

function counts({ calls, bytes, polls, waited, handles }: Meter): object {
  return { calls: Object.fromEntries(calls), bytes, polls, waited: round(waited), handles };
}

function describe({ calls, bytes, polls, waited, handles }: Meter): string {
  const made = [...calls].map(([name, count]) => `calls of ${name}: ${count}\n`);
  const carried = Object.entries(bytes).map(([what, each]) => `bytes of ${what}: ${each.in} in, ${each.out} out\n`);
  return `${line("waited", waited)}polls: ${polls}\nhandles at most: ${handles}\n${carried.join("")}${made.join("")}`;
}

/** To the microsecond: what the clocks of the runtimes have in common. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

function line(name: string, milliseconds: number): string {
  return `${name.padEnd(7)} ${milliseconds.toFixed(3).padStart(11)} ms\n`;
}
