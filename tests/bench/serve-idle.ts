/**
 * What an idle keep-alive connection costs a server: resident memory of a warmed one before and after 10,000 connections were
 * opened and each had one request answered, over their number. Both are taken at rest, when engines have given back what their
 * garbage collections left: at any other time that is more than all the connections.
 */
import { existsSync } from "node:fs";
import { setTimeout as pass } from "node:timers/promises";
import { type Bench, measureRow } from "./bench.ts";
import { openFilesOf, residentKiB } from "./cost.ts";
import { type EchoServer, endServer, load, openIdle, startServer, warmUp } from "./echo-server.ts";
import { CommandFailed, run } from "./process.ts";
import type { Budget } from "./rows.ts";
import { guestPath, polluxHosts } from "./runners.ts";
import { nodeHttp, own, plainCommands, pooling, servingCommands, sixteenHellos } from "./serve.ts";

const wanted = 10_000;

/** Descriptors that a process needs for all else. */
const otherFiles = 500;

const budgets: readonly Budget[] = polluxHosts.map((column) => ({
  column,
  limits: [{ atMost: 4 }],
  source: "issue 17",
}));

/** Adds `serve-idle-10000`, KiB a connection. */
export async function measureServeIdle(bench: Bench): Promise<void> {
  const id = `serve-idle-${wanted}`;
  if (!bench.wants(id)) return;
  const guest = guestPath("http/serve-hello");
  if (!existsSync(guest)) return bench.leaveOut(id, "tests/guests/http/serve-hello.wasm is not there");
  const count = Math.min(wanted, (await fileLimit()) - otherFiles);
  const limit = `--max-concurrent-connections=${count + otherFiles}`;
  // An instance a request would be most of what is on the heap.
  const served = servingCommands(bench.runners, guest, [limit, "--max-instance-reuse-count=1000000"]);
  await measureRow(
    bench,
    {
      id,
      title: `memory an idle keep-alive connection, ${count.toLocaleString("en")} open`,
      unit: "KiB",
      budgets,
      besides: [pooling, nodeHttp, own],
    },
    {
      columns: new Map([...served, ...plainCommands(bench.runners)]),
      rounds: 1,
      sample: async (command) => {
        const server = await startServer(command);
        try {
          return await idleCost(bench, server, count);
        } finally {
          await endServer(server);
        }
      },
    },
  );
}

async function idleCost(bench: Bench, server: EchoServer, count: number): Promise<number> {
  const { pid } = server.server;
  await warmUp(bench, server, sixteenHellos, 2);
  const before = await residentAtRest(pid);
  await openIdle(bench, server, count, "/hello-length");
  const after = await residentAtRest(pid);
  const open = openFilesOf(pid);
  if (open < count) throw new CommandFailed(`of ${count} connections it keeps at most ${open}`);
  // All of them are open, and others are still served.
  await load(bench, server, sixteenHellos, "0.4");
  return (after - before) / count;
}

/** Resident memory when it has stayed within a share of itself for two seconds, or after ten, KiB. */
async function residentAtRest(pid: number): Promise<number> {
  let before = residentKiB(pid);
  for (let seconds = 0; seconds < 10; seconds += 2) {
    await pass(2000);
    const now = residentKiB(pid);
    if (Math.abs(now - before) < now / 200) return now;
    before = now;
  }
  return before;
}

/** How many files a process may open, once it has asked for all that it may ask for. */
async function fileLimit(): Promise<number> {
  const { stdout } = await run(["sh", "-c", "ulimit -H -n"]);
  return stdout.trim() === "unlimited" ? Number.POSITIVE_INFINITY : Number(stdout);
}
