/** The files of the repository that Markdown documents link to. */
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/** Inline links, definitions of links, and HTML's. */
const LINK = /\]\(<?([^)\s>]+)|^ {0,3}\[[^\]]+\]: *<?([^\s>]+)|<(?:a|img)\b[^>]*\b(?:href|src)="([^"]+)"/gm;

/** Code, in which brackets are no links. */
const CODE = /^```[\s\S]*?^```|`[^`\n]+`/gm;

/** The paths that a document's relative links lead to, from its own folder, each once, without fragments. */
export function linksOf(markdown: string): readonly string[] {
  const links = [...markdown.replace(CODE, "").matchAll(LINK)].map(
    ([, inline, defined, html]) => inline ?? defined ?? html ?? "",
  );
  const paths = links
    .filter((link) => !/^[a-z][a-z+.-]*:|^#|^\//i.test(link))
    .map((link) => link.replace(/[?#].*/, ""));
  return [...new Set(paths.map(decodeURI))];
}

/**
 * A document and all that its links lead to, of which the documents' own links are followed: paths from `folder`.
 *
 * @throws Error of a link that leads nowhere, or out of the folder
 */
export function documentsFrom(folder: string, document: string): readonly string[] {
  const found = new Set([document]);
  for (const file of found) {
    if (!file.endsWith(".md")) continue;
    for (const link of linksOf(readFileSync(join(folder, file), "utf8"))) {
      const path = posix.join(posix.dirname(file), link);
      if (path.startsWith("..") || !existsSync(join(folder, path)))
        throw new Error(`${file} links to ${link}, which is not there`);
      found.add(path);
    }
  }
  return [...found];
}
