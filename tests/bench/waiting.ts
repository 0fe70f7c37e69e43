/**
 * No spinning: a guest polls only a timer while another socket of it, once polled, holds unread data or has been closed by its
 * peer. A selector that keeps such a socket armed wakes for ever; this one's CPU time stays near nothing.
 */
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as pass } from "node:timers/promises";
import { type Bench, commandsFor, measureRow } from "./bench.ts";
import { cpuTimeOf } from "./cost.ts";
import { serve } from "./process.ts";
import type { Budget } from "./rows.ts";
import { guestPath, polluxHosts } from "./runners.ts";

const budgets: readonly Budget[] = polluxHosts.map((column) => ({
  column,
  limits: [{ atMost: 5 }],
  source: "issue 3",
}));

/** What the compiler and the first poll cost is not the wait's. */
const settle = 500;

/** Adds `spin`: CPU time over wall time of the waiting guest, %. */
export async function measureWaiting(bench: Bench): Promise<void> {
  if (!bench.wants("spin")) return;
  const guest = guestPath("spin");
  if (!existsSync(guest)) return bench.leaveOut("spin", "tests/guests/spin.wasm is not there");
  await measureRow(
    bench,
    { id: "spin", title: "waiting beside unread data and a closed peer, CPU", unit: "%", budgets },
    {
      columns: commandsFor(bench.runners, guest, ["127.0.0.1:0"]),
      rounds: 1,
      sample: (command) => measureSpin(command, bench.quick ? 1500 : 3000),
    },
  );
}

async function measureSpin(command: readonly string[], duration: number): Promise<number> {
  const server = await serve(command, /listening on 127\.0\.0\.1:(\d+)/);
  const port = Number(server.ready[1]);
  const sockets = [await connected(port), await connected(port)] as const;
  try {
    sockets[0].write("unread");
    sockets[1].destroy();
    await pass(settle);
    const start = performance.now();
    const before = cpuTimeOf(server.pid);
    await pass(duration);
    return (100 * (cpuTimeOf(server.pid) - before)) / (performance.now() - start);
  } finally {
    for (const socket of sockets) socket.destroy();
    await server.end();
  }
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", reject);
  });
}
