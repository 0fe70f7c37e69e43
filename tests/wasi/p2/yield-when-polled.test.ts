/** Calls that have nothing to answer when the guest has had its time: what they answer after the host's turn. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { Condition } from "../../../src/core/wait/condition.ts";
import { SuspendingPoll } from "../../../src/core/wait/suspending-poll.ts";
import { createSuspendingMachine } from "../../../src/library/machine.ts";
import { Pollable } from "../../../src/wasi/p2/io/pollable.ts";
import { yieldWhenPolled } from "../../../src/wasi/p2/yield-when-polled.ts";

/** One whose guest has always had its time. */
class Impatient extends SuspendingPoll {
  override yieldTurn(): Promise<void> {
    return Promise.resolve();
  }
}

const machine = await createSuspendingMachine();
after(() => machine.selector.close());

/** The function as a guest has it. */
function given(instance: string, name: string, work: () => unknown): () => unknown {
  const wrapped = yieldWhenPolled({ [instance]: { [name]: work } }, new Impatient(machine))[instance];
  assert.ok(typeof wrapped === "object");
  const method = wrapped[name];
  assert.ok(typeof method === "function");
  return method as () => unknown;
}

describe("giving way", () => {
  it("a timer made too late says no at the first look all the same", async () => {
    const poll = new Impatient(machine);
    const pollable = new Pollable(Condition.timer(0), poll.now());
    const ready = given("wasi:io/poll@0.2.12", "[method]pollable.ready", () => pollable.ready(poll));
    assert.deepEqual([await ready(), await ready(), await ready()], [false, true, true]);
  });

  it("what else has come meanwhile is answered", async () => {
    const answers = [[], ["a datagram"]];
    const receive = given("wasi:sockets/udp@0.2.12", "[method]incoming-datagram-stream.receive", () => answers.shift());
    assert.deepEqual(await receive(), ["a datagram"]);
  });
});
