/** Whom the pool of a served component gives a request to. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ServedRequest } from "../../../src/core/http/message.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { after } from "../../../src/core/wait/deadline.ts";
import { SuspendingPoll } from "../../../src/core/wait/suspending-poll.ts";
import { createSuspendingMachine } from "../../../src/library/machine.ts";
import { type HandlerInstance, InstancePool } from "../../../src/run/serve/instance-pool.ts";

/** Counts its requests, and how many it has at once; each takes a turn of the event loop. */
class Counting implements HandlerInstance {
  readonly usable = true;
  served = 0;
  active = 0;
  most = 0;

  async handle(): Promise<void> {
    this.served++;
    this.active++;
    this.most = Math.max(this.most, this.active);
    await new Promise((resolve) => setImmediate(resolve));
    this.active--;
  }

  expire(): void {}
  abort(): void {}
  async finished(): Promise<void> {}
  close(): void {}
}

interface Case {
  readonly maxReuse: number;
  readonly maxConcurrentReuse: number;
  readonly requests: number;
  readonly maxRequests?: number;
  /** How many each instance gets, the first made first. */
  readonly served: readonly number[];
}

const cases: readonly Case[] = [
  { maxReuse: 1, maxConcurrentReuse: 1, requests: 3, served: [1, 1, 1] },
  { maxReuse: 2, maxConcurrentReuse: 16, requests: 7, served: [2, 2, 2, 1] },
  { maxReuse: 128, maxConcurrentReuse: 3, requests: 7, served: [3, 3, 1] },
  { maxReuse: 4, maxConcurrentReuse: 2, requests: 5, maxRequests: 2, served: [4, 1] },
  { maxReuse: 128, maxConcurrentReuse: 16, requests: 16, served: [16] },
];

describe("requests that come at once", async () => {
  const poll = new SuspendingPoll(await createSuspendingMachine());
  for (const { maxReuse, maxConcurrentReuse, requests, maxRequests = 1000, served } of cases) {
    it(`${requests}, ${maxReuse} an instance, ${maxConcurrentReuse} at once, ${maxRequests} in all`, async () => {
      const made: Counting[] = [];
      const pool = new InstancePool(poll, {
        ...{ maxRequests, maxReuse, maxConcurrentReuse },
        idleTimeout: Number.POSITIVE_INFINITY,
        requestTimeout: Number.POSITIVE_INFINITY,
        async make() {
          await new Promise((resolve) => setImmediate(resolve));
          const instance = new Counting();
          made.push(instance);
          return instance;
        },
        failed: (_, error) => assert.fail(String(error)),
        failedAfterwards: (error) => assert.fail(String(error)),
      });
      for (let i = 0; i < requests; i++) pool.handle({ complete: false } as ServedRequest);
      await pool.drain();
      assert.deepEqual(
        made.map((each) => each.served),
        served,
      );
      for (const { most } of made) assert.ok(most <= maxConcurrentReuse, `${most} at once`);
    });
  }
});

/** Returns a moment after its response is complete. */
class Returning extends Counting {
  readonly #poll: SuspendingPoll;

  constructor(poll: SuspendingPoll) {
    super();
    this.#poll = poll;
  }

  override async handle(): Promise<void> {
    this.served++;
    await this.#poll.block(Condition.timer(after(this.#poll.now(), 100_000)));
  }
}

describe("a request that comes before the guest has returned", async () => {
  const poll = new SuspendingPoll(await createSuspendingMachine());
  it("gets the same instance, though the process had no time", async () => {
    const made: Returning[] = [];
    const pool = new InstancePool(poll, {
      ...{ maxRequests: 10, maxReuse: 10, maxConcurrentReuse: 1 },
      idleTimeout: Number.POSITIVE_INFINITY,
      requestTimeout: Number.POSITIVE_INFINITY,
      async make() {
        const instance = new Returning(poll);
        made.push(instance);
        return instance;
      },
      failed: (_, error) => assert.fail(String(error)),
      failedAfterwards: (error) => assert.fail(String(error)),
    });
    pool.handle({ complete: true } as ServedRequest);
    await new Promise((resolve) => setImmediate(resolve));
    pool.handle({ complete: true } as ServedRequest);
    const until = performance.now() + 5;
    while (performance.now() < until);
    await pool.drain();
    assert.deepEqual(
      made.map((each) => each.served),
      [2],
    );
  });
});
