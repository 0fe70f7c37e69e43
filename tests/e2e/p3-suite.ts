/** What the guest asserts inside, and what those heard whom it talks to. */
import assert from "node:assert/strict";
import { createSocket, type RemoteInfo } from "node:dgram";
import { on, once } from "node:events";
import type { Socket } from "node:net";
import { pipeline, Readable } from "node:stream";
import { describe, it } from "node:test";
import { assertWell } from "./check.ts";
import { Client, listen } from "./client.ts";
import { type Host, portOf } from "./host.ts";
import { p3, runTopic, startTopic } from "./p3.ts";

/** Topics that print nothing. */
const topics = ["tcp", "udp", "lookup", "timers", "select"] as const;

export function p3Suite(hosts: readonly Host[]): void {
  for (const host of hosts) {
    describe(`WASI 0.3 from Rust on ${host.name}`, { skip: host.skip || p3.skip }, () => {
      for (const topic of topics) it(topic, async () => assertWell(await runTopic(host, [topic])));

      it("cancel, with a stdin that stays open", async () => {
        await using guest = startTopic(host, ["cancel"]);
        assertWell(await guest.outcome());
      });

      it("client: half-close by either side, a reset, a socket that is left to its stream", () => client(host));
      it("flood: reads that all end at once hold up no timer", { skip: floods(host) }, () => flood(host));
      it("udp-echo", () => udpEcho(host));
      describeCommand(host);
    });
  }
}

/** The peer's half of tests/guests/rust/p3/src/client.rs, a conversation a connection. */
const conversations: readonly ((peer: Client) => Promise<void>)[] = [
  async (peer) => {
    const question = await peer.readToEnd();
    assert.equal(question.toString(), "a question");
    await peer.send(question.toString().toUpperCase());
    peer.end();
  },
  async (peer) => {
    await peer.send("first");
    peer.end();
    assert.equal((await peer.readToEnd()).toString(), "late words");
  },
  async (peer) => {
    assert.equal((await peer.read(1)).toString(), "x");
    peer.reset();
  },
  async (peer) => {
    const all = await peer.readToEnd();
    assert.ok(all.equals(Buffer.alloc(1_000_000, "z")), `${all.length} bytes`);
    peer.close();
  },
];

async function client(host: Host): Promise<void> {
  const { server, port } = await listen({ allowHalfOpen: true });
  try {
    const connections = on(server, "connection");
    await using guest = startTopic(host, ["client", `127.0.0.1:${port}`]);
    for (const converse of conversations) {
      const { value } = await guest.during(connections.next());
      const [socket] = value as [Socket];
      await converse(new Client(socket));
    }
    assertWell(await guest.outcome());
  } finally {
    server.close();
  }
}

/** wasmtime 48's timers never come then (wasmtime#14460). */
function floods({ name }: Host): string | false {
  return name.startsWith("wasmtime 48.") && "does not give way";
}

async function flood(host: Host): Promise<void> {
  const { server, port } = await listen();
  server.on("connection", (socket) => {
    const pieces = new Readable({
      read() {
        this.push(new Uint8Array(65_536));
      },
    });
    pipeline(pieces, socket, () => {});
  });
  try {
    await using guest = startTopic(host, ["flood", `127.0.0.1:${port}`]);
    assertWell(await guest.outcome());
  } finally {
    server.close();
  }
}

async function udpEcho(host: Host): Promise<void> {
  await using guest = startTopic(host, ["udp-echo"]);
  const port = await portOf(guest);
  const socket = createSocket("udp4");
  try {
    for (const text of ["one", "", "x".repeat(60_000)]) {
      const answer = once(socket, "message") as Promise<[Buffer, RemoteInfo]>;
      socket.send(text, port, "127.0.0.1");
      const [bytes, from] = await guest.during(answer);
      assert.deepEqual([bytes.toString(), from.port], [text, port]);
    }
    socket.send("end", port, "127.0.0.1");
    assertWell(await guest.outcome(), `listening on 127.0.0.1:${port}\n`);
  } finally {
    socket.close();
  }
}

function describeCommand(host: Host): void {
  it("hello", async () => assertWell(await runTopic(host, ["hello"]), "Hello, WASI 0.3!\n"));

  for (const mode of ["read", "splice"]) {
    it(`cat ${mode}: stdin to stdout`, async () => {
      const input = Buffer.from(Uint32Array.from({ length: 80_000 }, (_, i) => Math.imul(i, 2654435761)).buffer);
      const { status, stdout, stderr } = await runTopic(host, ["cat", mode], { input });
      assert.deepEqual([stderr, status, stdout.length], ["", 0, input.length]);
      assert.ok(stdout.equals(input));
    });

    it(`cat ${mode}: each piece as it comes`, async () => {
      await using guest = startTopic(host, ["cat", mode]);
      for (let i = 0; i < 3; i++) {
        guest.send(`piece ${i}\n`);
        await guest.waitFor(new RegExp(`^piece ${i}\n`, "m"));
      }
      guest.input("");
      assertWell(await guest.outcome(), "piece 0\npiece 1\npiece 2\n");
    });
  }

  it("stdin: streams one after another share what there is", async () =>
    assertWell(await runTopic(host, ["stdin"], { input: "0123456789" })));

  it("arguments and environment", async () => {
    const outcome = await runTopic(host, ["env"], { flags: ["--argv0=name", "--env", "A=1", "--env", "É=é"] });
    assertWell(outcome, '["name", "env"]\nA=1\nÉ=é\nNone\n');
  });

  it("stderr, and an error from run", async () => {
    const { status, stdout, stderr } = await runTopic(host, ["error"]);
    assert.deepEqual([stdout.toString(), stderr, status], ["", "to stderr\n", 1]);
  });

  for (const code of [0, 7, 255]) {
    it(`exit ${code}`, async () => {
      const { status, stdout, stderr } = await runTopic(host, ["exit", String(code)]);
      assert.deepEqual([stdout.toString(), stderr, status], ["", "", code]);
    });
  }

  it("stdout of 0.2 and of 0.3, in turn", async () =>
    assertWell(await runTopic(host, ["both"]), [0, 1, 2].map((i) => `0.2: ${i}\n0.3: ${i}\n`).join("")));

  it("ends when run returns, whatever was spawned", async () =>
    assertWell(await runTopic(host, ["after"]), "from a task\n"));
}
