/** `pollux self-test`: says what works on this machine. Loaded only for this, the guests with it. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { arch, release, type } from "node:os";
import process from "node:process";
import { allNeeds, type Machines, type NetFamily } from "../../machine/machines.ts";
import { UnsupportedRuntime } from "../../machine/unsupported-runtime.ts";
import { requireJspi } from "../../run/require-jspi.ts";
import type { CommandLine } from "../options/scan.ts";
import { codeOf } from "../output/os-error.ts";
import { writeOut } from "../output/output.ts";
import { demand } from "../run/permissions.ts";
import type { Host } from "../run/surroundings.ts";
import { Bench } from "./bench.ts";
import { readGuests } from "./guests.ts";
import { Mismatch } from "./mismatch.ts";
import { guestNames, type Subject, subjects } from "./subjects.ts";

/** Why this machine has no such sockets, cannot connect to itself, or not by IPv6; undefined: it can. */
type Lacks = Readonly<Record<NetFamily | "loopback" | "IPv6", string | undefined>>;

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
  const lacks: Lacks = {
    posix: await lackOf(machines, "posix"),
    evented: await lackOf(machines, "evented"),
    loopback: await lackOfLoopback("127.0.0.1"),
    IPv6: await lackOfLoopback("::1"),
  };
  const machine = { pollux: version, runtime: runtimeName(), system: `${type()} ${release()} ${arch()}` };
  if (!json) writeOut(`pollux ${version} on ${machine.runtime}, ${machine.system}\n${described(lacks)}`);
  const results: Result[] = [];
  using bench = new Bench(readGuests(guestNames));
  for (const subject of subjects) {
    const result = await resultOf(subject, lacks, bench);
    results.push(result);
    if (!json) writeOut(lineOf(result));
  }
  const failed = results.filter(({ outcome }) => outcome === "failed").length;
  const have = Object.fromEntries(Object.entries(lacks).map(([name, lack]) => [name, lack ?? true]));
  const report = { ...machine, sockets: have, results, failed };
  writeOut(json ? `${JSON.stringify(report, undefined, 2)}\n` : summary(results));
  return failed === 0 ? 0 : 1;
}

async function lackOf({ suspending }: Machines, net: NetFamily): Promise<string | undefined> {
  try {
    if (net === "evented") requireJspi();
    await (net === "posix" ? suspending.posix(allNeeds) : suspending.evented());
    return undefined;
  } catch (error) {
    if (error instanceof UnsupportedRuntime) return error.message;
    throw error;
  }
}

async function resultOf(subject: Subject, lacks: Lacks, bench: Bench): Promise<Result> {
  const { name, net, files, ipv6 } = subject;
  const about = net === undefined ? { subject: name } : { subject: name, net };
  const needed = [...(net === undefined ? [] : [lacks[net], lacks.loopback]), ipv6 && lacks.IPv6, files && lacks.posix];
  const why = needed.find((lack) => typeof lack === "string");
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

async function lackOfLoopback(host: string): Promise<string | undefined> {
  const server = createServer().listen(0, host);
  try {
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new TypeError("a server without its port");
    const client = connect(address.port, host);
    await once(client, "connect");
    client.destroy();
    return undefined;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return `nobody can connect to ${host}`;
  } finally {
    server.close();
  }
}

function runtimeName(): string {
  const { bun, deno, node } = process.versions;
  return bun !== undefined ? `Bun ${bun}` : deno !== undefined ? `Deno ${deno}` : `Node ${node}`;
}

function described(lacks: Lacks): string {
  const all = Object.entries(lacks).map(([name, lack]) => `${name}: ${lack === undefined ? "yes" : `no, ${lack}`}\n`);
  return `${all.join("")}\n`;
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
