import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HUNG_UP, type Machine, READABLE, type Source, WRITABLE } from "../../src/adapters/contract.ts";
import { accept, close, connect, encode, listen, look, ok, pair, receiveAll, sendAll, wait } from "./sockets.ts";

/** What every machine's selector must do: the contract of Selector. */
export function testSelector(name: string, machine: Machine): void {
  const { selector } = machine;

  /** What one select sees, by source. */
  function select(timeout: number): Map<Source, number> {
    const seen = new Map<Source, number>();
    for (let left = selector.select(timeout); left > 0; left--) {
      seen.set(selector.sources[left - 1]!, selector.events[left - 1]!);
    }
    return seen;
  }

  describe(`selector on ${name}`, () => {
    for (const timeout of [0, 1, 1e6, 1_000_001, 25e6]) {
      it(`waits no less than ${timeout} ns`, () => {
        const start = machine.now();
        assert.equal(selector.select(timeout), 0);
        const waited = machine.now() - start;
        assert.ok(waited >= timeout, `waited ${waited} ns`);
      });
    }

    for (const timeout of [Infinity, 3e15, 1e300]) {
      it(`ends a wait of ${timeout} ns with the first event`, () => {
        const { client, close } = pair(machine);
        selector.setInterest(client.source, WRITABLE);
        assert.deepEqual(select(timeout), new Map([[client.source, WRITABLE]]));
        close();
      });
    }

    it("is level-triggered", () => {
      const { client, server, close } = pair(machine);
      sendAll(machine, client, encode("x"));
      selector.setInterest(server.source, READABLE);
      for (let i = 0; i < 3; i++) assert.equal(select(1e9).get(server.source), READABLE);
      assert.equal(server.receive(1), 1);
      assert.equal(selector.select(0), 0);
      close();
    });

    it("reports only what was asked for, and follows a changed interest", () => {
      const { client, server, close } = pair(machine);
      sendAll(machine, client, encode("x"));
      wait(machine, server.source, READABLE);
      const { source } = server;
      selector.setInterest(source, WRITABLE);
      assert.equal(select(1e9).get(source), WRITABLE);
      selector.setInterest(source, READABLE | WRITABLE);
      assert.equal(select(1e9).get(source), READABLE | WRITABLE);
      selector.setInterest(source, READABLE);
      assert.equal(select(1e9).get(source), READABLE);
      selector.setInterest(source, 0);
      assert.equal(selector.select(0), 0);
      selector.setInterest(source, 0);
      assert.equal(selector.select(0), 0);
      close();
    });

    it("sets every bit that was asked for on a hang-up", () => {
      for (const interest of [READABLE, WRITABLE, READABLE | WRITABLE]) {
        const { client, server, listener } = pair(machine);
        sendAll(machine, client, encode("never read"));
        wait(machine, server.source, READABLE);
        close(machine, server);
        // The reset is there once reading says so.
        wait(machine, client.source, READABLE);
        assert.equal(look(machine, client.source, interest, 1e9) & ~HUNG_UP, interest);
        close(machine, client);
        close(machine, listener);
      }
    });

    it("says nothing of a source whose interest was taken back, though its peer is gone", () => {
      const { client, server, listener } = pair(machine);
      selector.setInterest(client.source, READABLE);
      close(machine, server);
      assert.equal(select(1e9).get(client.source), READABLE);
      selector.setInterest(client.source, 0);
      assert.equal(selector.select(5e6), 0);
      close(machine, client);
      close(machine, listener);
    });

    it("sees a new socket on the fd of a forgotten one", () => {
      const first = pair(machine);
      selector.setInterest(first.client.source, WRITABLE);
      first.close();
      const second = pair(machine);
      assert.equal(selector.select(0), 0);
      wait(machine, second.client.source, WRITABLE);
      second.close();
    });

    it("reports all of many sources, however many select takes at once", () => {
      const listener = listen(machine);
      const address = ok(listener.localAddress());
      const many = Array.from({ length: 300 }, () => {
        const client = connect(machine, address);
        return { client, server: accept(machine, listener) };
      });
      for (const { client, server } of many) {
        selector.setInterest(server.source, READABLE | WRITABLE);
        selector.setInterest(client.source, READABLE);
        sendAllOf(client);
      }
      const open = new Set(many.map(({ server }) => server.source));
      for (let rounds = 0; open.size > 0 && rounds < 10; rounds++) {
        for (const [source, events] of select(1e9)) {
          assert.equal(events & WRITABLE, WRITABLE);
          if (events !== (READABLE | WRITABLE)) continue;
          open.delete(source);
          selector.setInterest(source, 0);
        }
      }
      assert.equal(open.size, 0);
      for (const { client, server } of many) {
        assert.equal(receiveAll(machine, server, 1)[0], 0x78);
        close(machine, client);
        close(machine, server);
      }
      close(machine, listener);
    });

    function sendAllOf(client: Parameters<typeof sendAll>[1]): void {
      sendAll(machine, client, encode("x"));
    }
  });
}
