/**
 * What an open connection costs: resident memory of a fresh, warmed server before and after 10,000 connections were opened and
 * each was served one byte, over their number. Kernel memory (socket buffers) is not resident in the process. The guest's own
 * part is in it: tcpecho keeps about 0.1 KiB a connection; so is garbage that is not collected yet. An upper bound, therefore.
 */
import { existsSync } from "node:fs";
import { type Bench, commandsFor, measureRow } from "./bench.ts";
import { residentKiB } from "./cost.ts";
import { endServer, load, openIdle, sixteenConnections, startServer, warmUp } from "./echo-server.ts";
import type { Budget } from "./rows.ts";
import { guestPath, polluxHosts } from "./runners.ts";

const connections = 10_000;

const budgets: readonly Budget[] = polluxHosts.map((column) => ({
  column,
  limits: [{ atMost: 4 }],
  source: "issue 5",
}));

/** Adds `memory-10000`, KiB a connection. */
export async function measureMemory(bench: Bench): Promise<void> {
  if (!bench.wants("memory-10000")) return;
  const guest = guestPath("tcpecho");
  if (!existsSync(guest)) return bench.leaveOut("memory-10000", "tests/guests/tcpecho.wasm is not there");
  await measureRow(
    bench,
    { id: "memory-10000", title: "memory a connection, 10,000 open", unit: "KiB", budgets },
    {
      columns: commandsFor(bench.runners, guest, ["127.0.0.1:0", "--no-ticks"]),
      rounds: 1,
      sample: async (command) => {
        const echo = await startServer(command);
        try {
          await warmUp(bench, echo, sixteenConnections);
          const before = residentKiB(echo.server.pid);
          await openIdle(bench, echo, connections);
          // All of them are open, and others are still served.
          await load(bench, echo, sixteenConnections, "0.2");
          return (residentKiB(echo.server.pid) - before) / connections;
        } finally {
          await endServer(echo);
        }
      },
    },
  );
}
