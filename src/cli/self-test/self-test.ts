/** `pollux self-test`: says what works on this machine. Loaded only for this, the guests with it. */
import { arch, release, type } from "node:os";
import process from "node:process";
import { allParts, type Machines, type NetFamily } from "../../machine/machines.ts";
import { UnsupportedRuntime } from "../../machine/unsupported-runtime.ts";
import { requireJspi } from "../../run/require-jspi.ts";
import type { CommandLine } from "../options/scan.ts";
import { writeOut } from "../output/output.ts";
import { demand } from "../run/permissions.ts";
import type { Host } from "../run/surroundings.ts";
import { Bench } from "./bench.ts";
import { readGuests } from "./guests.ts";
import { Mismatch } from "./mismatch.ts";
import { guestNames, type Subject, subjects } from "./subjects.ts";

/** Why there are no such sockets here; undefined: there are. */
type Sockets = Readonly<Record<NetFamily, string | undefined>>;

interface Result {
  readonly subject: string;
  /** The sockets that it is about. */
  readonly net?: NetFamily;
  readonly outcome: "ok" | "failed" | "not on this machine";
  readonly why?: string;
  readonly ms: number;
}

/**
 * Returns the exit status: 1 if a subject failed.
 *
 * @param version Pollux's
 */
export async function selfTest(
  { options }: CommandLine,
  { machines, permits }: Host,
  version: string,
): Promise<number> {
  demand(
    permits,
    (["read", "write", "run", "env", "sys"] as const).map((name) => ["pollux self-test", name] as const),
  );
  const json = options.length > 0;
  const sockets = { posix: await lackOf(machines, "posix"), evented: await lackOf(machines, "evented") };
  const machine = { pollux: version, runtime: runtimeName(), system: `${type()} ${release()} ${arch()}` };
  if (!json) writeOut(`pollux ${version} on ${machine.runtime}, ${machine.system}\n${describeSockets(sockets)}`);
  const results: Result[] = [];
  using bench = new Bench(readGuests(guestNames));
  for (const subject of subjects) {
    const result = await resultOf(subject, sockets, bench);
    results.push(result);
    if (!json) writeOut(lineOf(result));
  }
  const failed = results.filter(({ outcome }) => outcome === "failed").length;
  const report = {
    ...machine,
    sockets: { posix: sockets.posix ?? true, evented: sockets.evented ?? true },
    results,
    failed,
  };
  writeOut(json ? `${JSON.stringify(report, undefined, 2)}\n` : summary(results));
  return failed === 0 ? 0 : 1;
}

async function lackOf({ suspending }: Machines, net: NetFamily): Promise<string | undefined> {
  try {
    if (net === "evented") requireJspi();
    await (net === "posix" ? suspending.posix(allParts) : suspending.evented());
    return undefined;
  } catch (error) {
    if (error instanceof UnsupportedRuntime) return error.message;
    throw error;
  }
}

async function resultOf(subject: Subject, sockets: Sockets, bench: Bench): Promise<Result> {
  const { name, net, files } = subject;
  const about = net === undefined ? { subject: name } : { subject: name, net };
  const lack = net === undefined ? undefined : sockets[net];
  const why = lack ?? (files === true ? sockets.posix : undefined);
  if (why !== undefined) return { ...about, outcome: "not on this machine", why, ms: 0 };
  const start = performance.now();
  const took = () => Math.round(performance.now() - start);
  try {
    await subject.test(bench, net);
    return { ...about, outcome: "ok", ms: took() };
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    return { ...about, outcome: "failed", why: error.message, ms: took() };
  }
}

function runtimeName(): string {
  const { bun, deno, node } = process.versions;
  return bun !== undefined ? `Bun ${bun}` : deno !== undefined ? `Deno ${deno}` : `Node ${node}`;
}

function describeSockets(sockets: Sockets): string {
  const lines = Object.entries(sockets).map(([net, lack]) => `${net}: ${lack === undefined ? "yes" : `no, ${lack}`}`);
  return `sockets ${lines.join("; ")}\n\n`;
}

function lineOf({ subject, net, outcome, why, ms }: Result): string {
  const name = net === undefined ? subject : `${subject} (${net})`;
  const end = outcome === "ok" ? `${ms} ms` : outcome === "failed" ? why : `not on this machine: ${why}`;
  const mark = outcome === "not on this machine" ? "-" : outcome;
  return `${mark.padEnd(8)}${name}: ${end}\n`;
}

function summary(results: readonly Result[]): string {
  const count = (outcome: Result["outcome"]) => results.filter((each) => each.outcome === outcome).length;
  return `\n${count("ok")} ok, ${count("failed")} failed, ${count("not on this machine")} not on this machine\n`;
}
