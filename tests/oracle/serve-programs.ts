/**
 * Servers as people write them on each host: under wrk, by a browser that keeps its connections, and with slow and broken clients
 * (tests/e2e/serve/broken-clients.ts), after which nothing of them may be left. One more is ours, with which many more such
 * clients take no longer, for the sake of the memory.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { guestFile, type Host } from "../e2e/host.ts";
import { assertAnswers, assertNoneLeft, brokenClients } from "../e2e/serve/broken-clients.ts";
import { type Program, programs } from "../e2e/serve/programs.ts";
import { Server } from "../e2e/serve/server.ts";
import { Browser, noBrowser } from "./browser.ts";
import { noWrk, wrk } from "./wrk.ts";

/** For how long wrk asks, s. */
const DURATION = 3;

/**
 * The most that memory may grow from one half of the broken clients to the other, bytes. JavaScriptCore collects all of its garbage
 * once in thousands of instances, until when there are some 50 KiB of each: of ever so many, it comes down to the same again.
 */
const GROWTH = 96 * 1024 * 1024;

/** How many connections a browser has to one server at most. */
const CONNECTIONS = 6;

interface Served extends Program {
  /** How often each of the broken clients comes. */
  readonly rounds: number;
}

function served(): readonly Served[] {
  const ours = { name: "C", build: () => guestFile("http/serve"), skip: false } as const;
  return [{ ...ours, rounds: 16 }, ...programs().map((program) => ({ ...program, rounds: 4 }))];
}

/** @returns Whether all is well */
export async function servePrograms(hosts: readonly Host[], parts: readonly string[]): Promise<boolean> {
  for (const missing of [noWrk, noBrowser]) if (missing !== false) console.log(`left out  ${missing}`);
  let well = true;
  for (const program of served()) {
    if (parts.length > 0 && !parts.some((part) => program.name.includes(part))) continue;
    for (const host of hosts) {
      const skip = program.skip || host.skip;
      if (skip !== false) {
        console.log(`left out  ${program.name}, ${host.name}: ${skip}`);
        continue;
      }
      try {
        console.log(`passed    ${program.name}, ${host.name}: ${await check(program, host)}`);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        console.log(`FAILED    ${program.name}, ${host.name}: ${error.message}`);
        well = false;
      }
    }
  }
  return well;
}

/** @returns What is worth knowing of it */
async function check({ build, rounds }: Served, { command, flags = [] }: Host): Promise<string> {
  const file = build();
  await using server = await Server.start(
    (guest, options) => [...command, "serve", ...flags, ...options, guest],
    file,
    ["-Scli"],
  );
  const facts: string[] = [];
  if (noWrk === false) {
    const rate = await server.process.during(wrk(`http://127.0.0.1:${server.port}/hello`, DURATION));
    facts.push(`${Math.round(rate)} requests/s`);
  }
  if (noBrowser === false) facts.push(await browse(server));
  facts.push(await withBrokenClients(server, rounds));
  const { status } = await server.stop();
  assert.equal(status, 0);
  return facts.join("; ");
}

/** What the page does, each step when the last one is done. Two go nowhere: one is broken off, one asks for what is not there. */
const script = `(async () => {
  const ask = async (path, options) => {
    const response = await fetch(path, { cache: "no-store", ...options });
    return response.status + " " + (await response.text()).length;
  };
  const seen = [];
  for (let i = 0; i < 30; i++) seen.push(await ask("/hello"));
  seen.push(...await Promise.all(Array.from({ length: 20 }, () => ask("/hello"))));
  for (let i = 0; i < 5; i++) seen.push(await ask("/echo", { method: "POST", body: "x".repeat(200000) }));
  const gone = new AbortController();
  const broken = fetch("/echo", { method: "POST", body: "x".repeat(20000000), signal: gone.signal });
  setTimeout(() => gone.abort(), 5);
  await broken.then((response) => response.text()).catch(() => {});
  seen.push(await ask("/hello"));
  seen.push((await ask("/nothing-there")).slice(0, 3));
  seen.push(await ask("/hello"));
  return seen.join();
})()`;

/** With a browser that is gone then. */
async function visit(url: string): ReturnType<Browser["run"]> {
  await using browser = await Browser.start();
  return await browser.run(url, script);
}

async function browse(server: Server): Promise<string> {
  const url = `http://127.0.0.1:${server.port}/hello`;
  const { value, received } = await server.process.during(visit(url));
  const hello = (count: number) => Array.from({ length: count }, () => "200 14");
  const echoes = Array.from({ length: 5 }, () => "200 200000");
  assert.equal(value, [...hello(50), ...echoes, ...hello(1), "404", ...hello(1)].join());
  const ids = (responses: typeof received) => new Set(responses.map(({ connectionId }) => connectionId)).size;
  // The page itself, and thirty one after the other.
  const inTurn = received.filter((response) => response.url === url).slice(0, 31);
  assert.ok(ids(inTurn) <= 2, `${ids(inTurn)} connections for requests that follow one another`);
  // The request that was broken off took its connection with it.
  const all = ids(received);
  assert.ok(all <= CONNECTIONS + 1, `${all} connections`);
  await assertNoneLeft(server);
  return `a browser had ${received.length} answers by ${all} connections`;
}

/** What it has at the end of a round, at the least, of each half of them but the first quarter, when it gets warm. */
async function withBrokenClients(server: Server, rounds: number): Promise<string> {
  const seen: { memory: number; descriptors: number }[] = [];
  for (let i = 0; i < rounds; i++) {
    await round(server);
    seen.push({ memory: memoryOf(server), descriptors: readdirSync(`/proc/${server.process.pid}/fd`).length });
  }
  const least = (which: "memory" | "descriptors", from: number, to: number) =>
    Math.min(...seen.slice(from, to).map((each) => each[which]));
  const [before, after] = [least("memory", rounds / 4, rounds / 2), least("memory", rounds / 2, rounds)];
  const figures = `${toMiB(before)} MiB, then ${toMiB(after)} MiB`;
  assert.ok(after < before + GROWTH, `memory after broken clients: ${figures}`);
  const descriptors = [least("descriptors", rounds / 4, rounds / 2), least("descriptors", rounds / 2, rounds)] as const;
  assert.ok(descriptors[1] <= descriptors[0], `${descriptors.join(" descriptors, then ")}`);
  return `${rounds} times ${brokenClients.length} broken clients: ${figures}`;
}

async function round(server: Server): Promise<void> {
  for (const { title, behave } of brokenClients) {
    try {
      await behave(server);
      await assertAnswers(server);
      await assertNoneLeft(server);
    } catch (error) {
      throw new Error(`${title}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** What it has in memory, bytes (proc_pid_status(5)). */
function memoryOf({ process }: Server): number {
  const [, size] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${process.pid}/status`, "utf8")) ?? [];
  return Number(size) * 1024;
}

function toMiB(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
