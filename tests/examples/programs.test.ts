/** The examples that are programs with the library, on every runtime. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { freePort } from "../e2e/client.ts";
import { Example, examples } from "./example.ts";

const runtimes = ["node", "bun", "deno"] as const;

/** What they print, to their end. */
const printed: Readonly<Record<string, () => string>> = {
  "two-guests": () => "9 words\nclient: exit code 0; server: the client is done\n",
  "library-host": () => "/: visit 1\n/docs: visit 1\n/: visit 2\n/,2 /docs,1\n",
  "async-component": () => {
    const text = readFileSync(join(examples, "async-component/README.md"), "utf8");
    return `${text.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase())}${Buffer.byteLength(text)} bytes\n`;
  },
};

for (const [name, expected] of Object.entries(printed)) {
  const example = new Example(name);
  describe(`examples/${name}`, { skip: example.skip }, () => {
    before(() => example.build());
    for (const runtime of runtimes) {
      it(`on ${runtime}`, async () => {
        await using program = example.by(runtime);
        const { status, stdout, stderr } = await program.outcome();
        assert.deepEqual([stdout.toString(), stderr, status], [expected(), "", 0]);
      });
    }
  });
}

const handlers = new Example("http-handler");
describe("examples/http-handler", { skip: handlers.skip }, () => {
  before(() => handlers.build());
  for (const runtime of runtimes) {
    it(`on ${runtime}`, async () => {
      await using program = handlers.by(runtime, await freePort());
      const [, url] = await program.waitFor(/^Serving HTTP on (.*)$/m);
      assert.equal(await (await fetch(url!)).text(), "Hello, World!\n");
      const body = "x".repeat(1_000_000);
      assert.equal(await (await fetch(new URL("echo", url), { method: "POST", body })).text(), body);
    });
  }
});

const testing = new Example("testing");
describe("examples/testing", { skip: testing.skip }, () => {
  before(() => testing.build());
  for (const [runner, passed] of [
    ["node", /^. pass 3$/m],
    ["bun", /^ 3 pass$/m],
    ["vitest", /^ +Tests +3 passed/m],
  ] as const) {
    it(`by ${runner}`, async () => {
      await using program = testing.by(runner);
      const { status, stdout, stderr } = await program.outcome();
      assert.equal(status, 0, `${stdout}${stderr}`);
      assert.match(`${stdout}${stderr}`, passed);
    });
  }
});
