/** Clients that break off, read nothing, or are never accepted: what the guest sees of them (tests/guests/faults/peer.c). */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { assertError } from "../e2e/check.ts";
import { Client } from "../e2e/client.ts";
import { eventedHosts, type Guest, guestFile, hosts, NETWORK, start } from "../e2e/host.ts";

const RESET = "last-operation-failed: connection-reset (error 15)";

/** The stages at which a client resets its connection, what the guest prints before, and what of the reset. */
const resets: readonly (readonly [stage: string, before: RegExp, after: RegExp])[] = [
  ["accepting", /^listening/m, new RegExp(`^accepted\nread: ${literally(RESET)}\nread: closed\n`, "m")],
  ["reading", /^accepted$/m, new RegExp(`^read: ${literally(RESET)}\nread: closed\n`, "m")],
  ["half-closed", /^half-closed$/m, new RegExp(`^read: ${literally(RESET)}\nread: closed\n`, "m")],
  [
    "writing",
    /^accepted$/m,
    // Who hears of it first: the send (ECONNRESET), or one after it (EPIPE). It stays what it was.
    new RegExp(`^(?:check-write|write): (closed|${literally(RESET)})\ncheck-write: \\1\n`, "m"),
  ],
];

function literally(text: string): string {
  return text.replaceAll(/[()]/g, "\\$&");
}

/** Resident memory of the process, bytes (proc(5)). */
function residentMemory(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

async function portOf(guest: Guest): Promise<number> {
  const [, port] = await guest.waitFor(/^listening on 127\.0\.0\.1:(\d+)$/m);
  return Number(port);
}

for (const host of [...hosts, ...eventedHosts]) {
  describe(`peers on ${host.name}`, { skip: host.skip }, () => {
    const peer = (...args: readonly string[]) => start(host, guestFile("faults/peer"), { flags: NETWORK, args });

    for (const [stage, before, after] of resets) {
      it(`a reset while ${stage}`, async () => {
        await using guest = peer(stage);
        const client = await Client.dial(await portOf(guest));
        await guest.waitFor(before);
        client.reset();
        guest.input("go\n");
        const { status, stdout, stderr } = await guest.outcome();
        assert.match(stdout.toString(), after);
        assert.deepEqual([status, stderr], [0, ""]);
      });
    }

    it("a full accept queue: nobody in it is lost, and who did not fit comes later", async () => {
      await using guest = peer("queue", "8");
      const port = await portOf(guest);
      // Each speaks first: a kernel whose queue was full learns so that the client takes itself for connected.
      const dials = Array.from({ length: 8 }, async () => {
        const client = await Client.dial(port);
        await client.send("me");
        return client;
      });
      await Promise.any(dials);
      guest.send("go\n");
      for (const client of await Promise.all(dials)) assert.equal((await client.readToEnd()).toString(), "served");
      const { status, stdout, stderr } = await guest.outcome();
      assert.match(stdout.toString(), /^served 8$/m);
      assert.deepEqual([status, stderr], [0, ""]);
    });

    it("readers that never read hold 64 KiB each, with their garbage less than twice that, and lose nothing when they do read", {
      skip: existsSync("/proc/self/status") ? false : "no /proc",
    }, async () => {
      // The garbage of a runtime's own sockets comes and goes by tens of MiB: there must be more that could be kept.
      const count = host.evented === true ? 400 : 200;
      await using guest = peer("slow", String(count));
      const port = await portOf(guest);
      const dial = () => Promise.all(Array.from({ length: count / 2 }, () => Client.dial(port)));
      // The first half warms the runtime up.
      const clients = await dial();
      await guest.waitFor(new RegExp(`^full: ${count / 2}$`, "m"));
      const first = residentMemory(guest.pid);
      clients.push(...(await dial()));
      await guest.waitFor(new RegExp(`^full: ${count}$`, "m"));
      const grown = residentMemory(guest.pid) - first;
      guest.send("still?\n");
      await guest.waitFor(/^still full$/m);
      // Half of them vanish; the others read on, to the end.
      for (const client of clients.slice(count / 2)) client.reset();
      guest.send("drop\n");
      const sizes = await Promise.all(
        clients.slice(0, count / 2).map(async (client) => (await client.readToEnd()).length),
      );
      for (const size of sizes) assert.ok(size > 65536 && size % 65536 === 0, `whole blocks: ${size}`);
      const { status, stdout, stderr } = await guest.outcome();
      assert.match(stdout.toString(), /^dropped$/m);
      assert.deepEqual([status, stderr], [0, ""]);
      // Runtimes keep as much again, and their own garbage of it.
      const kept = host.evented === true ? 3 * 65536 : 65536;
      assert.ok(
        grown < (count / 2) * 2 * kept,
        `${(grown / 1024 / 1024).toFixed(1)} MiB for ${count / 2} slow readers`,
      );
    });

    it("a guest that is ended loses nothing that it had written", async () => {
      await using guest = peer("trapped");
      const client = await Client.dial(await portOf(guest));
      assert.equal((await client.readToEnd()).toString(), "the last words");
      const outcome = await guest.outcome();
      assertError({ ...outcome, stdout: Buffer.alloc(0) }, 1, "\n    2: empty poll list\n");
    });
  });
}
