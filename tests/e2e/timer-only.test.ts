/** A guest that polls a timer alone uses no CPU for a socket that it registered before (tests/guests/timer-only.c). */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Client } from "./client.ts";
import {
  eventedHosts,
  type Guest,
  guestFile,
  type Host,
  NETWORK,
  portOf,
  start,
  ticksOf,
  waitingHosts,
} from "./host.ts";

/** A timer that comes, ms. */
const SOON = 1000;
/** One that does not come while a test runs, ms. */
const NEVER = 24 * 3600 * 1000;
/** How long a look at the guest takes, ms, and how many ticks of CPU time it may use in it: a spinning one uses them all. */
const WATCHED = 1000;
const IDLE = 5;

/**
 * Resolves once the process is idle. Compilers and collectors of the runtime are at work at first, for as long as a busy machine
 * lets them.
 */
async function idle({ pid }: Guest): Promise<void> {
  for (let before = Number.NEGATIVE_INFINITY, now = ticksOf(pid); now - before > IDLE; now = ticksOf(pid)) {
    before = now;
    await setTimeout(WATCHED);
  }
}

const timed = (host: Host, milliseconds: number) =>
  start(host, guestFile("timer-only"), { flags: NETWORK, args: [String(milliseconds)] });

/** Resolves when the guest polls its timer alone. Answers a time before that, ms. */
async function polling(guest: Guest, leave: (client: Client) => void): Promise<number> {
  const client = await Client.dial(await portOf(guest));
  void guest.ended.then(() => client.close());
  const before = performance.now();
  await client.send("unread");
  await guest.waitFor(/^ready$/m);
  leave(client);
  return before;
}

const noProc = existsSync("/proc/self/stat") ? false : "no /proc to read a process's CPU time from";

for (const host of [...waitingHosts, ...eventedHosts]) {
  describe(`timer-only on ${host.name}`, { skip: host.skip || noProc }, () => {
    for (const [name, leave] of [
      ["holds unread data", () => {}],
      ["has been closed by its peer", (client: Client) => client.close()],
      ["has been reset by its peer", (client: Client) => client.reset()],
    ] as const) {
      it(`a socket that ${name}`, { timeout: 120_000 }, async () => {
        await using soon = timed(host, SOON);
        await using never = timed(host, NEVER);
        const [since] = await Promise.all([polling(soon, leave), polling(never, leave)]);
        const { status, stdout } = await soon.outcome();
        const wall = performance.now() - since;
        assert.deepEqual([status, stdout.toString().split("\n").at(-2)], [0, "done"]);
        assert.ok(wall >= SOON, `the timer came after ${wall.toFixed(0)} ms`);
        await idle(never);
        assert.doesNotMatch(never.stdout, /^done$/m);
      });
    }
  });
}
