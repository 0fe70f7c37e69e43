/** What a guest on the runtime's own sockets had sent when it closed them: `SuspendingMachine.sent`. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { NEVER } from "../../src/core/wait/deadline.ts";
import { SuspendingPoll } from "../../src/core/wait/suspending-poll.ts";
import type { SuspendingMachine } from "../../src/machine/machine.ts";
import { WRITABLE } from "../../src/machine/selector.ts";
import { runtime } from "../adapters/runtime.ts";
import { Client, listen } from "../e2e/client.ts";
import { stateOf } from "../net/nets.ts";
import { suspending } from "./backend.ts";
import { close, connect, look, loopback } from "./sockets.ts";

const adapter: { eventedMachine(): SuspendingMachine } = await import(
  `../../src/adapters/evented/${runtime}/machine.ts`
);

/** What shows that a peer reads nothing: no socket has room again within this, ns. Longer than TCP waits before it sends again. */
const SLOW = 250e6;

/** A guest's connection, full, and closed; and its peer, which has read nothing. */
async function closedFull() {
  const machine = adapter.eventedMachine();
  const backend = suspending("evented", machine);
  const { server, port } = await listen();
  const accepted = once(server, "connection");
  const socket = await connect(backend, loopback("ipv4", port));
  const peer = new Client((await accepted)[0]);
  server.close();
  const block = new Uint8Array(65536);
  let sent = 0;
  do {
    for (let count = socket.send(block); typeof count === "number"; count = socket.send(block)) sent += count;
  } while ((await look(backend, socket.source, WRITABLE, SLOW)) !== 0);
  close(backend, socket);
  return { machine, poll: new SuspendingPoll(machine), peer, sent };
}

describe("what was sent before a close, evented", () => {
  it("has left when the peer has taken it: none of it is lost", async () => {
    const { machine, poll, peer, sent } = await closedFull();
    const left = poll.flush(NEVER);
    const received = await peer.readToEnd();
    await left;
    machine.selector.close();
    assert.equal(received.length, sent);
  });

  const skip = runtime === "bun" ? "Bun keeps nothing that the kernel does not take" : false;

  it("is waited for while the peer does not read, and no longer than was asked for", { skip }, async () => {
    const { machine, poll, peer } = await closedFull();
    const start = machine.now();
    await poll.flush(20e6);
    assert.ok(machine.now() - start >= 20e6);
    const left = poll.flush(NEVER);
    assert.equal(await stateOf(left), "pending");
    await Promise.all([left, peer.readToEnd()]);
    machine.selector.close();
  });

  it("is waited for no longer when the guest is aborted; then it is given up", { skip }, async () => {
    const { machine, poll, peer, sent } = await closedFull();
    const left = assert.rejects(poll.flush(NEVER), (reason) => reason === "enough");
    poll.abort("enough");
    await left;
    machine.selector.close();
    // Deno has no resets: docs/runtime-sockets.md.
    if (runtime === "deno") assert.ok((await peer.readToEnd()).length < sent);
    else await assert.rejects(peer.readToEnd(), { code: "ECONNRESET" });
    peer.close();
  });
});
