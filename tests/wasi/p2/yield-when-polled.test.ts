/** Calls that have nothing to answer when the guest has had its time: what they answer after the host's turn. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { HostFunction } from "../../../src/component/host.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { SuspendingPoll } from "../../../src/core/wait/suspending-poll.ts";
import { createSuspendingMachine } from "../../../src/library/machine.ts";
import { ioPoll } from "../../../src/wasi/p2/io/poll.ts";
import { Pollable } from "../../../src/wasi/p2/io/pollable.ts";
import { yieldWhenPolled } from "../../../src/wasi/p2/yield-when-polled.ts";
import { polling } from "../../../src/wasi/waits.ts";

/** One whose guest has always had its time. */
class Impatient extends SuspendingPoll {
  override yieldTurn(): Promise<void> {
    return Promise.resolve();
  }
}

const machine = await createSuspendingMachine();
after(() => machine.selector.close());

/** The function as a guest has it. */
function given(work: HostFunction): () => unknown {
  const wrapped = yieldWhenPolled({ "wasi:io/poll": { work } }, new Impatient(machine))["wasi:io/poll"];
  assert.ok(typeof wrapped === "object");
  const method = wrapped["work"];
  assert.ok(typeof method === "function");
  return method as () => unknown;
}

describe("polled functions yield", () => {
  it("a timer made too late says no at the first look all the same", async () => {
    const poll = new Impatient(machine);
    const pollable = new Pollable(Condition.timer(0), poll.now());
    const { "[method]pollable.ready": method } = ioPoll({ poll });
    const ready = given(Object.assign(() => (method as (self: Pollable) => boolean)(pollable), method));
    assert.deepEqual([await ready(), await ready(), await ready()], [false, true, true]);
  });

  it("what else has come meanwhile is answered", async () => {
    const answers = [[], ["a datagram"]];
    const isNothing = (found: unknown) => Array.isArray(found) && found.length === 0;
    const receive = given(polling(() => answers.shift(), { isNothing, again: true }));
    assert.deepEqual(await receive(), ["a datagram"]);
  });

  it("others are left as they are", () => {
    const work = () => "plain";
    assert.equal(given(work), work);
  });
});
