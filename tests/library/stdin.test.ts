/** The process's stdin, which guests have one after the other. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runtime } from "../adapters/runtime.ts";
import { library, ProgramRun } from "../net/program.ts";

const cat = new URL("../guests/cat.wasm", import.meta.url).href;

/** Guests that copy stdin: each is ended when it says so, or when it waits and nothing came. */
const program = (net: string) => `
  import { run } from "${library}";
  async function guest(name, until) {
    const enough = new AbortController();
    const stdout = (bytes) => {
      console.log(name, new TextDecoder().decode(bytes).trim());
      enough.abort("read");
    };
    if (until !== undefined) setTimeout(() => enough.abort("waited"), until);
    const running = run(new URL("${cat}"), { stdin: "inherit", stdout, net: "${net}", signal: enough.signal });
    console.log(name, await running.catch((reason) => reason));
  }
  await guest("first");
  await guest("second", 50);
  await guest("third");
`;

for (const net of ["posix", "evented"] as const) {
  describe(`stdin of guests on ${net} sockets`, () => {
    it("goes to the next one where one that waited for it was ended, and keeps no program alive", {
      timeout: 60_000,
    }, async () => {
      const running = new ProgramRun(program(net));
      running.stdin.write("one\n");
      await running.printed(3);
      running.stdin.write("two\n");
      await running.printed(5);
      // It stays open, save where it must not: Deno gives up no read of it (docs/runtime-sockets.md).
      if (runtime === "deno" && net === "evented") running.stdin.end();
      const { stdout, stderr, status } = await running.end();
      assert.equal(stdout, "first one\nfirst read\nsecond waited\nthird two\nthird read\n");
      assert.deepEqual([stderr, status], ["", 0]);
    });
  });
}
