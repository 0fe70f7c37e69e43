/** A guest that polls a timer alone uses no CPU for a socket that it registered before (tests/guests/timer-only.c). */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Client } from "./client.ts";
import { eventedHosts, guestFile, NETWORK, start, waitingHosts } from "./host.ts";

const MILLISECONDS = 2000;
/** When a helper thread has certainly started, ms. */
const STARTED = 600;

/** CPU time that the process has used so far, user and system, ms (proc(5): clock ticks of 10 ms). */
function cpuTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function later<T>(milliseconds: number, look: () => T): Promise<T> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(look()), milliseconds);
  });
}

const noProc = existsSync("/proc/self/stat") ? false : "no /proc to read a process's CPU time from";

for (const host of [...waitingHosts, ...eventedHosts]) {
  describe(`timer-only on ${host.name}`, { skip: host.skip || noProc }, () => {
    for (const [name, leave] of [
      ["holds unread data", () => {}],
      ["has been closed by its peer", (client: Client) => client.close()],
      ["has been reset by its peer", (client: Client) => client.reset()],
    ] as const) {
      it(`a socket that ${name}`, async () => {
        await using guest = start(host, guestFile("timer-only"), { flags: NETWORK, args: [String(MILLISECONDS)] });
        const [, port] = await guest.waitFor(/^listening on 127\.0\.0\.1:(\d+)$/m);
        const client = await Client.dial(Number(port));
        await client.send("unread");
        await guest.waitFor(/^ready$/m);
        leave(client);
        const since = performance.now();
        const done = guest.waitFor(/^done$/m);
        // The first look when the helper thread of a suspended guest has started, the last while the process is certainly
        // there: the end of its timer, less what a look may be late by.
        const before = await later(STARTED, () => cpuTime(guest.pid));
        const used = await later(MILLISECONDS - STARTED - 300, () => cpuTime(guest.pid) - before);
        await done;
        assert.equal((await guest.outcome()).status, 0);
        const wall = performance.now() - since;
        const watched = MILLISECONDS - STARTED - 300;
        assert.ok(used / watched < 0.05, `${used} ms of CPU in ${watched} ms`);
        assert.ok(wall > MILLISECONDS - 100, `the timer came after ${wall.toFixed(0)} ms`);
        client.close();
      });
    }
  });
}
