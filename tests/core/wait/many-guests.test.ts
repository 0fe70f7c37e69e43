/** Many guests on one machine: each has its poll, all wait at once in one registry. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Alarm } from "../../../src/core/wait/alarm.ts";
import { Condition, firstWatcher } from "../../../src/core/wait/condition.ts";
import { NEVER } from "../../../src/core/wait/deadline.ts";
import { Aborted } from "../../../src/core/wait/errors.ts";
import { PollList } from "../../../src/core/wait/poll-list.ts";
import { SuspendingPoll } from "../../../src/core/wait/suspending-poll.ts";
import { createSuspendingMachine } from "../../../src/library/machine.ts";
import type { SuspendingMachine } from "../../../src/machine/machine.ts";
import { READABLE } from "../../../src/machine/selector.ts";
import { wrap } from "../../../src/machine/wrap.ts";
import { inherit, listener, ok, type Pair, socket } from "../sockets/sockets.ts";

const ms = 1e6;

const nextTask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Guest {
  readonly machine: SuspendingMachine;
  readonly poll: SuspendingPoll;
  readonly policy: typeof inherit;
}

/** A connection, both ends of it the guest's. */
async function connect(cx: Guest): Promise<Pair> {
  const { server, address } = listener(cx);
  const client = socket(cx);
  ok(client.connect(address));
  await cx.poll.block(client.readiness);
  ok(client.outcome());
  await cx.poll.block(server.readiness);
  const peer = ok(server.accept());
  server.close();
  return { client, near: client.streams(), peer, far: peer.streams() };
}

/** Sends one byte to the connection's far end. */
function send({ near }: Pair, byte = 1): void {
  ok(near.output.checkWrite());
  near.output.write(Uint8Array.of(byte));
}

/** Receives all that has come, on the far end. */
function receive({ machine }: Guest, { far }: Pair): number[] {
  const count = far.input.read(100);
  assert.equal(typeof count, "number");
  return [...machine.buffer.subarray(0, Number(count))];
}

/** Whether it is still under way, once the event loop has gone round. */
async function pending(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  promise.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  for (let i = 0; i < 5; i++) await nextTask();
  return !over;
}

for (const net of ["posix", "evented"] as const) {
  const own = await createSuspendingMachine(net);
  after(() => own.selector.close());
  let selected = 0;
  const select = (timeout: number) => {
    selected++;
    return own.selector.select(timeout);
  };
  const machine = wrap(own, { selector: wrap(own.selector, { select }) });
  const first = new SuspendingPoll(machine);
  const guest = (): Guest => ({ machine, poll: first.forAnotherGuest(), policy: inherit });
  const guests = (count: number): Guest[] => Array.from({ length: count }, guest);

  /** How often the selector is asked while `work` goes on. */
  async function selects(work: () => Promise<unknown>): Promise<number> {
    const before = selected;
    await work();
    return selected - before;
  }

  describe(`guests on one ${net} machine`, () => {
    it("two wait at once, and each is told of its own", async () => {
      const [a, b] = guests(2) as [Guest, Guest];
      const pairs = [await connect(a), await connect(b)] as const;
      const waits = [a, b].map(async ({ poll }, i) => await poll.block(pairs[i]!.far.input.readiness));
      send(pairs[1], 2);
      await waits[1];
      assert.deepEqual(receive(b, pairs[1]), [2]);
      assert.ok(await pending(waits[0]!));
      send(pairs[0], 1);
      await waits[0];
      assert.deepEqual(receive(a, pairs[0]), [1]);
      for (const { poll } of [a, b]) poll.closeAll();
    });

    it("a hundred echo at once", async () => {
      const all = guests(100);
      const heard = await Promise.all(
        all.map(async (cx, i) => {
          const pair = await connect(cx);
          const answers: number[] = [];
          for (let round = 0; round < 5; round++) {
            const wait = cx.poll.block(pair.far.input.readiness);
            send(pair, i + round);
            await wait;
            answers.push(...receive(cx, pair));
          }
          cx.poll.closeAll();
          return answers;
        }),
      );
      assert.deepEqual(
        heard,
        all.map((_, i) => [i, i + 1, i + 2, i + 3, i + 4]),
      );
    });

    it("no timer is early, though others are nearer and farther", async () => {
      const start = machine.now();
      await Promise.all(
        guests(200).map(async ({ poll }, i) => {
          const deadline = start + ((i * 37) % 200) * 0.2 * ms;
          assert.equal(await poll.poll(PollList.of(Condition.timer(NEVER), Condition.timer(deadline))), 1);
          assert.ok(machine.now() >= deadline);
        }),
      );
    });

    it("one that is aborted leaves the others alone, and its neighbour's second wait", async () => {
      const [a, b, c] = guests(3) as [Guest, Guest, Guest];
      const pair = await connect(b);
      const reason = new Error("enough");
      const aborted = [a.poll.block(Condition.timer(NEVER)), a.poll.block(Condition.timer(NEVER))];
      const other = Promise.resolve(b.poll.block(pair.far.input.readiness));
      const timer = c.poll.block(Condition.timer(machine.now() + 20 * ms));
      a.poll.abort(reason);
      for (const wait of aborted) {
        await assert.rejects(
          async () => wait,
          (error) => error instanceof Aborted && error.reason === reason,
        );
      }
      assert.ok(await pending(other));
      send(pair);
      await other;
      await timer;
      b.poll.closeAll();
    });

    it("one that is closed while others wait leaves nothing behind", async () => {
      const [a, b] = guests(2) as [Guest, Guest];
      const [gone, pair] = [await connect(a), await connect(b)];
      let touched = false;
      const touch = (): boolean => {
        touched = true;
        return true;
      };
      const source = pair.far.input.readiness.source ?? assert.fail();
      a.poll.begin({ source, interest: READABLE, advance: touch });
      const alarm = new Alarm(a.poll, touch);
      alarm.set(machine.now() + 5 * ms);
      const waits = [gone.near, gone.far].map(({ input }) =>
        Promise.resolve(a.poll.poll(PollList.of(input.readiness))),
      );
      const other = Promise.resolve(b.poll.block(pair.far.input.readiness));
      await nextTask();
      a.poll.closeAll();
      // On a loaded machine the alarm may have come before that.
      touched = false;
      assert.equal(alarm.isSet, false);
      await b.poll.block(Condition.timer(machine.now() + 20 * ms));
      assert.ok(await pending(other));
      send(pair);
      await other;
      assert.equal(touched, false);
      for (const wait of waits) assert.ok(await pending(wait));
      b.poll.closeAll();
    });

    it("one that has waited for a standard stream leaves that, and no other's wait", async () => {
      const source = machine.stdio.stderr.source;
      if (source === undefined) return;
      const lists = guests(2).map(({ poll }) => {
        const list = PollList.of(Condition.source(source, READABLE), Condition.timer(NEVER));
        poll.lookAll(list);
        return { poll, list };
      });
      const watchers = (): number => {
        let count = 0;
        for (let next = firstWatcher(source); next !== undefined; next = next.nextWatcher) count++;
        return count;
      };
      assert.equal(watchers(), 2);
      for (const { poll } of lists) poll.closeAll();
      assert.equal(watchers(), 0);
    });

    it("one's work in the background and its alarms go on in another's wait", async () => {
      const [a, b] = guests(2) as [Guest, Guest];
      const pair = await connect(a);
      const settled = Condition.ready();
      settled.markPending();
      const { source } = pair.far.input.readiness;
      // Begun while the other sleeps.
      const wait = b.poll.block(settled);
      await nextTask();
      const rung: string[] = [];
      new Alarm(a.poll, () => {
        rung.push("alarm");
        send(pair);
      }).set(machine.now() + 5 * ms);
      a.poll.begin({
        source: source ?? assert.fail(),
        interest: READABLE,
        advance() {
          rung.push("background");
          settled.markReady();
          return true;
        },
      });
      await wait;
      assert.deepEqual(rung, ["alarm", "background"]);
      a.poll.closeAll();
    });

    it("what one's work throws is thrown in its own wait", async () => {
      const [a, b] = guests(2) as [Guest, Guest];
      const pair = await connect(a);
      const other = b.poll.block(Condition.timer(machine.now() + 30 * ms));
      const wait = Promise.resolve(a.poll.block(Condition.timer(NEVER)));
      new Alarm(a.poll, () => {
        throw new Error("an alarm's");
      }).set(machine.now() + 2 * ms);
      await assert.rejects(wait, /an alarm's/);
      const asked = Condition.source(pair.far.input.readiness.source ?? assert.fail(), READABLE);
      asked.confirm = () => {
        throw new Error("a condition's");
      };
      const confirming = Promise.resolve(a.poll.poll(PollList.of(asked)));
      send(pair);
      await assert.rejects(confirming, /a condition's/);
      await other;
      a.poll.closeAll();
    });

    it("what only a set that nobody waits for wants ends no waits, and its next wait finds it", async () => {
      const [a, b] = guests(2) as [Guest, Guest];
      const pair = await connect(a);
      const list = PollList.of(pair.far.input.readiness, Condition.timer(0));
      assert.equal(await a.poll.poll(list), 1);
      send(pair);
      const asked = await selects(async () => {
        const until = machine.now() + 50 * ms;
        await Promise.all([a.poll.block(Condition.timer(until)), b.poll.block(Condition.timer(until))]);
      });
      assert.ok(asked < 20, `${asked} looks`);
      list.set(1, Condition.timer(NEVER));
      assert.equal(await a.poll.poll(list), 1);
      assert.equal(list.ready[0], 0);
      a.poll.closeAll();
    });

    it("a wait that begins while others sleep for ever has its timer, and its socket", async () => {
      const [a, b, c] = guests(3) as [Guest, Guest, Guest];
      const pair = await connect(c);
      const other = Promise.resolve(a.poll.block(Condition.timer(machine.now() + 3600e9)));
      assert.ok(await pending(other));
      const deadline = machine.now() + 5 * ms;
      await b.poll.block(Condition.timer(deadline));
      assert.ok(machine.now() >= deadline);
      assert.ok(await pending(other));
      const wait = c.poll.block(pair.far.input.readiness);
      await nextTask();
      send(pair);
      await wait;
      assert.ok(await pending(other));
      for (const { poll } of [a, b, c]) poll.closeAll();
    });

    it("a set that changes while it is waited for is looked at", async () => {
      const [a, b] = guests(2) as [Guest, Guest];
      const pair = await connect(a);
      const conditions = [Condition.timer(NEVER), Condition.ready(), Condition.timer(NEVER)] as const;
      conditions[1].markPending();
      const other = Promise.resolve(b.poll.block(Condition.timer(NEVER)));
      const changes = [
        () => conditions[0].retime(machine.now() + 2 * ms),
        () => conditions[1].markReady(),
        () => {
          conditions[2].watch(pair.far.input.readiness.source, READABLE);
          send(pair);
        },
      ];
      for (const [i, change] of changes.entries()) {
        const list = PollList.of(conditions[i]!);
        const wait = Promise.resolve(a.poll.poll(list));
        assert.ok(await pending(wait));
        change();
        assert.equal(await wait, 1);
      }
      assert.ok(await pending(other));
      for (const { poll } of [a, b]) poll.closeAll();
    });

    it("one that always finds something ready leaves the others their turns", async () => {
      const [a, b] = guests(2) as [Guest, Guest];
      const pair = await connect(b);
      let over = false;
      const busy = (async () => {
        const list = PollList.of(Condition.timer(0));
        while (!over) await a.poll.poll(list);
      })();
      for (let i = 0; i < 20; i++) {
        const wait = b.poll.block(pair.far.input.readiness);
        send(pair, i);
        await wait;
        assert.deepEqual(receive(b, pair), [i]);
      }
      over = true;
      await busy;
      b.poll.closeAll();
    });

    it("those that only give way go on, beside one that sleeps", async () => {
      const [sleeper, ...busy] = guests(4) as [Guest, ...Guest[]];
      const sleep = Promise.resolve(sleeper.poll.block(Condition.timer(NEVER)));
      const turns = busy.map(async ({ poll }) => {
        for (let given = 0; given < 3; ) {
          const due = poll.yieldTurn();
          if (due === undefined) continue;
          await due;
          given++;
        }
      });
      await Promise.all(turns);
      assert.ok(await pending(sleep));
      sleeper.poll.closeAll();
    });

    it("a look at a set whose wait is under way finds what is ready, and the wait ends by it, too", async () => {
      const { poll, ...cx } = guest();
      const pair = await connect({ poll, ...cx });
      const list = PollList.of(pair.far.input.readiness);
      const wait = Promise.resolve(poll.poll(list));
      assert.ok(await pending(wait));
      send(pair);
      let over = false;
      const ended = wait.finally(() => {
        over = true;
      });
      while (poll.lookAll(list) === 0 && !over) await nextTask();
      await ended;
      assert.equal(await wait, 1);
      poll.closeAll();
    });

    it("refuses a second wait for a set, and waits for none when nobody does", async () => {
      const { poll } = guest();
      const list = PollList.of(Condition.timer(NEVER));
      const wait = Promise.resolve(poll.poll(list));
      assert.throws(() => poll.poll(list), /under way/);
      poll.abort("over");
      await assert.rejects(wait, Aborted);
      await machine.selector.wait(0);
    });
  });
}
