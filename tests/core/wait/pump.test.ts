/** The waits of many guests at once against what they stand for: a pass over the conditions of each set that is waited for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Condition, PENDING, READY, TIMER } from "../../../src/core/wait/condition.ts";
import { Aborted } from "../../../src/core/wait/errors.ts";
import { PollList } from "../../../src/core/wait/poll-list.ts";
import { SuspendingPoll } from "../../../src/core/wait/suspending-poll.ts";
import { READABLE, Source, type SuspendingSelector, WRITABLE } from "../../../src/machine/selector.ts";
import { createUnsupportedMachine } from "../../../src/machine/unsupported.ts";

const nextTask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What holds of each source, as the test says, on a clock that it sets; a wait ends when the test lets it. */
class Levels implements SuspendingSelector {
  sources: Source[] = [];
  events = new Uint8Array(64);
  now = 0;
  readonly state = new Map<Source, number>();
  readonly registered = new Map<Source, number>();
  selects = 0;
  #resolve: (() => void) | undefined;
  #until = 0;

  setInterest(source: Source, interest: number): boolean {
    if (interest === 0) this.registered.delete(source);
    else this.registered.set(source, interest);
    return true;
  }

  forget(source: Source): void {
    this.registered.delete(source);
  }

  look(source: Source, interest: number): number {
    return (this.state.get(source) ?? 0) & interest;
  }

  select(timeout: number): number {
    assert.equal(timeout, 0);
    this.selects++;
    let count = 0;
    for (const [source, interest] of this.registered) {
      const events = this.look(source, interest);
      if (events === 0) continue;
      this.sources[count] = source;
      this.events[count++] = events;
    }
    return count;
  }

  wait(timeout: number): Promise<void> {
    assert.equal(this.#resolve, undefined, "two waits at once");
    this.#until = this.now + timeout;
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  wake(): void {
    this.#until = this.now;
  }

  /** Ends the wait that is pending, if it would end by itself. Returns whether it does. */
  pass(): boolean {
    const fires = [...this.registered].some(([source, interest]) => this.look(source, interest) !== 0);
    if (this.#resolve === undefined || (!fires && this.#until > this.now)) return false;
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve();
    return true;
  }

  /** Lets all go on that can. */
  async settle(): Promise<void> {
    let passes = 0;
    do {
      await nextTask();
      assert.ok(passes++ < 20, "it spins");
    } while (this.pass());
  }

  close(): void {}
}

function machineOf(selector: Levels) {
  return { ...createUnsupportedMachine(), selector, now: () => selector.now };
}

/** The indices of the conditions that hold, by their definition. */
function ready(selector: Levels, conditions: readonly Condition[]): number[] {
  return conditions.flatMap(({ kind, source, interest, deadline }, i) => {
    if (kind === READY) return [i];
    if (kind === PENDING) return [];
    if (kind === TIMER) return deadline <= selector.now ? [i] : [];
    return source !== undefined && selector.look(source, interest) !== 0 ? [i] : [];
  });
}

interface Wait {
  readonly guest: number;
  readonly list: PollList;
  readonly conditions: readonly Condition[];
  answer: { readonly indices: readonly number[] } | { readonly error: unknown } | undefined;
}

const interest = fc.constantFrom(READABLE, WRITABLE, READABLE | WRITABLE);
const begin = fc.record({
  do: fc.constant("wait" as const),
  guest: fc.nat(2),
  list: fc.nat(5),
  entries: fc.array(fc.nat(8), { minLength: 1, maxLength: 5 }),
});
const step = fc.oneof(
  begin,
  begin,
  begin,
  fc.record({ do: fc.constant("state" as const), source: fc.nat(2), bits: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constant("state" as const), source: fc.nat(2), bits: fc.constant(0) }),
  fc.record({ do: fc.constant("settle" as const), condition: fc.nat(5) }),
  fc.record({ do: fc.constant("suspend" as const), condition: fc.nat(5) }),
  fc.record({ do: fc.constant("watch" as const), condition: fc.nat(5), source: fc.nat(2), interest }),
  fc.record({ do: fc.constant("retime" as const), timer: fc.nat(2), deadline: fc.nat(60) }),
  fc.record({ do: fc.constant("pass" as const), ns: fc.nat(8) }),
  fc.record({ do: fc.constant("abort" as const), guest: fc.nat(2) }),
  fc.record({ do: fc.constant("close" as const), guest: fc.nat(2) }),
);

describe("the pump", () => {
  it("answers each wait when a pass over its set finds something, and with all of that", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const selector = new Levels();
        const first = new SuspendingPoll(machineOf(selector));
        const polls = [first.forAnotherGuest(), first.forAnotherGuest(), first.forAnotherGuest()];
        const sources = Array.from({ length: 3 }, (_, id) => new Source(id));
        const watching = Array.from({ length: 6 }, (_, i) =>
          Condition.source(sources[i % 3]!, i < 3 ? READABLE : WRITABLE),
        );
        const timers = [10, 20, 30].map((deadline) => Condition.timer(deadline));
        const all = [...watching, ...timers];
        const lists = Array.from({ length: 6 }, () => new PollList());
        const waits = new Set<Wait>();

        const wait = (guest: number, list: PollList, entries: readonly number[]): void => {
          if ([...waits].some((other) => other.list === list)) return;
          const conditions = entries.map((i) => all[i]!);
          list.resize(conditions.length);
          conditions.forEach((condition, i) => {
            list.set(i, condition);
          });
          const expected = ready(selector, conditions);
          const found = polls[guest]!.poll(list);
          if (typeof found === "number") {
            const indices = [...list.ready.subarray(0, found)];
            assert.ok(indices.length > 0 && indices.every((i) => expected.includes(i)));
            return;
          }
          const begun: Wait = { guest, list, conditions, answer: undefined };
          waits.add(begun);
          found.then(
            (count) => {
              begun.answer = { indices: [...list.ready.subarray(0, count)] };
            },
            (error) => {
              begun.answer = { error };
            },
          );
        };

        const of = (guest: number): Wait[] => [...waits].filter((each) => each.guest === guest);

        for (const each of steps) {
          switch (each.do) {
            case "wait":
              wait(each.guest, lists[each.list]!, each.entries);
              break;
            case "state":
              selector.state.set(sources[each.source]!, each.bits);
              break;
            case "settle":
              watching[each.condition]!.markReady();
              break;
            case "suspend":
              watching[each.condition]!.markPending();
              break;
            case "watch":
              watching[each.condition]!.watch(sources[each.source], each.interest);
              break;
            case "retime":
              timers[each.timer]!.retime(each.deadline);
              break;
            case "pass":
              selector.now += each.ns;
              break;
            case "abort":
              polls[each.guest]!.abort("enough");
              await selector.settle();
              for (const aborted of of(each.guest)) {
                assert.ok(aborted.answer !== undefined && "error" in aborted.answer);
                assert.ok(aborted.answer.error instanceof Aborted);
                waits.delete(aborted);
              }
              polls[each.guest] = first.forAnotherGuest();
              break;
            case "close":
              polls[each.guest]!.closeAll();
              for (const closed of of(each.guest)) waits.delete(closed);
              break;
          }
          await selector.settle();
          for (const each of waits) {
            const expected = ready(selector, each.conditions);
            assert.deepEqual(each.answer, expected.length === 0 ? undefined : { indices: expected });
            if (each.answer !== undefined) waits.delete(each);
          }
        }
      }),
      { numRuns: 1000, seed: 8 },
    );
  });

  it("wakes for the nearer of two timers that are put forward while it sleeps", async () => {
    const selector = new Levels();
    const poll = new SuspendingPoll(machineOf(selector));
    const timers = [10, 30].map((deadline) => Condition.timer(deadline));
    const wait = poll.poll(PollList.of(...timers));
    await selector.settle();
    timers[1]!.retime(20);
    timers[0]!.retime(0);
    await selector.settle();
    assert.equal(await wait, 1);
  });

  it("answers timers of many sets in their order, each wait in few looks", async () => {
    const selector = new Levels();
    const first = new SuspendingPoll(machineOf(selector));
    const rung: number[] = [];
    const deadlines = Array.from({ length: 1000 }, (_, i) => 1 + ((i * 377) % 1000));
    for (const deadline of deadlines) {
      const wait = first
        .forAnotherGuest()
        .poll(PollList.of(Condition.timer(deadline), Condition.timer(deadline + 5000)));
      void Promise.resolve(wait).then(() => rung.push(deadline));
    }
    await selector.settle();
    const before = selector.selects;
    for (; selector.now < 1000; selector.now++) await selector.settle();
    await selector.settle();
    assert.deepEqual(
      rung,
      [...deadlines].sort((a, b) => a - b),
    );
    assert.ok(selector.selects - before <= 4000, `${selector.selects - before} looks`);
  });

  it("answers a thousand at once a few in each turn of the event loop", async () => {
    const selector = new Levels();
    const first = new SuspendingPoll(machineOf(selector));
    const condition = Condition.ready();
    condition.markPending();
    let answered = 0;
    for (let i = 0; i < 1000; i++) {
      void Promise.resolve(first.forAnotherGuest().poll(PollList.of(condition))).then(() => answered++);
    }
    condition.markReady();
    const before = selector.selects;
    let turns = 0;
    let most = 0;
    for (let last = 0; answered < 1000; last = answered, turns++) {
      await nextTask();
      selector.pass();
      await nextTask();
      most = Math.max(most, answered - last);
      assert.ok(turns < 200);
    }
    assert.ok(most <= 16, `${most} in one turn`);
    assert.ok(selector.selects - before < 5);
  });
});
