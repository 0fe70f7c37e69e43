/** More clients than a process may have descriptors: accepts that fail are told, the stream of connections goes on. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { Client } from "./client.ts";
import { Guest, hosts, portOf } from "./host.ts";
import { buildP3, OPEN, p3 } from "./p3.ts";

/** Enough for every runtime's own files, few enough to run out of soon. */
const FILES = 96;

buildP3();

for (const host of hosts) {
  it(`out of descriptors on ${host.name}: further clients wait`, { skip: host.skip || p3.skip }, async () => {
    const command = [...host.command, "run", ...OPEN, p3.file, "server", "echo", "127.0.0.1:0"];
    await using guest = new Guest(["sh", "-c", `ulimit -n ${FILES} && exec "$@"`, "sh", ...command], {});
    const port = await portOf(guest);
    const clients = await Promise.all(Array.from({ length: FILES }, () => Client.dial(port)));
    const answers = clients.map(async (client) => {
      await client.send("x");
      return (await client.read(1)).toString();
    });
    for (const [i, answer] of answers.entries()) {
      assert.equal(await answer, "x");
      clients[i]!.close();
    }
  });
}
