/** What goes on in every wait, whatever it is for: work in the background, and alarms. Both strategies. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Alarm } from "../../../src/core/wait/alarm.ts";
import type { Background } from "../../../src/core/wait/background.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { BlockingPoll, type Poll } from "../../../src/core/wait/poll.ts";
import { SuspendingPoll } from "../../../src/core/wait/suspending-poll.ts";
import { createSuspendingMachine } from "../../../src/library/machine.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { READABLE, WRITABLE } from "../../../src/machine/selector.ts";
import type { TcpHandle } from "../../../src/machine/sockets.ts";
import { createMachine } from "../../machine.ts";
import { loopback, ok } from "../sockets/sockets.ts";

const ms = 1e6;

const blocking = await createMachine();
const suspending = await createSuspendingMachine();
const strategies: readonly (readonly [name: string, machine: Machine, make: () => Poll])[] = [
  ["blocking", blocking, () => new BlockingPoll(blocking)],
  ["suspending", suspending, () => new SuspendingPoll(suspending)],
];

for (const [name, machine, make] of strategies) {
  describe(`a ${name} wait`, () => {
    it("rings the alarms that are due, and no other", async () => {
      const poll = make();
      const rung: string[] = [];
      const alarms = ["first", "second", "put off", "cleared"].map((who) => new Alarm(poll, () => rung.push(who)));
      const now = machine.now();
      for (const alarm of alarms) alarm.set(now + 5 * ms);
      alarms[2]!.set(now + 3600e9);
      alarms[3]!.clear();
      await poll.block(Condition.timer(now + 20 * ms));
      assert.deepEqual(rung.sort(), ["first", "second"]);
      assert.deepEqual(
        alarms.map(({ isSet }) => isSet),
        [false, false, true, false],
      );
      alarms[2]!.clear();
    });

    it("does not ring one that another has put off or cleared, though it was due", async () => {
      const poll = make();
      const rung: number[] = [];
      const alarms: Alarm[] = [0, 1, 2].map(
        (which) =>
          new Alarm(poll, () => {
            rung.push(which);
            for (const other of alarms) if (other.isSet) other.set(machine.now() + 3600e9);
          }),
      );
      for (const alarm of alarms) alarm.set(machine.now());
      await poll.block(Condition.timer(machine.now() + 5 * ms));
      assert.equal(rung.length, 1);
      for (const alarm of alarms) alarm.clear();
    });

    it("ends with what an alarm settles", async () => {
      const poll = make();
      const condition = Condition.ready();
      condition.markPending();
      new Alarm(poll, () => condition.markReady()).set(machine.now() + 5 * ms);
      await poll.block(condition);
    });

    it("goes on with work that waits for one thing after the other, for something else", async () => {
      const poll = make();
      const listener = ok(machine.net.createTcpSocket("ipv4"));
      assert.equal(listener.bind(loopback()), undefined);
      assert.equal(listener.listen(8), undefined);
      const client = ok(machine.net.createTcpSocket("ipv4"));
      const done = Condition.ready();
      done.markPending();
      const steps: string[] = [];
      const accepting: Background = {
        source: listener.source,
        interest: READABLE,
        advance() {
          const accepted = listener.accept();
          if (typeof accepted === "string") return false;
          steps.push("accepted");
          poll.begin(receiving(accepted));
          return true;
        },
      };
      const receiving = (handle: TcpHandle): Background => ({
        source: handle.source,
        interest: READABLE,
        advance() {
          if (handle.receive(10) === "would-block") return false;
          steps.push("received");
          poll.forget(handle.source);
          handle.close();
          done.markReady();
          return true;
        },
      });
      poll.begin(accepting);
      client.connect(ok(listener.localAddress()));
      poll.begin({
        source: client.source,
        interest: WRITABLE,
        advance: () => client.outcome() !== "would-block" && client.send(Uint8Array.of(1)) === 1,
      });
      await poll.block(done);
      assert.deepEqual(steps, ["accepted", "received"]);
      for (const handle of [client, listener]) {
        poll.forget(handle.source);
        handle.close();
      }
    });
  });
}
