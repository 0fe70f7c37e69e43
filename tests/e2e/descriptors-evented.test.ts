/** More clients than a process may have descriptors, on the runtimes' own sockets: what becomes of those beyond. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "./client.ts";
import { eventedHosts, Guest, guestFile, type Host, NETWORK, portOf, runtimeOf, ticksOf } from "./host.ts";

/** Enough for every runtime's own files, few enough to run out of soon. */
const FILES = 96;

function start(host: Host): Guest {
  const command = [
    ...host.command,
    "run",
    ...host.flags!,
    ...NETWORK,
    guestFile("tcpecho"),
    "127.0.0.1:0",
    "--no-ticks",
  ];
  return new Guest(["sh", "-c", `ulimit -n ${FILES} && exec "$@"`, "sh", ...command], {});
}

/** What a client gets for its byte: nothing, where its connection is closed. */
async function ask(client: Client): Promise<string> {
  try {
    await client.send("x");
    return (await client.read(1)).toString();
  } catch (error) {
    if (error instanceof Error && "code" in error && /^(ECONNRESET|EPIPE)$/.test(String(error.code))) return "";
    throw error;
  }
}

for (const host of eventedHosts) {
  describe(`out of descriptors on ${host.name}`, { skip: host.skip }, () => {
    const runtime = runtimeOf(host);
    const what = {
      node: "further clients are closed (known difference)",
      deno: "further clients wait",
      bun: "further clients wait, and the event loop spins (known difference)",
    };
    it(what[runtime], async () => {
      await using guest = start(host);
      const port = await portOf(guest);
      const clients = await Promise.all(Array.from({ length: FILES }, () => Client.dial(port)));
      const answers = clients.map(ask);
      assert.equal(await answers[0], "x");
      if (runtime === "node") {
        const served = (await Promise.all(answers)).filter((answer) => answer === "x").length;
        assert.ok(served > 0 && served < FILES, `${served} served`);
        assert.equal(await Client.dial(port).then(ask), "");
        return;
      }
      const before = ticksOf(guest.pid);
      if (runtime === "bun")
        while (ticksOf(guest.pid) < before + 20) await new Promise((resolve) => setTimeout(resolve, 10));
      for (const [i, answer] of answers.entries()) {
        assert.equal(await answer, "x");
        clients[i]!.close();
      }
      assert.equal(await Client.dial(port).then(ask), "x");
    });
  });
}
