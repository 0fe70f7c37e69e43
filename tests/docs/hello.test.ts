/** The component that the first example in TypeScript runs: the commands before the example make it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readPage } from "../../docs/site/pages.ts";
import { hostsNamed } from "../e2e/host.ts";
import { Reader } from "./script.ts";
import { lacking } from "./tools.ts";

const [binary] = hostsNamed("binary");

describe("hello.wasm", { skip: binary!.skip || lacking("Rust") }, () => {
  for (const [path, heading] of [
    ["docs/library.md", "Run a program"],
    ["docs/tutorials/embedding.md", "Run a command and read its output"],
  ] as const) {
    it(`of ${path} says what the example prints`, async () => {
      const { blocks } = readPage(path);
      const making = blocks.filter(({ section, language }) => section === heading && language === "sh");
      assert.equal(making.length, 1);
      await using reader = await Reader.start();
      await reader.follow(making);
      assert.equal(reader.run("pollux run hello.wasm\n"), "hello, world\n");
    });
  }
});
