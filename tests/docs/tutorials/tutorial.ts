/** A tutorial, followed word for word, if this machine has the tools of its language. */
import { describe, it } from "node:test";
import { readPage } from "../../../docs/site/pages.ts";
import { hostsNamed } from "../../e2e/host.ts";
import { Reader } from "../script.ts";
import { type Language, lacking } from "../tools.ts";

export function testTutorial(name: string, language: Language): void {
  const [binary] = hostsNamed("binary");
  describe(`docs/tutorials/${name}.md`, { skip: binary!.skip || lacking(language) }, () => {
    it("does what it says", async () => {
      await using reader = await Reader.start();
      await reader.follow(readPage(`docs/tutorials/${name}.md`).blocks);
    });
  });
}
