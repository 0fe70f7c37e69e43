/** Command lines of the documentation: Pollux takes each, and what they name is there. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { type Page, pagePaths, readPage, root } from "../../docs/site/pages.ts";
import { commandNames } from "../../src/cli/options/commands.ts";
import { Guest, hostsNamed } from "../e2e/host.ts";

const [binary] = hostsNamed("binary");

const NO_FILE = /^Error: failed to (?:open wasm module|read config file:) ".*"$/m;

/** Commands that a checkout may be without. */
const coming: ReadonlySet<string> = new Set(["new", "dev", "self-test"]);

interface Line {
  readonly words: readonly string[];
  readonly where: string;
}

/** The lines of its `sh` blocks, comments left out. */
function linesOf({ path, blocks }: Page): Line[] {
  return blocks
    .filter(({ language }) => language === "sh")
    .flatMap(({ text, line }) =>
      text.split("\n").map((each, i) => ({ words: wordsOf(each), where: `${path}:${line + i}` })),
    )
    .filter(({ words }) => words.length > 0);
}

/** As a shell splits it, without expansions: none of our lines has any that counts. */
function wordsOf(line: string): string[] {
  const bare = line.replace(/(?:^|\s)#.*$/, "");
  return [...bare.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replaceAll(/['"]/g, ""));
}

/** Those of Pollux, from the command on, up to where their output goes. */
function polluxWords({ words }: Line): readonly string[] | undefined {
  const at = words.indexOf("pollux");
  if (at < 0 || words.slice(0, at).some((word) => !/^[A-Z_0-9]+=/.test(word))) return undefined;
  const end = words.findIndex((word) => /^[>|&]/.test(word));
  return words.slice(at + 1, end < 0 ? undefined : end);
}

const lines = pagePaths.flatMap((path) => linesOf(readPage(path)));

describe("command lines of the documentation", { skip: binary!.skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "pollux-docs-"));
  after(() => rmSync(folder, { recursive: true }));

  for (const line of lines) {
    const words = polluxWords(line);
    if (words === undefined) continue;
    const [first = ""] = words;
    // It takes a minute.
    const typed = first === "self-test" ? ["help", first] : words;
    const skip = coming.has(first) && !commandNames.has(first);
    it(`${line.where}: pollux ${words.join(" ")}`, { skip }, async () => {
      if (/^[a-z]/.test(first)) assert.ok(commandNames.has(first), `no command ${first}`);
      await using program = new Guest(["sh", "-c", 'cd "$0"; exec "$@"', folder, ...binary!.command, ...typed], {});
      // Its files are not there: that is all that may be wrong with it. `--watch` waits for them.
      if (words.some((word) => word.startsWith("--watch"))) return void (await program.waitFor(NO_FILE, "stderr"));
      const { status, stderr } = await program.outcome();
      if (status !== 0) assert.match(stderr, NO_FILE);
    });
  }

  it("are looked at", () => assert.ok(lines.filter((line) => polluxWords(line) !== undefined).length > 20));
});

describe("files of command lines", () => {
  for (const path of pagePaths) {
    const page = readPage(path);
    const made = new Set<string>();
    for (const line of linesOf(page)) {
      const named = line.words.filter((word) => /^[\w./-]+\.wasm$/.test(word));
      const isMade = line.words.some(
        (word) => word === "-o" || word === "build" || word === "componentize" || word === "cp",
      );
      for (const file of named) {
        if (isMade) made.add(file);
        else
          it(`${line.where}: ${file} is there, or told of`, () => {
            const before = page.text.slice(0, offsetOf(page, line));
            const told = before.includes(`\`${file}\``) || before.includes(`"${file}"`);
            assert.ok(made.has(file) || told || existsSync(join(root, file)) || builtBy(page, line, file));
          });
      }
    }
  }
});

function lineOf(line: Line): number {
  return Number(line.where.slice(line.where.lastIndexOf(":") + 1));
}

function offsetOf(page: Page, line: Line): number {
  return page.text.split("\n").slice(0, lineOf(line)).join("\n").length - 1;
}

/** What a line before it has built: cargo's are in `target`. */
function builtBy(page: Page, line: Line, file: string): boolean {
  const before = linesOf(page).filter((each) => lineOf(each) < lineOf(line));
  return /^target\//.test(file) && before.some(({ words }) => words[0] === "cargo" && words[1] === "build");
}
