/** The registry against what it stands for: a pass over all conditions of a list, on a selector that reports levels. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Condition, PENDING, READY, TIMER } from "../../../src/core/wait/condition.ts";
import { type Blocking, BlockingPoll } from "../../../src/core/wait/poll.ts";
import { PollList } from "../../../src/core/wait/poll-list.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { READABLE, type Selector, Source, WRITABLE } from "../../../src/machine/selector.ts";
import { createUnsupportedMachine } from "../../../src/machine/unsupported.ts";

/** What holds of each source, as the test says; `registered` is what a kernel would know. */
class Levels implements Selector {
  sources: Source[] = [];
  events = new Uint8Array(64);
  readonly state = new Map<Source, number>();
  readonly registered = new Map<Source, number>();
  selects = 0;
  changes = 0;

  setInterest(source: Source, interest: number): boolean {
    this.changes++;
    if (source.id < 0) return false;
    if (interest === 0) this.registered.delete(source);
    else this.registered.set(source, interest);
    return true;
  }

  forget(source: Source): void {
    this.registered.delete(source);
  }

  look(source: Source, interest: number): number {
    return source.id < 0 ? interest : (this.state.get(source) ?? 0) & interest;
  }

  select(timeout: number): number {
    this.selects++;
    let count = 0;
    for (const [source, interest] of this.registered) {
      const events = (this.state.get(source) ?? 0) & interest;
      if (events === 0) continue;
      this.sources[count] = source;
      this.events[count++] = events;
    }
    assert.ok(count > 0 || timeout !== Number.POSITIVE_INFINITY, "a wait for ever, for nothing");
    return count;
  }

  close(): void {}
}

function machineOf(selector: Levels, clock: { now: number }): Machine {
  return { ...createUnsupportedMachine(), selector, now: () => clock.now };
}

/** Whether a condition holds, by its definition. */
function isReady(selector: Levels, now: number, { kind, source, interest, deadline, confirm }: Condition): boolean {
  if (kind === READY) return true;
  if (kind === PENDING) return false;
  if (kind === TIMER) return deadline <= now;
  const reported = source === undefined || (selector.look(source, interest) & interest) !== 0;
  return reported && (confirm === undefined || confirm());
}

const words = new Int32Array(32);
const doubles = new Float64Array(words.buffer);
const interest = fc.constantFrom(READABLE, WRITABLE, READABLE | WRITABLE);
const lists = fc.integer({ min: 0, max: 1 });
const step = fc.oneof(
  fc.record({ do: fc.constant("state" as const), source: fc.nat(2), bits: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constant("settle" as const), condition: fc.nat(6) }),
  fc.record({ do: fc.constant("suspend" as const), condition: fc.nat(6) }),
  fc.record({ do: fc.constant("watch" as const), condition: fc.nat(6), source: fc.nat(3), interest }),
  fc.record({ do: fc.constant("retime" as const), timer: fc.nat(2), deadline: fc.nat(40) }),
  fc.record({ do: fc.constant("pass" as const), ns: fc.nat(5) }),
  fc.record({
    do: fc.constant("list" as const),
    list: lists,
    offset: fc.nat(3),
    keys: fc.array(fc.integer({ min: 2, max: 11 }), { maxLength: 12 }),
  }),
  fc.record({ do: fc.constant("poll" as const), list: lists }),
  fc.record({ do: fc.constant("poll" as const), list: lists }),
  fc.record({
    do: fc.constant("forget" as const),
    list: lists,
    offset: fc.nat(3),
    key: fc.integer({ min: 2, max: 11 }),
  }),
  fc.record({ do: fc.constant("block" as const), condition: fc.nat(6) }),
);

describe("the registry", () => {
  it("finds what a pass over the list finds, whatever has changed and whichever list was polled before", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
        const selector = new Levels();
        const clock = { now: 0 };
        let pretending = false;
        const poll = new BlockingPoll(machineOf(selector, clock));
        // The last one is a file, which the machine cannot wait for.
        const sources = [...Array.from({ length: 3 }, (_, id) => new Source(id)), new Source(-1)];
        const conditions = Array.from({ length: 7 }, (_, i) =>
          i < 2 ? Condition.ready() : Condition.source(sources[i % 3]!, i < 5 ? READABLE : WRITABLE),
        );
        conditions[3]!.confirm = () => clock.now % 2 === 0;
        conditions[5]!.confirm = () => clock.now % 3 !== 0;
        // As of a connect that is over: ready from then on.
        const settling = conditions[6]!;
        settling.confirm = () => {
          if (!pretending) settling.markReady();
          return true;
        };
        const timers = Array.from({ length: 3 }, (_, i) => Condition.timer(10 * i));
        // By key. The first is in every list, so that no poll has to wait.
        const all = [Condition.ready(), ...conditions, ...timers];
        const polled = [new PollList(), new PollList()];
        const keys: number[][] = [[], []];
        /** Has a list compared with its keys, which lie somewhere in memory. */
        const update = (which: number, offset: number, ...forgotten: readonly number[]): void => {
          const { length } = keys[which]!;
          words.set(keys[which]!, offset);
          const list = polled[which]!;
          list.begin({ words, doubles }, offset, length);
          for (const key of forgotten) list.forget(key);
          for (let i = list.next(0); i < length; i = list.next(i + 1)) list.place(i, all[words[offset + i]! - 1]!);
          list.finish(length);
        };
        for (const each of steps) {
          switch (each.do) {
            case "state":
              selector.state.set(sources[each.source]!, each.bits);
              break;
            case "settle":
              conditions[each.condition]!.markReady();
              break;
            case "suspend":
              conditions[each.condition]!.markPending();
              break;
            case "watch":
              conditions[each.condition]!.watch(sources[each.source], each.interest);
              break;
            case "retime":
              timers[each.timer]!.retime(each.deadline);
              break;
            case "pass":
              clock.now += each.ns;
              break;
            case "list": {
              keys[each.list] = [...each.keys, 1];
              update(each.list, each.offset);
              break;
            }
            case "forget": {
              // The handle has gone, and the next one is given its index: another pollable of the same condition, or not.
              const [a, b] = [each.key - 1, each.list === 0 ? 1 : 8];
              [all[a], all[b]] = [all[b]!, all[a]!];
              for (const i of [0, 1]) update(i, each.offset, a + 1, b + 1);
              break;
            }
            case "poll": {
              const entries = keys[each.list]!.map((key) => all[key - 1]!);
              pretending = true;
              const expected = entries.flatMap((condition, i) => (isReady(selector, clock.now, condition) ? [i] : []));
              pretending = false;
              if (entries.length === 0) break;
              const list = polled[each.list]!;
              const count = poll.poll(list);
              assert.deepEqual([...list.ready.subarray(0, count)], expected);
              for (const [source, bits] of selector.registered) {
                const wanted = entries.reduce((sum, c) => (c.source === source ? sum | c.interest : sum), 0);
                const reported = (selector.state.get(source) ?? 0) & bits;
                assert.ok(reported === 0 || (reported & wanted) !== 0, "what nobody asks for is reported again");
              }
              break;
            }
            case "block": {
              const condition = conditions[each.condition]!;
              pretending = true;
              const ready = isReady(selector, clock.now, condition);
              pretending = false;
              if (ready) poll.block(condition);
              break;
            }
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("has a key placed anew that was forgotten, whatever the guest has written there", () => {
    const list = new PollList();
    const memory = { words: Int32Array.of(1, 2, 3, 0), doubles: new Float64Array() };
    memory.doubles = new Float64Array(memory.words.buffer);
    const placed = (...forgotten: readonly number[]): number[] => {
      const found: number[] = [];
      list.begin(memory, 0, 3);
      for (const key of forgotten) list.forget(key);
      for (let i = list.next(0); i < 3; i = list.next(i + 1)) {
        found.push(memory.words[i]!);
        if (memory.words[i]! > 0 && memory.words[i]! < 4) list.place(i, Condition.ready());
      }
      list.finish(3);
      return found;
    };
    assert.deepEqual(placed(), [1, 2, 3]);
    for (const odd of [0, -1, -2, 0x7fffffff, -0x80000000]) {
      memory.words.set([1, 2, 3]);
      placed(2);
      memory.words[1] = odd;
      assert.deepEqual(placed(2), [odd]);
    }
  });

  it("asks the selector nothing for what has not changed, and once for what has", () => {
    const selector = new Levels();
    const poll = new BlockingPoll(machineOf(selector, { now: 0 }));
    const sources = Array.from({ length: 1000 }, (_, id) => new Source(id));
    const conditions = sources.map((source) => Condition.source(source, READABLE));
    const list = PollList.of(...conditions, Condition.ready());
    assert.equal(poll.poll(list), 1);
    assert.equal(selector.changes, 1000);
    for (let i = 0; i < 10; i++) assert.equal(poll.poll(list), 1);
    assert.equal(selector.changes, 1000);
    conditions[5]!.watch(sources[5], WRITABLE);
    conditions[6]!.markReady();
    list.set(7, conditions[8]!);
    assert.equal(poll.poll(list), 2);
    assert.equal(selector.changes, 1001);
    const passing = Condition.source(new Source(1000), READABLE);
    list.set(8, passing);
    passing.markReady();
    assert.equal(poll.poll(list), 3);
    assert.equal(selector.changes, 1001, "it never came to a wait");
    poll.block(Condition.ready());
    assert.equal(poll.poll(list), 3);
    assert.equal(selector.changes, 1001, "another set was waited for in between");
  });

  it("has forgotten what a wait had found that a `confirm` ended", () => {
    const selector = new Levels();
    const poll = new BlockingPoll(machineOf(selector, { now: 0 }));
    const sources = [new Source(1), new Source(2)];
    const conditions = sources.map((source) => Condition.source(source, READABLE));
    conditions[0]!.confirm = () => {
      throw new Error("once");
    };
    conditions[1]!.confirm = () => true;
    const list = PollList.of(...conditions, Condition.timer(0));
    for (const source of sources) selector.state.set(source, READABLE);
    assert.throws(() => poll.poll(list), /once/);
    for (const source of sources) selector.state.set(source, 0);
    const found = poll.poll(list);
    assert.deepEqual([...list.ready.subarray(0, found)], [2]);
  });

  it("drains every sink whose source takes something, in a wait for something else", () => {
    const selector = new Levels();
    const poll = new BlockingPoll(machineOf(selector, { now: 0 }));
    const sinks = Array.from({ length: 3 }, (_, id) => {
      const source = new Source(id);
      const advance = (): boolean => --sinks[id]!.left === 0;
      return { source, interest: WRITABLE, readiness: Condition.ready(), left: 2, advance };
    });
    for (const sink of sinks) poll.addDraining(sink, sink.readiness);
    const tick = (): number => poll.poll(PollList.of(Condition.timer(0)));
    tick();
    assert.deepEqual(
      sinks.map(({ left }) => left),
      [2, 2, 2],
    );
    for (const { source } of sinks) selector.state.set(source, WRITABLE);
    selector.state.set(sinks[2]!.source, READABLE);
    tick();
    tick();
    assert.deepEqual(
      sinks.map(({ left }) => left),
      [0, 0, 2],
    );
    const before = selector.selects;
    const steps = function* (): Blocking<void> {
      yield Condition.ready();
    };
    poll.run(steps());
    assert.equal(selector.selects - before, 1, "what is drained ends no wait");
  });
});
