import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HUNG_UP, type Machine, READABLE } from "../../src/adapters/contract.ts";
import { createMachine } from "./runtime.ts";
import { testSelector } from "./selector-suite.ts";
import { close, encode, look, pair, sendAll, wait } from "./sockets.ts";
import { testTcp } from "./tcp-suite.ts";
import { testUdp } from "./udp-suite.ts";

for (const selector of ["epoll", "poll"] as const) {
  const machine = await createMachine({ selector });
  testSelector(selector, machine);
  testHangUp(selector, machine);
  testTcp(selector, machine);
  testUdp(selector, machine);
}

/** What only the kernel's own events tell. */
function testHangUp(name: string, machine: Machine): void {
  it(`${name} tells a connection that is over from one that is half-closed`, () => {
    const { client, server, listener } = pair(machine);
    assert.equal(server.shutdown("send"), undefined);
    wait(machine, client.source, READABLE);
    assert.equal(look(machine, client.source, READABLE, 1e9), READABLE);
    sendAll(machine, client, encode("never read"));
    wait(machine, server.source, READABLE);
    close(machine, server);
    let events = READABLE;
    while ((events & HUNG_UP) === 0) events = look(machine, client.source, READABLE, 1e9);
    assert.equal(events, READABLE | HUNG_UP);
    close(machine, client);
    close(machine, listener);
  });
}

const { wallClock } = await createMachine();

describe("the wall clock", () => {
  it("is the language's, to the ns", () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const readings = Array.from({ length: 100 }, () => wallClock.now());
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    assert.ok(readings.every((now) => before <= now && now <= after));
    assert.ok(readings.some((now) => now % 1_000_000n !== 0n));
    assert.equal(wallClock.resolution, 1);
  });
});
