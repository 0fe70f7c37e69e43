import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PollSelector } from "../../../src/adapters/posix/wait/poll.ts";
import { MAX_WAIT_NS, milliseconds } from "../../../src/adapters/posix/wait/timeout.ts";

describe("milliseconds", () => {
  const cases = [
    [0, 0],
    [1, 1],
    [999_999, 1],
    [1e6, 1],
    [1e6 + 1, 2],
    [MAX_WAIT_NS, 2 ** 31 - 1],
    [MAX_WAIT_NS + 1, 2 ** 31 - 1],
    [Number.MAX_VALUE, 2 ** 31 - 1],
    [Infinity, -1],
  ] as const;
  for (const [ns, ms] of cases) it(`takes ${ns} ns for ${ms} ms`, () => assert.equal(milliseconds(ns), ms));

  it("splits a wait that is longer than an int of ms", () => {
    const waits: number[] = [];
    const block = { pointer: 0, bytes: new Uint8Array(512), view: new DataView(new ArrayBuffer(512)) };
    const sys = {
      poll(_fds: unknown, _count: number, timeout: number) {
        waits.push(timeout);
        return 0;
      },
      allocate: () => block,
    };
    const selector = new PollSelector({ sys, allocate: () => block, pollfd: block, close() {} });
    assert.equal(selector.select(MAX_WAIT_NS * 2 + 5e6), 0);
    assert.deepEqual(waits, [2 ** 31 - 1, 2 ** 31 - 1, 5]);
  });
});
