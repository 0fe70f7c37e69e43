/** The programs in examples/. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
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

describe("examples/async-component.ts", () => {
  it("writes what the component makes of a file", () => {
    const path = (url: string) => fileURLToPath(new URL(url, import.meta.url));
    const file = path("examples.test.ts");
    const args = [path("../../examples/async-component.ts"), path("../guests/upper.wasm"), file];
    const all = runtime === "deno" ? ["run", "--no-check", "-A", ...args] : args;
    const { stdout, stderr, status } = spawnSync(process.execPath, all, { encoding: "utf8" });
    const text = readFileSync(file, "utf8");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.equal(
      stdout,
      `${text.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase())}${Buffer.byteLength(text)} bytes\n`,
    );
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
