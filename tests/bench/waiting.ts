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

/** Longer than any sample: the guest is ended by its pid. */
const guestMilliseconds = "600000";

const rows = [
  { id: "spin-unread", title: "waiting beside unread data, CPU", closes: false },
  { id: "spin-closed", title: "waiting beside a closed peer, CPU", closes: true },
] as const;

/** Adds `spin-unread` and `spin-closed`: CPU time over wall time of the waiting guest, %. */
export async function measureWaiting(bench: Bench): Promise<void> {
  const wanted = rows.filter(({ id }) => bench.wants(id));
  if (wanted.length === 0) return;
  const guest = guestPath("timer-only");
  if (!existsSync(guest)) return bench.leaveOut("spin", "tests/guests/timer-only.wasm is not there");
  for (const { id, title, closes } of wanted) {
    await measureRow(
      bench,
      { id, title, unit: "%", budgets },
      {
        columns: commandsFor(bench.runners, guest, [guestMilliseconds]),
        rounds: 1,
        sample: (command) => measureSpin(command, closes, 1000),
      },
    );
  }
}

async function measureSpin(command: readonly string[], closes: boolean, duration: number): Promise<number> {
  const server = await serve(command, /listening on 127\.0\.0\.1:(\d+)/);
  const socket = await connected(Number(server.ready[1]));
  try {
    if (closes) socket.end("unread");
    else socket.write("unread");
    await pass(settle);
    const start = performance.now();
    const before = cpuTimeOf(server.pid);
    await pass(duration);
    return (100 * (cpuTimeOf(server.pid) - before)) / (performance.now() - start);
  } finally {
    socket.destroy();
    await server.end();
  }
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.on("error", reject);
  });
}
