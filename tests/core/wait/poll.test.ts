import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Condition } from "../../../src/core/wait/condition.ts";
import { NEVER } from "../../../src/core/wait/deadline.ts";
import { BlockingPoll } from "../../../src/core/wait/poll.ts";
import { PollList } from "../../../src/core/wait/poll-list.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import type { Source } from "../../../src/machine/selector.ts";
import { eachSelector } from "../../machine.ts";
import { close, connect, context, listener, ok, socket } from "../sockets/sockets.ts";

const ms = 1e6;

/** The machine, counting its waits (one that spins shows as thousands), and how often the selector was told of a source. */
function counting(machine: Machine): { machine: Machine; selects: () => number; changes: () => number } {
  let selects = 0;
  let changes = 0;
  const { selector } = machine;
  const counted = {
    sources: selector.sources,
    get events() {
      return selector.events;
    },
    setInterest: (source: Source, interest: number) => {
      changes++;
      return selector.setInterest(source, interest);
    },
    look: selector.look.bind(selector),
    forget: selector.forget.bind(selector),
    close: selector.close.bind(selector),
    select: (timeout: number) => {
      selects++;
      return selector.select(timeout);
    },
  };
  const { buffer, net, stdio, files, wallClock } = machine;
  return {
    machine: {
      buffer,
      net,
      stdio,
      files,
      wallClock,
      selector: counted,
      now: () => machine.now(),
      fillRandom: (bytes) => machine.fillRandom(bytes),
    },
    selects: () => selects,
    changes: () => changes,
  };
}

await eachSelector((name, machine) => {
  describe(`poll over ${name}`, () => {
    it("with a deadline in the future waits until then, never less", () => {
      const poll = new BlockingPoll(machine);
      for (const duration of [0.2 * ms, 1 * ms, 7.5 * ms]) {
        const deadline = machine.now() + duration;
        poll.block(Condition.timer(deadline));
        assert.ok(machine.now() >= deadline);
      }
    });

    it("with a deadline that has passed looks and does not wait", () => {
      const poll = new BlockingPoll(machine);
      const list = PollList.of(Condition.timer(0), Condition.timer(NEVER));
      assert.equal(poll.poll(list), 1);
      assert.equal(list.ready[0], 0);
    });

    it("with no deadline waits for the socket", () => {
      const cx = context(machine);
      const pair = connect(cx);
      const { readiness } = pair.far.input;
      assert.equal(cx.poll.look(readiness), false);
      ok(pair.near.output.checkWrite());
      pair.near.output.write(new Uint8Array([1]));
      cx.poll.block(readiness);
      assert.equal(cx.poll.look(readiness), true);
      close(pair);
    });

    it("sees a socket beside a timer that is always ready, and every index of a condition that stands there twice", () => {
      const cx = context(machine);
      const pair = connect(cx);
      ok(pair.near.output.checkWrite());
      pair.near.output.write(new Uint8Array([1]));
      cx.poll.block(pair.far.input.readiness);
      const input = pair.far.input.readiness;
      const list = PollList.of(input, Condition.timer(0), pair.near.input.readiness, input);
      assert.equal(cx.poll.poll(list), 3);
      assert.deepEqual([...list.ready.subarray(0, 3)], [0, 1, 3]);
      close(pair);
    });

    it("takes notice of every change in a list that it polls again", () => {
      const cx = context(machine);
      const pair = connect(cx);
      const { readiness } = pair.far.input;
      const list = PollList.of(readiness, Condition.timer(NEVER), Condition.timer(0));
      const ready = (): number[] => [...list.ready.subarray(0, cx.poll.poll(list))];
      assert.deepEqual(ready(), [2]);
      list.set(1, Condition.timer(0));
      assert.deepEqual(ready(), [1, 2], "a timer in the place of a timer");
      ok(pair.near.output.checkWrite());
      pair.near.output.write(new Uint8Array([1]));
      cx.poll.block(readiness);
      assert.deepEqual(ready(), [0, 1, 2], "another list was polled in between");
      assert.equal(pair.far.input.read(10), 1);
      assert.deepEqual(ready(), [1, 2]);
      list.set(1, readiness);
      pair.far.input.close();
      assert.deepEqual(ready(), [0, 1, 2], "a condition that changed its kind");
      list.resize(1);
      assert.deepEqual(ready(), [0]);
      close(pair);
    });

    it("does not spin on a registered socket with unread data, or a gone peer, that the list leaves out", () => {
      const counted = counting(machine);
      const cx = context(counted.machine);
      const pair = connect(cx);
      // Registered once by a poll, with data and the end of the stream waiting from then on.
      assert.equal(cx.poll.poll(PollList.of(pair.far.input.readiness, Condition.timer(0))), 1);
      ok(pair.near.output.checkWrite());
      pair.near.output.write(new Uint8Array([1]));
      pair.client.shutdown("both");
      cx.poll.block(pair.far.input.readiness);
      const before = counted.selects();
      for (let i = 0; i < 5; i++) cx.poll.block(Condition.timer(machine.now() + 2 * ms));
      assert.ok(counted.selects() - before <= 15, `${counted.selects() - before} waits for five timers`);
      assert.equal(cx.poll.look(pair.far.input.readiness), true, "it is seen again when it is asked for");
      close(pair);
    });

    it("makes no system call for what is idle: one wait a poll", () => {
      const counted = counting(machine);
      const cx = context(counted.machine);
      const pairs = Array.from({ length: 8 }, () => connect(cx));
      const list = PollList.of(...pairs.map((pair) => pair.near.input.readiness), Condition.ready());
      cx.poll.poll(list);
      const before = counted.selects();
      for (let i = 0; i < 100; i++) assert.equal(cx.poll.poll(list), 1);
      assert.equal(counted.selects() - before, 100);
      for (const pair of pairs) close(pair);
    });

    it("forgets a source with its socket: a new one with the same number starts afresh", () => {
      const cx = context(machine);
      for (let i = 0; i < 20; i++) {
        const { server } = listener(cx);
        assert.equal(cx.poll.poll(PollList.of(server.readiness, Condition.timer(0))), 1);
        server.close();
      }
      const pair = connect(cx);
      assert.equal(cx.poll.poll(PollList.of(pair.near.input.readiness, Condition.timer(0))), 1);
      close(pair);
    });

    it("is exact beside 1,500 sockets with unread data, and a look at one touches none of them", () => {
      const counted = counting(machine);
      const cx = context(counted.machine);
      const { server, address } = listener(cx);
      const pairs = Array.from({ length: 1500 }, () => {
        const client = socket(cx);
        ok(client.connect(address));
        cx.poll.block(client.readiness);
        ok(client.outcome());
        const near = client.streams();
        cx.poll.block(server.readiness);
        const peer = ok(server.accept());
        const far = peer.streams();
        ok(near.output.checkWrite());
        near.output.write(new Uint8Array([1]));
        return { client, near, peer, far };
      });
      for (const { far } of pairs) cx.poll.block(far.input.readiness);
      const readable = pairs.map(({ far }) => far.input.readiness);
      const all = PollList.of(...readable);
      assert.equal(cx.poll.poll(all), 1500, "all that are ready are told in one poll");

      const before = counted.changes();
      for (const condition of readable) assert.equal(cx.poll.look(condition), true);
      assert.equal(cx.poll.look(pairs[0]!.near.input.readiness), false);
      assert.equal(cx.poll.poll(all), 1500);
      assert.equal(counted.changes() - before, 0);

      for (let i = 0; i < 3; i++) {
        const client = socket(cx);
        ok(client.connect(address));
        const list = PollList.of(...readable, client.readiness);
        while (!list.ready.subarray(0, cx.poll.poll(list)).includes(1500));
        ok(client.outcome());
      }
      cx.poll.closeAll();
    });
  });
});
