import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Source } from "../../src/machine/selector.ts";
import { createUnsupportedMachine } from "../../src/machine/unsupported.ts";

describe("the machine that supports nothing", () => {
  const machine = createUnsupportedMachine();

  it("says so, call by call", () => {
    assert.equal(machine.net.createTcpSocket("ipv4"), "not-supported");
    assert.equal(machine.net.createUdpSocket("ipv6"), "not-supported");
    assert.equal(machine.net.lookup("localhost"), "not-supported");
    assert.equal(machine.stdio.stdin.receive(1), "not-supported");
    assert.equal(machine.stdio.stdout.send(new Uint8Array(1)), "not-supported");
    assert.equal(machine.stdio.isTerminal(0), false);
    assert.equal(machine.selector.setInterest(new Source(0), 1), false);
  });

  it("has a clock and can sleep", () => {
    const start = machine.now();
    assert.equal(machine.selector.select(2e6), 0);
    assert.ok(machine.now() - start >= 2e6);
  });
});

describe("random bytes", () => {
  it("fill whole pieces, longer than Web Crypto's limit too", () => {
    const bytes = new Uint8Array(200_000);
    createUnsupportedMachine().fillRandom(bytes);
    for (let start = 0; start < bytes.length; start += 1000) {
      assert.ok(bytes.subarray(start, start + 1000).some((byte) => byte !== 0));
    }
  });
});
