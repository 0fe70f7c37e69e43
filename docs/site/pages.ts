/** The pages of the documentation, as its tests and its site read them: headings, links, blocks of code. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");

/** Every page of the repository, by its path there. */
export const pagePaths: readonly string[] = [
  ...globSync("*.md", { cwd: root }),
  ...globSync("docs/**/*.md", { cwd: root, exclude: ["docs/site/**"] }),
].sort();

export interface Block {
  /** The first word behind the fence: `sh`, `ts` ...; "" for none. */
  readonly language: string;
  /** The words behind that: how `script.ts` reads it. */
  readonly words: readonly string[];
  readonly text: string;
  /** The paragraph that stands before it. */
  readonly before: string;
  /** The heading that it stands under. */
  readonly section: string;
  /** Of its first line within the page, from 1. */
  readonly line: number;
}

export interface Link {
  readonly target: string;
  readonly line: number;
}

export interface Page {
  readonly path: string;
  readonly text: string;
  /** What a link may name behind its `#`. */
  readonly anchors: ReadonlySet<string>;
  readonly blocks: readonly Block[];
  readonly links: readonly Link[];
}

export function readPage(path: string): Page {
  return parsePage(path, readFileSync(join(root, path), "utf8"));
}

export function parsePage(path: string, text: string): Page {
  const anchors = new Anchors();
  const blocks: Block[] = [];
  const links: Link[] = [];
  const lines = text.split("\n");
  let section = "";
  let paragraph: string[] = [];
  let before = "";
  const endParagraph = () => {
    if (paragraph.length > 0) before = paragraph.join("\n");
    paragraph = [];
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const [, language, words] = /^```(\S*)(.*)$/.exec(line) ?? [];
    if (language !== undefined) {
      endParagraph();
      const end = lines.indexOf("```", i + 1);
      if (end < 0) throw new Error(`${path}:${i + 1}: a block without an end`);
      const content = lines.slice(i + 1, end).map((each) => `${each}\n`);
      const info = words!.split(" ").filter((word) => word !== "");
      blocks.push({ language, words: info, text: content.join(""), before, section, line: i + 2 });
      before = "";
      i = end;
      continue;
    }
    if (line.trim() === "") endParagraph();
    else paragraph.push(line);
    const [, heading] = /^#{1,6} (.*)$/.exec(line) ?? [];
    if (heading !== undefined) {
      section = heading;
      anchors.add(heading);
    }
    for (const [, target] of line.replaceAll(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g))
      links.push({ target: target!, line: i + 1 });
  }
  return { path, text, anchors: anchors.names, blocks, links };
}

/** Names of a page's headings, as GitHub gives them: a second one of the same name ends in -1. */
export class Anchors {
  readonly names = new Set<string>();
  readonly #counts = new Map<string, number>();

  /** Returns the next heading's. */
  add(heading: string): string {
    const plain = anchorOf(heading);
    const count = this.#counts.get(plain) ?? 0;
    this.#counts.set(plain, count + 1);
    const name = count === 0 ? plain : `${plain}-${count}`;
    this.names.add(name);
    return name;
  }
}

export function anchorOf(heading: string): string {
  const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  return plain
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
}
