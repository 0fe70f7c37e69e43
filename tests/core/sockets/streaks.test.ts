/** What calls in a row about one connection save: sends that leave together, a receive that would find nothing. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Condition } from "../../../src/core/wait/condition.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import type { TcpHandle } from "../../../src/machine/sockets.ts";
import { monotonicClock } from "../../../src/wasi/p2/clocks/monotonic-clock.ts";
import { wallClock } from "../../../src/wasi/p2/clocks/wall-clock.ts";
import { eachSelector } from "../../machine.ts";
import { close, connect, context, ok, type Pair } from "./sockets.ts";

interface Counts {
  /** The bytes of each send that took some. */
  readonly sends: number[];
  receives: number;
}

/** A machine whose TCP sockets count their calls. */
function counting(machine: Machine): { machine: Machine; counts: Counts } {
  const counts: Counts = { sends: [], receives: 0 };
  const counted = (handle: TcpHandle): TcpHandle =>
    new Proxy(handle, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          const result: unknown = Reflect.apply(value, target, args);
          if (name === "receive") counts.receives++;
          if (name === "send" && typeof result === "number") counts.sends.push(result);
          return name === "accept" && typeof result === "object" ? counted(result as TcpHandle) : result;
        };
      },
    });
  const createTcpSocket: Machine["net"]["createTcpSocket"] = (family) => {
    const handle = machine.net.createTcpSocket(family);
    return typeof handle === "string" ? handle : counted(handle);
  };
  return { machine: { ...machine, net: { ...machine.net, createTcpSocket } }, counts };
}

await eachSelector((name, real) => {
  const { machine, counts } = counting(real);
  const cx = context(machine);
  const { poll } = cx;

  function write({ near }: Pair, length: number, first = 0): void {
    ok(near.output.checkWrite());
    assert.equal(near.output.write(Uint8Array.from({ length }, (_, i) => first + i)), undefined);
    assert.equal(poll.run(near.output.blockingFlush()), undefined);
  }

  function wait(): void {
    poll.block(Condition.timer(0));
  }

  /** A pair whose near end has had a streak of so many writes. */
  function used(writes: number): Pair {
    const pair = connect(cx);
    for (let i = 0; i < writes; i++) write(pair, 1);
    wait();
    counts.sends.length = 0;
    return pair;
  }

  describe(`streaks of calls over ${name}`, () => {
    const cases = [
      { what: "one write a streak is sent at once", streaks: [[1], [1], [1]], before: [[1], [1], [1]] },
      {
        what: "the second of two takes the first along",
        streaks: [
          [1, 2],
          [1, 2],
          [3, 4],
        ],
        before: [[1, 2], [3], [7]],
      },
      {
        what: "three as three",
        streaks: [
          [1, 2, 3],
          [1, 2, 3],
        ],
        before: [[1, 2, 3], [6]],
      },
      {
        what: "more than before: the rest at once",
        streaks: [
          [1, 2],
          [1, 2, 3, 4],
        ],
        before: [
          [1, 2],
          [3, 3, 4],
        ],
      },
      {
        what: "fewer than before: with the end, and the next as they were",
        streaks: [[1, 2, 3], [1, 2], [4], [5]],
        before: [[1, 2, 3], [], [], [5]],
      },
      {
        what: "nothing that is large",
        streaks: [
          [1, 1],
          [20_000, 1],
          [1, 20_000],
        ],
        before: [
          [1, 1],
          [20_000, 1],
          [1, 20_000],
        ],
      },
    ];
    for (const { what, streaks, before } of cases) {
      it(what, () => {
        const pair = connect(cx);
        counts.sends.length = 0;
        streaks.forEach((lengths, i) => {
          for (const length of lengths) write(pair, length);
          assert.deepEqual(counts.sends, before[i]);
          wait();
          assert.equal(
            counts.sends.reduce((sum, sent) => sum + sent, 0),
            lengths.reduce((sum, length) => sum + length, 0),
          );
          counts.sends.length = 0;
        });
        close(pair);
      });
    }

    const other = connect(cx);
    const ends: Readonly<Record<string, (pair: Pair) => void | Promise<void>>> = {
      "a wait": wait,
      "a look": () => void poll.look(Condition.ready()),
      "a write to another": () => write(other, 1),
      "a read of another": () => void other.far.input.read(1),
      "a call on sockets, or one that found nothing": () => poll.advanceNext(),
      "the monotonic clock": () => void call(monotonicClock({ ...cx, machine, poll, started: 0 } as never).now),
      "the wall clock": () => void call(wallClock({ ...cx, machine, poll } as never).now),
      "shutdown(send)": ({ client }) => void client.shutdown("send"),
      "dropping the stream": ({ near }) => void near.output.dispose(),
      "the guest's exit": () => poll.advanceAll(),
      "its return to the host": () => Promise.resolve(),
    };
    for (const [what, end] of Object.entries(ends)) {
      it(`${what} ends one: what was held back leaves`, async () => {
        const pair = used(2);
        write(pair, 1);
        assert.deepEqual(counts.sends, []);
        await end(pair);
        assert.equal(counts.sends[0], 1);
        if (what !== "dropping the stream") close(pair);
        else {
          pair.near.input.dispose();
          pair.client.close();
        }
      });
    }

    it("a read that got less than it asked for is followed by none", () => {
      const pair = connect(cx);
      write(pair, 10);
      poll.block(pair.far.input.readiness);
      counts.receives = 0;
      assert.equal(pair.far.input.read(4), 4, "there may be more");
      assert.equal(pair.far.input.read(100), 6);
      assert.equal(counts.receives, 2);
      assert.equal(pair.far.input.read(100), 0);
      assert.equal(counts.receives, 2);
      assert.equal(pair.far.input.read(100), 0);
      assert.equal(counts.receives, 3, "once");
      close(pair);
    });

    it("but for one that a call about something else has come between", () => {
      const pair = connect(cx);
      write(pair, 10);
      poll.block(pair.far.input.readiness);
      assert.equal(pair.far.input.read(100), 10);
      write(pair, 5);
      assert.equal(pair.far.input.read(100), 5, "the guest knows that it has sent this");
      close(pair);
    });

    it("whatever is written, read and waited for in between, each byte arrives in its place", () => {
      const step = fc.oneof(
        { weight: 6, arbitrary: fc.record({ do: fc.constant("write" as const), on: fc.nat(1), length: fc.nat(300) }) },
        {
          weight: 1,
          arbitrary: fc.record({ do: fc.constant("write" as const), on: fc.nat(1), length: fc.nat(40_000) }),
        },
        {
          weight: 2,
          arbitrary: fc.record({ do: fc.constant("read" as const), on: fc.nat(1), length: fc.nat(70_000) }),
        },
        { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant("look" as const), on: fc.nat(1) }) },
      );
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
          const pairs = [connect(cx), connect(cx)];
          const written = [0, 0];
          const read = [0, 0];
          const take = (on: number, got: unknown) => {
            assert.ok(typeof got === "number", String(got));
            for (let i = 0; i < got; i++) assert.equal(machine.buffer[i], (read[on]! + i) % 251);
            read[on]! += got;
          };
          for (const each of steps) {
            if (each.do === "wait") wait();
            else if (each.do === "look") poll.look(pairs[each.on]!.far.input.readiness);
            else if (each.do === "read") take(each.on, pairs[each.on]!.far.input.read(each.length));
            else {
              const { output } = pairs[each.on]!.near;
              const permit = output.checkWrite();
              assert.ok(typeof permit === "number");
              const length = Math.min(each.length, permit);
              const from = written[each.on]!;
              assert.equal(output.write(Uint8Array.from({ length }, (_, i) => (from + i) % 251)), undefined);
              written[each.on]! += length;
            }
          }
          pairs.forEach((pair, on) => {
            pair.client.shutdown("send");
            while (read[on]! < written[on]!) take(on, poll.run(pair.far.input.blockingRead(65_536)));
            assert.equal(poll.run(pair.far.input.blockingRead(1)), "closed");
            close(pair);
          });
        }),
        { numRuns: 60 },
      );
    });
  });
});

function call(method: unknown): unknown {
  assert.ok(typeof method === "function");
  return method();
}
