import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Condition } from "../../src/core/wait/condition.ts";
import { PollList } from "../../src/core/wait/poll-list.ts";
import { SuspendingPoll } from "../../src/core/wait/suspending-poll.ts";
import type { SuspendingMachine } from "../../src/machine/machine.ts";
import { READABLE } from "../../src/machine/selector.ts";
import { wrap } from "../../src/machine/wrap.ts";
import { suspending } from "./backend.ts";
import { encode, pair, sendAll } from "./sockets.ts";

/** What every suspending machine's wait must do: the contract of SuspendingSelector. */
export function testWait(name: string, machine: SuspendingMachine): void {
  const { selector } = machine;
  const backend = suspending(name, machine);

  describe(`suspending wait on ${name}`, () => {
    after(() => selector.close());

    for (const timeout of [1, 1e6, 1_000_001, 25e6]) {
      it(`takes no less than ${timeout} ns`, async () => {
        const start = machine.now();
        await selector.wait(timeout);
        const waited = machine.now() - start;
        assert.ok(waited >= timeout, `waited ${waited} ns`);
      });
    }

    it("gives one turn to the event loop, though there is nothing to wait for", async () => {
      let turned = false;
      setImmediate(() => {
        turned = true;
      });
      while (!turned) await selector.wait(0);
    });

    it("ends by wake, which is nothing without a wait", async () => {
      selector.wake();
      const wait = selector.wait(Infinity);
      setTimeout(() => selector.wake(), 1);
      await wait;
      assert.equal(selector.select(0), 0);
    });

    it("ends by the first event, though a timer is far", async () => {
      const { client, server, close } = await pair(backend);
      selector.setInterest(server.source, READABLE);
      const wait = selector.wait(3600e9);
      await sendAll(backend, client, encode("x"));
      while (selector.select(0) === 0) await wait;
      assert.equal(selector.sources[0], server.source);
      assert.equal(server.receive(10), 1);
      selector.wake();
      await wait;
      close();
    });

    it("brings what has come to a guest that only looks, and gives up a turn in 10 ms", async () => {
      const { client, server, close } = await pair(backend);
      for (let i = 0; i < 3; i++) {
        await sendAll(backend, client, encode("x"));
        selector.setInterest(server.source, READABLE);
        let turns = 0;
        for (; selector.select(0) === 0; turns++) {
          for (const until = machine.now() + 10e6; machine.now() < until; );
          await selector.wait(0);
        }
        assert.ok(turns < 10, `${turns} turns`);
        assert.equal(server.receive(10), 1);
      }
      close();
    });

    it("waits in few rounds for a timer beside a source that nobody asked for", async () => {
      const { client, server, close } = await pair(backend);
      let rounds = 0;
      const select = (timeout: number) => {
        rounds++;
        return selector.select(timeout);
      };
      const poll = new SuspendingPoll(wrap(machine, { selector: wrap(selector, { select }) }));
      await poll.poll(PollList.of(Condition.source(server.source, READABLE), Condition.timer(0)));
      await sendAll(backend, client, encode("x"));
      rounds = 0;
      await poll.block(Condition.timer(machine.now() + 50e6));
      assert.ok(rounds < 10, `${rounds} rounds`);
      close();
    });

    it("refuses a second wait, and the first goes on", async () => {
      const first = selector.wait(Infinity);
      await assert.rejects(async () => await selector.wait(0), /a wait is pending already/);
      selector.wake();
      await first;
      await selector.wait(0);
    });

    it("lets the host's timers go on", async () => {
      let ticks = 0;
      const timer = setInterval(() => {
        if (++ticks === 3) selector.wake();
      }, 1);
      await selector.wait(Infinity);
      clearInterval(timer);
      assert.ok(ticks >= 3);
    });
  });
}
