/** How many calls of guests may be suspended, and how deep they may lie in one another. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { Trap } from "../../src/core/wait/errors.ts";
import { EngineTrap } from "../../src/wasm/engine-trap.ts";
import { promising } from "../../src/wasm/jspi.ts";
import type { CoreFunction } from "../../src/wasm/types.ts";
import { binary } from "../component/text.ts";

const module = new WebAssembly.Module(
  await binary('(module (import "" "out" (func $out)) (func (export "call") (call $out)))'),
);

/** A guest's function that calls out. */
function calling(out: (() => void) | WebAssembly.Suspending): CoreFunction {
  return new WebAssembly.Instance(module, { "": { out: out as () => void } }).exports["call"] as CoreFunction;
}

/** More than V8 has mappings for: it would end the process. */
const TOO_MANY = 40_000;
const most = "Bun" in globalThis ? TOO_MANY : 10_000;

/** Suspends as many calls as may be, until all are ended in that way. Returns how many there were, and why there was no other. */
async function suspendAll(end: "resolve" | "reject"): Promise<{ readonly count: number; readonly refused: unknown }> {
  const { promise, [end]: settle } = Promise.withResolvers<unknown>();
  const call = promising(calling(new WebAssembly.Suspending(() => promise)));
  const calls: unknown[] = [];
  let refused: unknown;
  while (calls.length < TOO_MANY && refused === undefined) {
    try {
      calls.push(call());
    } catch (error) {
      refused = error;
    }
  }
  settle(new Error("ended"));
  const ends = await Promise.allSettled(calls);
  assert.ok(ends.every(({ status }) => status === (end === "resolve" ? "fulfilled" : "rejected")));
  return { count: calls.length, refused };
}

it("who would suspend too many calls is ended, and what has returned or thrown counts no more", async () => {
  for (const end of ["reject", "resolve", "resolve"] as const) {
    const { count, refused } = await suspendAll(end);
    assert.equal(count, most);
    if (most === TOO_MANY) continue;
    assert.ok(refused instanceof Trap && !(refused instanceof EngineTrap), String(refused));
    assert.equal(refused.message, "cannot suspend another call: the process has 10000 suspended");
  }
});

it("calls that lie too deep in one another end as of a stack that is used up, and all hear of it", async () => {
  const ends: unknown[] = [];
  const nest = (depth: number): void => {
    if (depth === 0) return;
    const call = promising(calling(() => nest(depth - 1)));
    ends.push(call());
  };
  nest(200);
  assert.equal((await Promise.allSettled(ends)).length, 200);
  ends.length = 0;
  // Deeper than V8's own stack allows.
  nest(2000);
  const settled = await Promise.allSettled(ends);
  assert.equal(settled.length, 200);
  const [innermost] = settled;
  assert.ok(innermost?.status === "rejected" && innermost.reason instanceof EngineTrap);
  assert.equal(innermost.reason.message, "wasm trap: call stack exhausted");
});
