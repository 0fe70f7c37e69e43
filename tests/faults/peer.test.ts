/** Clients that break off, read nothing, or are never accepted: what the guest sees of them (tests/guests/faults/peer.c). */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertError } from "../e2e/check.ts";
import { Client } from "../e2e/client.ts";
import { eventedHosts, guestFile, hosts, NETWORK, portOf, start } from "../e2e/host.ts";
import { noKernelQueues, settledQueues } from "./kernel-queues.ts";

const RESET = "last-operation-failed: connection-reset (error 15)";

/** The stages at which a client resets its connection, what the guest prints before, and what of the reset. */
const resets: readonly (readonly [stage: string, before: RegExp, after: RegExp])[] = [
  ["accepting", /^listening/m, new RegExp(`^accepted\nread: ${literally(RESET)}\nread: closed\n`, "m")],
  ["reading", /^accepted$/m, new RegExp(`^read: ${literally(RESET)}\nread: closed\n`, "m")],
  ["half-closed", /^half-closed$/m, new RegExp(`^read: ${literally(RESET)}\nread: closed\n`, "m")],
  [
    "writing",
    /^accepted$/m,
    // Who hears of it first: the send (ECONNRESET), or one after it (EPIPE). It is closed from then on.
    new RegExp(`^(?:check-write|write): (?:closed|${literally(RESET)})\ncheck-write: closed\n`, "m"),
  ],
];

function literally(text: string): string {
  return text.replaceAll(/[()]/g, "\\$&");
}

for (const host of [...hosts, ...eventedHosts]) {
  describe(`peers on ${host.name}`, { skip: host.skip }, () => {
    /** What is held of one stream: Pollux's own queue, and as much of the runtime's. */
    const limit = host.evented === true ? 2 * 65536 : 65536;
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

    it(`readers that never read hold ${limit / 1024} KiB each, and lose nothing when they do read`, {
      skip: noKernelQueues,
    }, async () => {
      const count = 32;
      await using guest = peer("slow", String(count));
      const port = await portOf(guest);
      const clients = await Promise.all(Array.from({ length: count }, () => Client.dial(port)));
      await guest.waitFor(new RegExp(`^full: ${count}$`, "m"));
      guest.send("still?\n");
      await guest.waitFor(/^still full$/m);
      const queues = await settledQueues(port);
      // Half of them vanish; the others read on, to the end.
      const readers = clients.slice(0, count / 2);
      const taken = readers.map(({ localPort, unread }) => queues.get(localPort)! + unread);
      for (const client of clients.slice(count / 2)) client.reset();
      guest.send("drop\n");
      const sizes = await Promise.all(readers.map(async (client) => (await client.readToEnd()).length));
      for (const size of sizes) assert.ok(size > 65536 && size % 65536 === 0, `whole blocks: ${size}`);
      const { status, stdout, stderr } = await guest.outcome();
      assert.match(stdout.toString(), /^dropped$/m);
      assert.deepEqual([status, stderr], [0, ""]);
      // What neither the kernel nor the client had was Pollux's.
      const held = sizes.map((size, i) => size - taken[i]!);
      for (const bytes of held) assert.ok(bytes >= 0 && bytes <= limit, `${held}`);
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
