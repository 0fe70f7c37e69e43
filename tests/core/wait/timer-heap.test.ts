import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Condition, Waiter } from "../../../src/core/wait/condition.ts";
import { NEVER } from "../../../src/core/wait/deadline.ts";
import { TimerHeap } from "../../../src/core/wait/timer-heap.ts";

const deadline = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(NEVER));
const step = fc.oneof(
  fc.record({ do: fc.constant("add" as const), deadline }),
  fc.record({ do: fc.constant("remove" as const), which: fc.nat(30) }),
  fc.record({ do: fc.constant("retime" as const), which: fc.nat(30), deadline }),
  fc.record({ do: fc.constant("pass" as const), ns: fc.integer({ min: 0, max: 10 }) }),
);

describe("the timer heap", () => {
  it("says when the first may be due, never too late, and finds all that are", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const heap = new TimerHeap();
        const timers: Waiter[] = [];
        let now = 0;
        for (const each of steps) {
          const timer = "which" in each ? timers[each.which % Math.max(timers.length, 1)] : undefined;
          if (each.do === "add") {
            const added = new Waiter(Condition.timer(each.deadline), undefined);
            timers.push(added);
            heap.add(added);
          } else if (each.do === "pass") {
            now += each.ns;
          } else if (timer !== undefined && each.do === "remove") {
            timers.splice(timers.indexOf(timer), 1);
            heap.remove(timer);
          } else if (timer !== undefined && each.do === "retime") {
            timer.condition.retime(each.deadline);
            heap.changed(timer);
          }
          const due = timers.filter((each) => each.condition.deadline <= now);
          const found: Waiter[] = [];
          const count = heap.collect(now, found, 0);
          assert.deepEqual(new Set(found.slice(0, count)), new Set(due));
          assert.equal(count, due.length);
          const next = heap.next(now);
          const first = Math.min(NEVER, ...timers.map((each) => each.condition.deadline));
          assert.ok(due.length > 0 ? next <= now : next > now && next <= first, `${next} where ${first} is the first`);
          assert.equal(heap.size, timers.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("a deadline that is put off moves nothing until the time when it would have been due", () => {
    const heap = new TimerHeap();
    const timers = Array.from({ length: 100 }, (_, i) => new Waiter(Condition.timer(10 + i), undefined));
    for (const timer of timers) heap.add(timer);
    for (const timer of timers) {
      timer.condition.retime(1000);
      heap.changed(timer);
      assert.notEqual(timer.due, 1000);
    }
    assert.equal(heap.next(0), 10);
    assert.ok(heap.next(10) <= 12, "the others are still where they were");
    assert.equal(heap.next(500), 1000);
  });

  it("a collect that comes by those that were put off gives them their places", () => {
    const heap = new TimerHeap();
    const timers = Array.from({ length: 100 }, (_, i) => new Waiter(Condition.timer(10 + i), undefined));
    for (const timer of timers) heap.add(timer);
    for (const timer of timers) timer.condition.retime(1000);
    assert.equal(heap.collect(500, [], 0), 0);
    assert.deepEqual(
      timers.filter((timer) => timer.due !== 1000),
      [],
    );
  });
});
