/** What ends a component that passes another what it may not. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { instantiateComponent } from "../../../src/component/link/instantiate.ts";
import { Trap } from "../../../src/core/wait/errors.ts";
import { EngineTrap } from "../../../src/wasm/engine-trap.ts";
import { binary } from "../text.ts";
import { trapCases } from "./between.ts";
import { handleCases } from "./between-handles.ts";

/** The export of a command. */
async function commandOf(text: string, hostcallFuel?: number): Promise<() => unknown> {
  const component = new CompiledComponent(parseComponent(await binary(text)));
  const instance = instantiateComponent(component, {}, hostcallFuel === undefined ? {} : { hostcallFuel });
  const command = instance.exports["wasi:cli/run"];
  assert.ok(typeof command === "object" && command !== null && "run" in command && typeof command.run === "function");
  return command.run as () => unknown;
}

describe("between components", () => {
  for (const { what, text, said } of [...trapCases, ...handleCases]) {
    it(`${what}: ${said ?? "fine"}`, async () => {
      // What they pass to each other is not copied by the host.
      const run = await commandOf(text, 0);
      if (said === undefined) {
        run();
        return;
      }
      assert.throws(run, (error) => {
        assert.ok(error instanceof Trap, String(error));
        assert.equal(error.message, said);
        assert.equal(error instanceof EngineTrap, said.startsWith("wasm trap: "), "the exit status");
        return true;
      });
    });
  }
});
