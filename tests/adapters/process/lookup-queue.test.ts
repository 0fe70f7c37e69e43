import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LookupQueue, LookupThreads, type Queued } from "../../../src/adapters/process/lookup-queue.ts";

class Lookup implements Queued {
  started = false;

  start(): boolean {
    this.started = true;
    return true;
  }
}

function hung(threads: LookupThreads): number {
  const queue = new LookupQueue<Lookup>(threads);
  const lookups = Array.from({ length: 50 }, () => new Lookup());
  for (const lookup of lookups) queue.add(lookup);
  for (const lookup of lookups) queue.remove(lookup);
  return lookups.filter(({ started }) => started).length;
}

describe("whose look-ups begin", () => {
  const shares: readonly (readonly [threads: number, shares: readonly number[]])[] = [
    [20, [4, 4, 3, 2, 2, 1, 1, 1, 1, 1, 0]],
    [2, [1, 1, 0]],
    [32, [7, 5, 4, 4, 3, 2, 2, 1, 1, 1, 1, 1, 0]],
  ];
  for (const [count, expected] of shares) {
    it(`of ${count} threads each machine whose look-ups hang holds ${expected.join(", ")}`, () => {
      const threads = new LookupThreads(count);
      assert.deepEqual(
        expected.map(() => hung(threads)),
        expected,
      );
    });
  }

  it("the next in order begins when one ends, and none that was taken out", () => {
    const queue = new LookupQueue<Lookup>(new LookupThreads(2));
    const [first, second, third] = [new Lookup(), new Lookup(), new Lookup()];
    for (const lookup of [first, second, third]) queue.add(lookup);
    assert.deepEqual([queue.remove(first), queue.remove(second)], [false, true]);
    queue.ended();
    assert.deepEqual(
      [first, second, third].map(({ started }) => started),
      [true, false, true],
    );
  });

  it("of machines that wait for a thread each has its turn", () => {
    const threads = new LookupThreads(1);
    const begun: string[] = [];
    const queues = new Map(["a", "b", "c"].map((name) => [name, new LookupQueue<Queued>(threads)]));
    for (const [name, queue] of queues) for (let i = 0; i < 3; i++) queue.add({ start: () => begun.push(name) > 0 });
    while (threads.used > 0) queues.get(begun.at(-1)!)!.ended();
    assert.equal(begun.join(""), "aabcabcbc");
  });

  it("one that cannot begin holds no thread", () => {
    const threads = new LookupThreads(2);
    const queue = new LookupQueue<Queued>(threads);
    for (let i = 0; i < 10_000; i++) queue.add({ start: () => false });
    assert.equal(threads.used, 0);
  });
});
