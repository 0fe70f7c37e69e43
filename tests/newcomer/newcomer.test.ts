/** A newcomer of each language whose toolchain is there, and docs/transcript.md, which is what was to be seen. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { languages } from "../../src/cli/options/project-flags.ts";
import { FromRegistry, notBuilt } from "./install.ts";
import { Newcomer } from "./newcomer.ts";
import { noToolchain } from "./toolchains.ts";
import { inOneOrder, sectionOf, withoutMachine } from "./transcript.ts";

const page = readFileSync(new URL("../../docs/transcript.md", import.meta.url), "utf8");

describe("a newcomer", { skip: notBuilt }, () => {
  let install: FromRegistry;
  before(async () => {
    install = await FromRegistry.open();
  });
  after(() => install[Symbol.asyncDispose]());

  for (const lang of languages) {
    it(`with ${lang}`, { skip: noToolchain(lang) }, async () => {
      using newcomer = new Newcomer(lang, install);
      await newcomer.play();
      assert.equal(inOneOrder(withoutMachine(newcomer.transcript).trimEnd()), inOneOrder(sectionOf(page, lang)));
    });
  }
});
