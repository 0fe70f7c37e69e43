import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventLoopTurn } from "../../../src/core/wait/event-loop-turn.ts";

const nextTask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the turn that guests share", () => {
  it("those that give way go on in the order in which they did, one in a turn of the event loop", async () => {
    const said: string[] = [];
    let over = false;
    const host = (async () => {
      while (!over) {
        await nextTask();
        said.push("host");
      }
    })();
    await Promise.all(["a", "b", "c"].map((guest) => eventLoopTurn.yieldTurn(nextTask).then(() => said.push(guest))));
    over = true;
    await host;
    const order = said.join(" ");
    assert.match(order, /a( host)+ b( host)+ c/);
  });

  it("one whose turn fails is alone with that", async () => {
    const failing = eventLoopTurn.yieldTurn(() => Promise.reject(new Error("of its own")));
    const next = eventLoopTurn.yieldTurn(nextTask);
    await assert.rejects(failing, /of its own/);
    await next;
  });
});
