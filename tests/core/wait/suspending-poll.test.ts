import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Condition } from "../../../src/core/wait/condition.ts";
import { NEVER } from "../../../src/core/wait/deadline.ts";
import { Aborted } from "../../../src/core/wait/errors.ts";
import type { Blocking } from "../../../src/core/wait/poll.ts";
import { PollList } from "../../../src/core/wait/poll-list.ts";
import { SuspendingPoll } from "../../../src/core/wait/suspending-poll.ts";
import type { Waiting } from "../../../src/core/wait/waiting.ts";
import { createSuspendingMachine } from "../../../src/library/machine.ts";
import type { SuspendingMachine } from "../../../src/machine/machine.ts";
import { inherit, listener, ok, socket } from "../sockets/sockets.ts";

const ms = 1e6;

interface Suspending {
  readonly machine: SuspendingMachine;
  readonly poll: SuspendingPoll;
  readonly policy: typeof inherit;
}

async function context(): Promise<Suspending & Disposable> {
  const machine = await createSuspendingMachine();
  return {
    machine,
    poll: new SuspendingPoll(machine),
    policy: inherit,
    [Symbol.dispose]: () => machine.selector.close(),
  };
}

/** One echo between two sockets of one guest. */
async function echo(cx: Suspending, bytes: Uint8Array): Promise<Uint8Array> {
  const { server, address } = listener(cx);
  const client = socket(cx);
  ok(client.connect(address));
  await cx.poll.block(client.readiness);
  ok(client.outcome());
  await cx.poll.block(server.readiness);
  const far = ok(server.accept()).streams();
  await cx.poll.run(client.streams().output.blockingWriteAndFlush(bytes));
  const count = await cx.poll.run(far.input.blockingRead(65536));
  assert.equal(typeof count, "number");
  return cx.machine.buffer.slice(0, Number(count));
}

/** What a call answers without a promise. When the guests' turn is over it has to give way, and is called anew. */
async function plain<T>(call: () => Waiting<T>): Promise<T> {
  for (let i = 0; i < 1000; i++) {
    const answer = call();
    if (!(answer instanceof Promise)) return answer;
    await answer;
  }
  throw new Error("always a promise");
}

describe("the suspending poll", () => {
  it("waits for a deadline, never less, and the host's timers go on meanwhile", async () => {
    using cx = await context();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    // A process that was held up for as long finds both due, and may hear of the wait first: then the next one brings the timer.
    let waits = 0;
    for (; ticks === 0 && waits < 100; waits++) {
      const deadline = cx.machine.now() + 30 * ms;
      await cx.poll.block(Condition.timer(deadline));
      assert.ok(cx.machine.now() >= deadline);
    }
    clearInterval(timer);
    assert.ok(ticks > 0, `${waits} waits`);
  });

  it("answers what holds at once without a promise", async () => {
    using cx = await context();
    const list = PollList.of(Condition.timer(0), Condition.timer(NEVER));
    assert.equal(await plain(() => cx.poll.poll(list)), 1);
    assert.equal(await plain(() => cx.poll.block(Condition.ready())), undefined);
  });

  it("waits for sockets, several guests side by side", async () => {
    const guests = await Promise.all(Array.from({ length: 10 }, context));
    const said = guests.map((_, i) => new TextEncoder().encode(`guest ${i}`));
    assert.deepEqual(await Promise.all(guests.map((cx, i) => echo(cx, said[i]!))), said);
    for (const cx of guests) cx[Symbol.dispose]();
  });

  it("looks again at what changed from outside when it is woken", async () => {
    using cx = await context();
    const condition = Condition.ready();
    condition.markPending();
    const found = cx.poll.poll(PollList.of(condition));
    setTimeout(() => {
      condition.markReady();
      cx.poll.wake();
    }, 1);
    assert.ok(found instanceof Promise);
    assert.equal(await found, 1);
  });

  it("a guest that always finds something ready gives way to the host", async () => {
    using cx = await context();
    let over = false;
    setTimeout(() => {
      over = true;
    }, 20);
    const list = PollList.of(Condition.timer(0));
    while (!over) await cx.poll.poll(list);
    over = false;
    setTimeout(() => {
      over = true;
    }, 20);
    const steps = function* (): Blocking<void> {};
    while (!over) await cx.poll.run(steps());
  });

  it("abort ends the wait under way, and the next one", async () => {
    using cx = await context();
    const reason = new Error("enough");
    const ended = (error: unknown) => error instanceof Aborted && error.reason === reason;
    const waiting = cx.poll.block(Condition.timer(NEVER));
    cx.poll.abort(reason);
    await assert.rejects(async () => waiting, ended);
    await assert.rejects(async () => cx.poll.block(Condition.ready()), ended);
  });
});
