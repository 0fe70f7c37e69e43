/** The examples that are guests, on every host. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { Client, echoEach, freePort, listen } from "../e2e/client.ts";
import { type Host, hosts } from "../e2e/host.ts";
import { Example, examples } from "./example.ts";

/** What each does on a host. */
const tests: Readonly<Record<string, (example: Example, host: Host) => Promise<void>>> = {
  echo: async (example, host) => {
    const port = await freePort();
    await using guest = example.on(host, port);
    await guest.waitFor(/^echoing$/m, "stderr");
    const clients = await Promise.all(Array.from({ length: 20 }, () => Client.dial(port)));
    await echoEach(clients);
  },

  chat: async (example, host) => {
    const port = await freePort();
    await using guest = example.on(host, port);
    await guest.waitFor(/the room is open$/m, "stderr");
    const [ann, bob] = [await Client.dial(port), await Client.dial(port)];
    const hears = async (member: Client, line: string) =>
      assert.equal((await member.read(line.length + 1)).toString(), `${line}\n`);
    await ann.send("ann\n");
    await hears(ann, "ann has joined");
    await bob.send("bob\n");
    for (const member of [ann, bob]) await hears(member, "bob has joined");
    await ann.send("hello\n");
    await hears(bob, "ann: hello");
    bob.end();
    await hears(ann, "bob has left");
    assert.equal((await bob.readToEnd()).length, 0);
    ann.close();
  },

  proxy: async (example, host) => {
    const { server, port: upstream } = await listen({ allowHalfOpen: true });
    server.on("connection", (socket) => socket.pipe(socket));
    const port = await freePort();
    await using guest = example.on(host, port, upstream);
    await guest.waitFor(new RegExp(`^127\\.0\\.0\\.1:${port} leads to 127\\.0\\.0\\.1:${upstream}$`, "m"));
    const clients = await Promise.all(Array.from({ length: 3 }, () => Client.dial(port)));
    await echoEach(clients);
    const bytes = Buffer.alloc(300_000, "through ");
    const client = await Client.dial(port);
    const [received] = await Promise.all([client.readToEnd(), client.send(bytes).then(() => client.end())]);
    assert.ok(received.equals(bytes));
    await guest.waitFor(/: 300000 bytes sent, 300000 received$/m);
    server.close();
  },

  http: async (example, host) => {
    await using guest = example.on(host, await freePort());
    const [, url] = await guest.waitFor(/^Serving HTTP on (\S+)$/m, "stderr");
    assert.equal(await (await fetch(url!)).text(), "Hello, World!\n");
    const body = "x".repeat(100_000);
    assert.equal(await (await fetch(new URL("echo", url), { method: "POST", body })).text(), body);
    assert.equal((await fetch(new URL("elsewhere", url))).status, 404);
  },

  udp: async (example, host) => {
    const port = await freePort();
    await using guest = example.on(host, port);
    await guest.waitFor(new RegExp(`^the time is told at 127\\.0\\.0\\.1:${port}$`, "m"));
    const socket = createSocket("udp4");
    const asked = Math.floor(Date.now() / 1000);
    socket.send("what time is it?", port, "127.0.0.1");
    const [told] = await guest.during(once(socket, "message"));
    socket.close();
    assert.match(String(told), /^\d+$/);
    assert.ok(Number(told) >= asked && Number(told) <= Date.now() / 1000);
  },

  dns: async (example, host) => {
    await using guest = example.on(host);
    const { status, stdout, stderr } = await guest.outcome();
    assert.deepEqual([status, stderr.match(/^Error/m)], [1, null]);
    const lines = stdout.toString().trimEnd().split("\n");
    assert.ok(lines.includes("localhost 127.0.0.1") || lines.includes("localhost ::1"), stdout.toString());
    assert.deepEqual(
      lines.filter((line) => !line.startsWith("localhost ")).map((line) => line.split(": ")[0]),
      ["example.org"],
    );
  },

  policy: async (example, host) => {
    const [allowed, denied] = [await listen(), await listen()];
    let connections = 0;
    denied.server.on("connection", () => {
      connections += 1;
    });
    await using guest = example.on(host, allowed.port, denied.port);
    const { status, stdout } = await guest.outcome();
    assert.deepEqual(stdout.toString().split("\n"), [
      `127.0.0.1:${allowed.port}: connected`,
      `127.0.0.1:${denied.port}: not allowed`,
      `127.0.0.2:${allowed.port}: not allowed`,
      "",
    ]);
    assert.deepEqual([status, connections], [0, 0]);
    for (const { server } of [allowed, denied]) server.close();
  },
};

for (const [name, test] of Object.entries(tests)) {
  const example = new Example(name);
  describe(`examples/${name}`, { skip: example.skip }, () => {
    before(() => example.build());
    for (const host of hosts) it(`on ${host.name}`, { skip: host.skip }, () => test(example, host));
  });
}

describe("examples/README.md", () => {
  it("names every one", () => {
    const entries = readdirSync(examples, { withFileTypes: true });
    const folders = entries
      .filter((entry) => entry.isDirectory() && ![".cargo", "target"].includes(entry.name))
      .map(({ name }) => name);
    const readme = readFileSync(join(examples, "README.md"), "utf8");
    const named = [...readme.matchAll(/^\| \[(.*?)\]\(\1\) \|/gm)].map(([, name]) => name);
    assert.deepEqual(named.sort(), folders.sort());
  });
});
