/**
 * docs/transcript.md: what newcomers see, for each language.
 *
 *     node tests/newcomer/transcript.ts > docs/transcript.md
 */
import { join } from "node:path";
import process from "node:process";
import { type Language, languages } from "../../src/cli/options/project-flags.ts";
import { FromRegistry } from "./install.ts";
import { Newcomer } from "./newcomer.ts";
import { noToolchain } from "./toolchains.ts";

const HEAD = `# The first ten minutes

What somebody sees who installs Pollux, makes a project, works on it and deploys it. A test plays this
(\`tests/newcomer\`); this page is what it saw, by \`node tests/newcomer/transcript.ts\`. Times in it
stand for any.
`;

/** As they stand in the page. */
export const sections: ReadonlyMap<Language, string> = new Map([
  ["rust", "Rust"],
  ["c", "C"],
  ["go", "Go"],
  ["python", "Python"],
  ["js", "JavaScript"],
]);

/** What differs between machines: paths of this one, and what the toolchains say. */
export function withoutMachine(text: string): string {
  return text
    .replaceAll(join(import.meta.dirname, "../.."), "~/pollux")
    .replaceAll(
      /^( +(Compiling|Finished|Locking|Updating|Downloaded|Downloading)|Component built|OK |clang|\/.*clang).*\n/gm,
      "",
    );
}

/**
 * With the lines of each block in one order, and without those that may come a little later: who tells first that a guest has
 * started is by chance, Pollux or the guest.
 */
export function inOneOrder(text: string): string {
  const certain = (line: string) => !line.startsWith("pollux: restarted in ");
  return text.replaceAll(/```console\n([\s\S]*?)```/g, (_, block: string) =>
    block.split("\n").filter(certain).sort().join("\n"),
  );
}

/** The page's part for the language. */
export function sectionOf(page: string, lang: Language): string {
  const [, section = ""] = page.split(`\n## ${sections.get(lang)}\n\n`);
  return section.split("\n## ")[0]!.trimEnd();
}

if (import.meta.main) {
  process.stdout.write(HEAD);
  await using install = await FromRegistry.open();
  for (const lang of languages) {
    const missing = noToolchain(lang);
    if (missing !== false) throw new Error(`${lang}: ${missing}`);
    using newcomer = new Newcomer(lang, install);
    await newcomer.play();
    process.stdout.write(`\n## ${sections.get(lang)}\n\n${withoutMachine(newcomer.transcript)}`);
  }
}
