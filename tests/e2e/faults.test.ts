/** tcpecho where the machine runs out of something, is misused, or has another address family. */
import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { describe, it } from "node:test";
import { Client } from "./client.ts";
import { eventedHosts, Guest, guestFile, NETWORK, portOf, run, start, waitingHosts } from "./host.ts";

/** Enough for every runtime's own files, few enough to run out of soon. */
const FILES = 96;

const noIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
)
  ? false
  : "no ::1 on this machine";

for (const host of [...waitingHosts, ...eventedHosts]) {
  describe(`faults on ${host.name}`, { skip: host.skip }, () => {
    // Evented: descriptors-evented.test.ts.
    const onLibc = host.evented === true ? () => {} : it;
    onLibc("keeps its clients when it is out of file descriptors, and accepts again when some are free", async () => {
      const command = [
        ...host.command,
        "run",
        ...(host.flags ?? []),
        ...NETWORK,
        guestFile("tcpecho"),
        "127.0.0.1:0",
        "--no-ticks",
      ];
      await using guest = new Guest(["sh", "-c", `ulimit -n ${FILES} && exec "$@"`, "sh", ...command], {});
      const port = await portOf(guest);
      const clients = await Promise.all(Array.from({ length: FILES }, () => Client.dial(port)));
      const answers = clients.map(async (client, i) => {
        await client.send(`client ${i};`);
        return (await client.read(`client ${i};`.length)).toString();
      });
      // Some are served, in the order in which they came; the others wait in the kernel's queue until these have gone.
      assert.equal(await answers[0], "client 0;");
      await clients[0]!.send("again");
      assert.equal((await clients[0]!.read(5)).toString(), "again");
      for (const [i, answer] of answers.entries()) {
        assert.equal(await answer, `client ${i};`);
        clients[i]!.close();
      }
      const late = await Client.dial(port);
      await late.send("late");
      assert.equal((await late.read(4)).toString(), "late");
      late.close();
      guest.kill("SIGTERM");
      const { stderr } = await guest.outcome();
      assert.match(
        stderr,
        /^(accept: (new-socket-limit|unknown)\n)+$/,
        "the limit was reached, and nothing else went wrong",
      );
    });

    it("listens on IPv6", { skip: noIpv6 }, async () => {
      await using guest = start(host, guestFile("tcpecho"), { flags: NETWORK, args: ["[::1]:0", "--no-ticks"] });
      const [, port] = await guest.waitFor(/^listening on \[::1\]:(\d+)$/m);
      const client = await Client.dial(Number(port), "::1");
      await client.send("six");
      assert.equal((await client.read(3)).toString(), "six");
      client.close();
    });

    for (const [address, code] of [
      ["192.0.2.1:0", "address-not-bindable"],
      ["224.0.0.1:0", "invalid-argument"],
      ["[::ffff:7f00:1]:0", "invalid-argument"],
    ] as const) {
      it(`cannot bind ${address}: ${code}`, async () => {
        const { status, stderr } = await run(host, guestFile("tcpecho"), { flags: NETWORK, args: [address] });
        assert.deepEqual([stderr, status], [`start-bind: ${code}\n`, 1]);
      });
    }
  });
}
