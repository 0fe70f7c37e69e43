import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Condition } from "../../../../src/core/wait/condition.ts";
import { BlockingPoll } from "../../../../src/core/wait/poll.ts";
import { Pollable } from "../../../../src/wasi/p2/io/pollable.ts";
import { eachSelector } from "../../../machine.ts";

const ms = 1e6;

await eachSelector((name, machine) => {
  describe(`pollables over ${name}`, () => {
    it("a timer made too late says no at the first look only, and blocks nobody", () => {
      const poll = new BlockingPoll(machine);
      const late = new Pollable(Condition.timer(machine.now()), machine.now());
      assert.deepEqual([late.ready(poll), late.ready(poll), late.ready(poll)], [false, true, true]);
      const future = new Pollable(Condition.timer(machine.now() + ms), machine.now());
      poll.block(future.condition);
      assert.equal(future.ready(poll), true);
    });
  });
});
