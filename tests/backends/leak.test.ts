/** Sockets that failed or were left, on the runtime's own: they leave no descriptor behind. */
import assert from "node:assert/strict";
import { after, it } from "node:test";
import type { SuspendingMachine } from "../../src/machine/machine.ts";
import { runtime } from "../adapters/runtime.ts";
import { noneSince, openSockets, skip } from "../net/open-sockets.ts";
import { suspending } from "./backend.ts";
import { close, finish, loopback, ok, pair } from "./sockets.ts";

const adapter: { eventedMachine(): SuspendingMachine } = await import(
  `../../src/adapters/evented/${runtime}/machine.ts`
);
const machine = adapter.eventedMachine();
const backend = suspending("evented", machine);
after(() => machine.selector.close());

it("a machine that is closed at once after its connections leaves no socket behind", { skip }, async () => {
  const before = openSockets();
  const own = suspending("evented", adapter.eventedMachine());
  const { listener, client, server } = await pair(own);
  for (const socket of [client, server]) assert.equal(socket.shutdown("send"), undefined);
  for (const socket of [client, server, listener]) close(own, socket);
  own.machine.selector.close();
  await noneSince(before);
});

for (const family of ["ipv4", "ipv6"] as const) {
  it(`a UDP bind that fails leaves no socket behind over ${family}`, { skip }, async () => {
    const used = ok(machine.net.createUdpSocket(family));
    assert.equal(await finish(backend, used, used.bind(loopback(family))), undefined);
    const before = openSockets();
    for (let i = 0; i < 5; i++) {
      const socket = ok(machine.net.createUdpSocket(family));
      assert.equal(await finish(backend, socket, socket.bind(ok(used.localAddress()))), "address-in-use");
      close(backend, socket);
    }
    await noneSince(before);
    close(backend, used);
  });
}
