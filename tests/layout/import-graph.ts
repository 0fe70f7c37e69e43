/** What the source files import of one another, and what of that docs/ARCHITECTURE.md forbids. */
import { posix } from "node:path";

const { dirname, join } = posix;

/** Source texts by path from the repository's root: `src/core/wait/poll.ts`. */
export type Sources = ReadonlyMap<string, string>;

export interface Import {
  readonly from: string;
  readonly to: string;
  /** Types alone: nothing of it is left in the compiled program. */
  readonly typeOnly: boolean;
}

/** A row of the table: the folders that a folder may import besides itself, `core/*` for all beneath `core`. */
export type Allowed = ReadonlyMap<string, readonly string[]>;

/** The table in docs/ARCHITECTURE.md, whose rows are `| folder | subject | imports |`, with folders in backquotes. */
export function readTable(markdown: string): Allowed {
  const rows = [...markdown.matchAll(/^\| `([^`]+)` \|[^|\n]*\|([^|\n]*)\|$/gm)];
  return new Map(
    rows.map(([, folder = "", imports = ""]) => [folder, [...imports.matchAll(/`([^`]+)`/g)].map((m) => m[1]!)]),
  );
}

/** `src/core/wait/poll.ts` lies in `core/wait`, `src/index.ts` in `src`, `bin/bun.ts` in `bin`. */
export function folderOf(path: string): string {
  const folder = dirname(path);
  return folder.startsWith("src/") ? folder.slice("src/".length) : folder;
}

const statement = /^(?:import|export)\b(?!\()([^;"]*?)\bfrom "(\.[^"]+)";|^import "(\.[^"]+)";/gm;
/** With a literal in the parentheses, or with what nobody can follow. */
const expression = /(?<![#.\w])(typeof )?import\((?:"(\.[^"]+)"|[^"])/g;

/** All imports of the sources, of types too, and those that are loaded later. */
export function importsOf(sources: Sources): Import[] {
  return [...sources].flatMap(([from, text]) => {
    const target = (path: string) => join(dirname(from), path);
    const stated = [...text.matchAll(statement)].map(([, names = "", path, bare]) => ({
      from,
      to: target((path ?? bare)!),
      typeOnly: isTypeOnly(names),
    }));
    const called = [...text.matchAll(expression)].map(([, typeOnly, path = "a computed path"]) => ({
      from,
      to: target(path),
      typeOnly: typeOnly !== undefined,
    }));
    return [...stated, ...called];
  });
}

/** @param names What stands between `import` and `from` */
function isTypeOnly(names: string): boolean {
  if (/^\s*type\b/.test(names)) return true;
  const [, list] = /^\s*\{([^}]*)\}\s*$/.exec(names) ?? [];
  return list?.split(",").every((name) => name.trim() === "" || /^\s*type\b/.test(name)) ?? false;
}

/** What is wrong with the imports of the sources, a sentence each. */
export function violations(sources: Sources, allowed: Allowed, mutualTypes: readonly string[] = []): string[] {
  const imports = importsOf(sources);
  return [
    ...missingRows(sources, allowed),
    ...imports.filter(({ to }) => !sources.has(to)).map(({ from, to }) => `${from} imports ${to}, which is not there`),
    ...forbidden(imports, allowed),
    ...folderCircles(allowed),
    ...fileCircles(imports, mutualTypes),
  ];
}

function missingRows(sources: Sources, allowed: Allowed): string[] {
  const folders = new Set([...sources.keys()].map(folderOf));
  return [
    ...[...folders].filter((folder) => !allowed.has(folder)).map((folder) => `${folder} has no row in the table`),
    ...[...allowed.keys()].filter((folder) => !folders.has(folder)).map((folder) => `there is no folder ${folder}`),
  ];
}

function forbidden(imports: readonly Import[], allowed: Allowed): string[] {
  const used = new Set<string>();
  const found = imports.flatMap(({ from, to }) => {
    const [a, b] = [folderOf(from), folderOf(to)];
    if (a === b) return [];
    const pattern = allowed.get(a)?.find((each) => matches(each, b));
    if (pattern === undefined) return [`${from} imports ${to}: ${a} may not import ${b}`];
    used.add(`${a} ${pattern}`);
    return [];
  });
  const unused = [...allowed].flatMap(([folder, patterns]) =>
    patterns
      .filter((pattern) => !used.has(`${folder} ${pattern}`))
      .map((pattern) => `${folder} imports nothing of ${pattern}`),
  );
  return [...found, ...unused];
}

function matches(pattern: string, folder: string): boolean {
  return pattern === folder || (pattern.endsWith("/*") && folder.startsWith(pattern.slice(0, -1)));
}

/** The table itself must let no folder reach itself. */
function folderCircles(allowed: Allowed): string[] {
  const folders = [...allowed.keys()];
  const edges = new Map(
    folders.map((from) => [
      from,
      folders.filter((to) => to !== from && allowed.get(from)!.some((pattern) => matches(pattern, to))),
    ]),
  );
  return circles(edges).map((circle) => `a circle of folders: ${circle.join(", ")}`);
}

/** Circles of files: of values, never; of types alone, where the files are named in `mutualTypes`. */
function fileCircles(imports: readonly Import[], mutualTypes: readonly string[]): string[] {
  const edgesOf = (of: readonly Import[]) => {
    const edges = new Map<string, string[]>();
    for (const { from, to } of of) edges.set(from, [...(edges.get(from) ?? []), to]);
    return edges;
  };
  const ofValues = circles(edgesOf(imports.filter(({ typeOnly }) => !typeOnly)));
  const ofTypes = circles(edgesOf(imports)).filter((circle) => !circle.every((file) => mutualTypes.includes(file)));
  return [...ofValues, ...ofTypes].map((circle) => `a circle of files: ${circle.join(", ")}`);
}

/** The strongly connected components of more than one node (Tarjan), each sorted. */
function circles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const component = stack.splice(stack.indexOf(node));
    if (component.length > 1) found.push(component.sort());
  };
  for (const node of edges.keys()) if (!index.has(node)) visit(node);
  return found;
}
