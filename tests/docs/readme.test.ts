/** README's first component, in each language that this machine has tools for. */
import { describe, it } from "node:test";
import { readPage } from "../../docs/site/pages.ts";
import { hostsNamed } from "../e2e/host.ts";
import { Reader } from "./script.ts";
import { lacking } from "./tools.ts";

const { blocks } = readPage("README.md");
const [client] = blocks.filter(({ words }) => words.includes("client"));
const [binary] = hostsNamed("binary");

for (const language of ["Rust", "C", "Go", "Python"] as const) {
  describe(`README's echo server in ${language}`, { skip: binary!.skip || lacking(language) }, () => {
    it("echoes", async () => {
      await using reader = await Reader.start();
      if (language === "Rust") reader.run("cargo new --quiet echo\ncd echo\n");
      await reader.follow(blocks.filter(({ section }) => section === language));
      await reader.follow([client!, { ...client!, language: "text", words: [], text: "hello\n" }]);
    });
  });
}
