/**
 * `npm run docs`: makes one site of the pages, in dist/docs, with Eleventy. The pages are Markdown as GitHub shows it, and know
 * nothing of the site: what links to `cli.md` there links to `cli.html` here.
 */
import { cpSync, rmSync } from "node:fs";
import { dirname, join, normalize, posix, relative } from "node:path";
import Eleventy from "@11ty/eleventy";
import { Anchors, pagePaths, readPage, root } from "./pages.ts";

const OUT = join(root, "dist/docs");

/** Where a page is in the site: README is its first one, the contents of docs are beside it. */
function fileOf(path) {
  if (path === "README.md") return "index.html";
  if (path === "docs/README.md") return "contents.html";
  const name = path.replace(/^docs\//, "").replace(/README\.md$/, "index.md");
  return name.toLowerCase().replace(/\.md$/, ".html");
}

/** What a link of a page leads to in the site. */
function hrefOf(page, href) {
  if (/^(?:[a-z]+:|#)/.test(href)) return href;
  const [file, anchor] = href.split("#");
  const named = normalize(join(dirname(page), file));
  if (named === "docs/transcript.md") return href.replace(/\.md/, ".html");
  if (!pagePaths.includes(named)) throw new Error(`${page} links to ${href}, which is no page`);
  const target = posix.relative(posix.dirname(fileOf(page)), fileOf(named));
  return anchor === undefined ? target : `${target}#${anchor}`;
}

/** The sections of the contents with their links, which stand beside every page. */
function contents() {
  const sections = [];
  for (const line of readPage("docs/README.md").text.split("\n")) {
    const [, title] = /^## (.*)$/.exec(line) ?? [];
    if (title !== undefined) sections.push({ title, pages: [] });
    const [, text, target] = /^(?:- |\| \w+ \| )\[([^\]]*)\]\(([^)#]*)\)/.exec(line) ?? [];
    if (text !== undefined && !target.startsWith("https:"))
      sections.at(-1).pages.push({ text, path: normalize(join("docs", target)) });
  }
  return sections.filter(({ pages }) => pages.length > 0);
}

/** Headings get the names that links use; links lead to pages of the site; wide tables scroll. */
function adapt(markdown) {
  const { rules } = markdown.renderer;
  const plain = (tokens, i, options, _, self) => self.renderToken(tokens, i, options);
  rules.heading_open = (tokens, i, options, env, self) => {
    // The environment is the page's.
    env.anchors ??= new Anchors();
    tokens[i].attrSet("id", env.anchors.add(tokens[i + 1].content));
    return plain(tokens, i, options, env, self);
  };
  rules.link_open = (tokens, i, options, env, self) => {
    tokens[i].attrSet("href", hrefOf(env.source, tokens[i].attrGet("href")));
    return plain(tokens, i, options, env, self);
  };
  rules.table_open = () => '<div class="table"><table>\n';
  rules.table_close = () => "</table></div>\n";
}

rmSync(OUT, { recursive: true, force: true });
const site = new Eleventy(join(root, "docs/site"), OUT, {
  quietMode: true,
  config(eleventy) {
    eleventy.setTemplateFormats(["md"]);
    eleventy.setIncludesDirectory("layout");
    eleventy.amendLibrary("md", adapt);
    for (const path of pagePaths) {
      const here = posix.dirname(fileOf(path));
      const [, title] = /^# (.*)$/m.exec(readPage(path).text) ?? [];
      eleventy.addTemplate(path, readPage(path).text, {
        layout: "page.njk",
        permalink: fileOf(path),
        templateEngineOverride: "md",
        source: path,
        title,
        home: posix.relative(here, "index.html"),
        style: posix.relative(here, "style.css"),
        sections: contents().map((section) => ({
          ...section,
          pages: section.pages.map((page) => ({
            text: page.text,
            here: page.path === path,
            href: posix.relative(here, fileOf(page.path)),
          })),
        })),
      });
    }
  },
});
await site.write();
for (const file of ["site/style.css", "scale.svg"])
  cpSync(join(root, "docs", file), join(OUT, file.replace("site/", "")));
console.log(`${pagePaths.length} pages in ${relative(process.cwd(), OUT)}: open ${join(OUT, "index.html")}`);
