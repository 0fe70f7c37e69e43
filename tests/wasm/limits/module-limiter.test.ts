import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EngineTrap } from "../../../src/wasm/engine-trap.ts";
import { ModuleLimiter } from "../../../src/wasm/limits/module-limiter.ts";
import { binary } from "../../component/text.ts";

describe("failures to grow", () => {
  it("are told of the guest that had them, and of no other", async () => {
    const limiter = new ModuleLimiter({ memorySize: 65_536, trapOnGrowFailure: true });
    const text = '(module (memory 1) (func (export "grow") (drop (memory.grow (i32.const 1)))))';
    const module = new WebAssembly.Module(limiter.limited(await binary(text)));
    const guests = [limiter.forAnotherGuest(), limiter.forAnotherGuest()].map((own) => {
      const { exports } = new WebAssembly.Instance(module);
      own.instantiated(exports);
      return { own, grow: exports["grow"] as () => void };
    });
    const [first, second] = guests as [(typeof guests)[0], (typeof guests)[0]];
    assert.throws(() => first.grow(), WebAssembly.RuntimeError);
    const trap = new EngineTrap("wasm trap: unreachable");
    assert.equal(first.own.explained(trap).message, "forcing trap when growing memory to 131072 bytes");
    assert.equal(second.own.explained(trap), trap);
  });
});
