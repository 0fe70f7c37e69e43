/** The programs in examples/. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runtime } from "../adapters/runtime.ts";
import { guest } from "./serving/served.ts";

const folder = new URL("../../examples/", import.meta.url);

/** Deno's are what the example says. */
const flags = {
  bun: [],
  node: [],
  deno: ["run", "--no-check", "--allow-net", "--allow-read"],
}[runtime];

const example = { bun: "bun-serve.ts", deno: "deno-serve.ts", node: "node-http.ts" }[runtime];

describe(`examples/${example}`, () => {
  it("serves", async () => {
    const file = fileURLToPath(new URL(example, folder));
    const args = [...flags, file, fileURLToPath(guest("serve")), "0"];
    const program = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const url = await served(program);
    assert.equal(await (await fetch(`${url}hello`)).text(), "Hello, World!\n");
    const echoed = await fetch(`${url}echo`, { method: "POST", body: "x".repeat(1_000_000) });
    assert.equal((await echoed.text()).length, 1_000_000);
    program.kill();
    await once(program, "close");
  });
});

/** Where it says that it serves. */
async function served({ stdout }: ChildProcess): Promise<string> {
  let text = "";
  for await (const piece of stdout!) {
    text += piece;
    const [, url] = /^Serving HTTP on (.*)$/m.exec(text) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error(`it ended, having said: ${text}`);
}
