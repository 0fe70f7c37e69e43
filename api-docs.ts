/**
 * The reference in docs/api, of what `deno doc` finds in the sources: each exported thing with its doc comment. `node api-docs.ts` writes
 * it; tests/package/api-docs.test.ts sees to it that it is current. What has no doc comment, or a function without its parameters,
 * result and an example, is an error: nobody could use it from there.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = import.meta.dirname;

/** The modules of a page, by the names that they are imported by. */
const pages: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "docs/api/pollux.md": { pollux: "src/index.ts" },
  "docs/api/runtimes.md": {
    "pollux/node": "src/adapters/node.ts",
    "pollux/bun": "src/adapters/bun.ts",
    "pollux/deno": "src/adapters/deno.ts",
  },
};

/** As far as it is used here, what `deno doc --json` prints. */
interface Tag {
  readonly kind: string;
  readonly name?: string;
  readonly doc?: string;
}

interface Documented {
  readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly Tag[] };
  readonly location?: { readonly filename: string; readonly byteIndex: number };
}

interface Member extends Documented {
  readonly name?: string;
  readonly params?: readonly Param[];
  readonly functionDef?: { readonly params: readonly Param[] };
  readonly accessibility?: string;
}

interface Param {
  readonly kind: string;
  readonly name?: string;
  readonly left?: Param;
}

interface Declaration extends Member {
  readonly location: NonNullable<Documented["location"]>;
  readonly kind: "function" | "class" | "interface" | "typeAlias" | "variable";
  readonly def: {
    readonly params?: readonly Param[];
    readonly hasBody?: boolean;
    readonly constructors?: readonly Member[];
    readonly properties?: readonly Member[];
    readonly methods?: readonly Member[];
    readonly callSignatures?: readonly Member[];
    readonly indexSignatures?: readonly Member[];
  };
}

interface Symbol {
  readonly name: string;
  readonly declarations: readonly Declaration[];
}

interface Module {
  readonly module_doc: { readonly doc?: string };
  readonly symbols: readonly Symbol[];
}

/** The pages, by their paths in the repository. @throws Error naming what is not documented */
export function apiDocs(): ReadonlyMap<string, string> {
  return new Map(Object.entries(pages).map(([path, modules]) => [path, page(modules)]));
}

function page(modules: Readonly<Record<string, string>>): string {
  const texts = Object.entries(modules).map(([name, file]) => new Page(name, read(file)).text());
  return `<!-- Written by \`node api-docs.ts\` from the doc comments of the sources: change those. -->\n\n${texts.join("\n")}`;
}

function read(file: string): Module {
  const deno = join(root, "node_modules/.bin/deno");
  const args = ["doc", "--no-config", "--json", file];
  const { status, stdout, stderr, error } = spawnSync(deno, args, { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 });
  if (error) throw error;
  if (status !== 0) throw new Error(`deno doc ${file}: ${stderr}`);
  const { nodes }: { nodes: Readonly<Record<string, Module>> } = JSON.parse(stdout);
  return Object.values(nodes)[0]!;
}

const sections: readonly (readonly [title: string, holds: (declaration: Declaration) => boolean])[] = [
  ["Functions", ({ kind }) => kind === "function" || kind === "variable"],
  [
    "Errors",
    ({ kind, location }) => kind === "class" && / extends (?:Error|Uncatchable|NetError)\b/.test(signatureAt(location)),
  ],
  ["Types", () => true],
];

class Page {
  readonly #module: string;
  readonly #doc: string;
  readonly #bySection = new Map<string, Symbol[]>();
  readonly #anchors = new Map<string, string>();

  constructor(name: string, { module_doc, symbols }: Module) {
    this.#module = name;
    this.#doc = required(module_doc.doc, name);
    const used = new Map<string, number>();
    for (const [title, holds] of sections) {
      const found = symbols.filter(
        (each) => !isInternal(each.declarations[0]!) && !this.#anchors.has(each.name) && holds(each.declarations[0]!),
      );
      found.sort((a, b) => a.name.localeCompare(b.name, "en"));
      for (const each of found) {
        // As GitHub names headings: of two that differ by case alone, the second has a number.
        const anchor = each.name.toLowerCase();
        const count = used.get(anchor) ?? 0;
        used.set(anchor, count + 1);
        this.#anchors.set(each.name, count === 0 ? anchor : `${anchor}-${count}`);
      }
      this.#bySection.set(title, found);
    }
  }

  text(): string {
    const filled = [...this.#bySection].filter(([, found]) => found.length > 0);
    const contents = filled.map(
      ([title, found]) => `- ${title}: ${found.map(({ name }) => this.#link(name)).join(", ")}`,
    );
    return [
      `# \`${this.#module}\``,
      this.#linked(this.#doc),
      contents.join("\n"),
      ...filled.flatMap(([title, found]) => [`## ${title}`, ...found.flatMap((each) => this.#symbol(each))]),
      "",
    ].join("\n\n");
  }

  #symbol({ name, declarations }: Symbol): string[] {
    const [first] = declarations;
    // Of a function with overloads the implementation is nobody's; its doc comment is the first's.
    const shown = declarations.length > 1 ? declarations.filter(({ def }) => def.hasBody !== true) : declarations;
    const documented = declarations.find(({ jsDoc }) => jsDoc?.doc !== undefined);
    const doc = required(documented?.jsDoc?.doc, name);
    const signatures = shown.map(({ location }) => signatureAt(location));
    const tags = declarations.flatMap(({ jsDoc }) => jsDoc?.tags ?? []);
    if (first!.kind === "function") this.#checkFunction(name, first!.def.params ?? [], tags, true);
    return [
      `### ${name}`,
      code(signatures.join("\n")),
      this.#linked(doc),
      ...this.#tags(tags),
      ...this.#members(name, first!),
    ];
  }

  #members(owner: string, { def }: Declaration): string[] {
    const { constructors = [], properties = [], methods = [], callSignatures = [], indexSignatures = [] } = def;
    // A constructor that says nothing is Pollux's own.
    const forAll = constructors.filter(({ jsDoc }) => jsDoc !== undefined);
    const all = [...forAll, ...callSignatures, ...indexSignatures, ...properties, ...methods];
    const shown = all.filter(
      (each) =>
        !isInternal(each) && each.accessibility !== "protected" && each.name !== "name" && each.location !== undefined,
    );
    if (shown.length === 0) return [];
    return [
      shown
        .map((each) => {
          const place = `${owner}.${each.name ?? "call"}`;
          const tags = each.jsDoc?.tags ?? [];
          const doc = each.jsDoc?.doc ?? tags.map(({ doc }) => doc).join(" ");
          this.#checkFunction(place, each.functionDef?.params ?? each.params ?? [], tags, false);
          const more = each.jsDoc?.doc === undefined ? [] : this.#tags(tags);
          const text = [this.#linked(required(doc === "" ? undefined : doc, place)), ...more].join("\n\n");
          return `- \`${signatureAt(each.location!)}\`\n\n${indented(text)}`;
        })
        .join("\n\n"),
    ];
  }

  /** @param whole Whether it is a function of the module */
  #checkFunction(name: string, params: readonly Param[], tags: readonly Tag[], whole: boolean): void {
    if (!whole) return;
    const names = params.map((each) => each.name ?? each.left?.name ?? "");
    const missing = names.filter((each) => !tags.some((tag) => tag.kind === "param" && tag.name === each));
    if (missing.length > 0) throw new Error(`${name}: no @param for ${missing.join(", ")}`);
    for (const kind of ["return", "example"])
      if (!tags.some((tag) => tag.kind === kind)) throw new Error(`${name}: no @${kind}`);
  }

  #tags(tags: readonly Tag[]): string[] {
    const of = (kind: string) => tags.filter((tag) => tag.kind === kind && tag.doc !== undefined);
    const params = [...of("param"), ...of("typeParam")].map(({ name, doc }) => `- \`${name}\`: ${this.#linked(doc!)}`);
    return [
      ...(params.length > 0 ? [`Parameters:\n\n${params.join("\n")}`] : []),
      ...of("return").map(({ doc }) => `Returns: ${this.#linked(doc!)}.`),
      ...of("throws").map(({ doc }) => `Throws: ${this.#linked(doc!)}.`),
      ...of("example").map(({ doc }) => doc!),
    ];
  }

  #linked(doc: string): string {
    return doc.trim().replaceAll(/\{@link(?:code)? (\w+)\}/g, (_, name: string) => this.#link(name));
  }

  #link(name: string): string {
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) throw new Error(`${this.#module}: a link to ${name}, which is not there`);
    return `[\`${name}\`](#${anchor})`;
  }
}

function required(doc: string | undefined, place: string): string {
  if (doc === undefined) throw new Error(`${place} has no doc comment`);
  return doc;
}

function isInternal({ jsDoc }: Documented): boolean {
  return (
    jsDoc?.tags?.some(
      ({ kind, name, doc }) => kind === "internal" || [name, doc].some((each) => each?.startsWith("@internal")),
    ) ?? false
  );
}

const sources = new Map<string, Buffer>();

/** Returns a declaration as it is written, without its body or value. */
function signatureAt({ filename, byteIndex }: NonNullable<Documented["location"]>): string {
  let source = sources.get(filename);
  if (source === undefined) {
    source = readFileSync(fileURLToPath(filename));
    sources.set(filename, source);
  }
  const text = source.subarray(byteIndex).toString();
  let depth = 0;
  let end = 0;
  for (; end < text.length; end++) {
    const rest = text.slice(end, end + 3);
    if (depth === 0 && (text[end] === ";" || rest === " {\n" || (/^ = /.test(rest) && !text.startsWith("export type"))))
      break;
    if ("([{<".includes(text[end]!)) depth++;
    else if (")]}".includes(text[end]!) || (text[end] === ">" && text[end - 1] !== "=")) depth--;
  }
  const signature = text.slice(0, end).replace(/^export (?:abstract )?/, "");
  // What stands in several lines for its length is one here, too.
  return signature.includes("/**")
    ? signature
    : signature
        .replaceAll(/\s*\n\s*/g, " ")
        .replaceAll("( ", "(")
        .replaceAll(", )", ")");
}

function code(text: string): string {
  return `\`\`\`ts\n${text}\n\`\`\``;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}

if (process.argv[1] === import.meta.filename)
  for (const [path, text] of apiDocs()) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
