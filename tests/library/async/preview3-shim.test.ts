/** What is written for preview3-shim serves: its streams and futures, and its WASI in the place of Pollux's own. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { cli, clocks } from "@bytecodealliance/preview3-shim";
import { future } from "@bytecodealliance/preview3-shim/future";
import { stream } from "@bytecodealliance/preview3-shim/stream";
import { type HostImports, instantiate } from "../../../src/index.ts";
import { p3 } from "../../e2e/p3.ts";
import { buildGuest, hosted, skip, turns } from "./guest.ts";

describe("preview3-shim", { skip }, () => {
  buildGuest();
  before(() => p3.build());

  it("its StreamReader is a stream", async () => {
    await using app = await hosted();
    const { tx, rx } = stream();
    const call = app.guest.length(rx);
    await tx.write(Buffer.from("one"));
    await turns();
    await tx.write(Buffer.from("two"));
    await tx.close();
    assert.equal(await call, 6n);
  });

  it("its FutureReader is a future", async () => {
    await using app = await hosted();
    const { tx, rx } = future();
    const [text] = await app.guest.text(rx);
    await tx.write(12);
    assert.equal(await text, "12");
  });

  for (const [topic, expected] of [
    ["timers", ""],
    ["hello", "Hello, WASI 0.3!\n"],
  ] as const)
    it(`its clocks and environment serve a command: ${topic}`, async () => {
      const imports: HostImports = {
        "wasi:clocks/monotonic-clock@0.3.0": clocks.monotonicClock,
        "wasi:clocks/system-clock@0.3.0": clocks.systemClock,
        "wasi:cli/environment@0.3.0": cli.environment,
      };
      interface Command {
        readonly "wasi:cli/run": { run(): Promise<void> };
      }
      cli._setArgs(["p3", topic]);
      let said = "";
      const stdout = (bytes: Uint8Array) => {
        said += new TextDecoder().decode(bytes);
      };
      const file = new Uint8Array(readFileSync(p3.file));
      await using app = await instantiate<Command>(file, imports, { wasi: { stdout } });
      await app["wasi:cli/run"].run();
      assert.equal(said, expected);
    });
});
