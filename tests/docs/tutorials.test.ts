/** The tutorials, followed word for word, in each language that this machine has tools for. */
import { describe, it } from "node:test";
import { readPage } from "../../docs/site/pages.ts";
import { hostsNamed } from "../e2e/host.ts";
import { Reader } from "./script.ts";
import { type Language, lacking } from "./tools.ts";

const tutorials: Readonly<Record<string, Language>> = {
  rust: "Rust",
  c: "C",
  go: "Go",
  python: "Python",
  javascript: "JavaScript",
};

const [binary] = hostsNamed("binary");

for (const [name, language] of Object.entries(tutorials)) {
  describe(`docs/tutorials/${name}.md`, { skip: binary!.skip || lacking(language) }, () => {
    it("does what it says", async () => {
      await using reader = await Reader.start();
      await reader.follow(readPage(`docs/tutorials/${name}.md`).blocks);
    });
  });
}
