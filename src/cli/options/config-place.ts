/** Where something stands in a TOML file. The parser tells that of its own errors alone, so keys are looked for by line. */

export interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Characters, at least 1. */
  readonly length: number;
}

/** A key's name, bare or between quotes. */
const NAME = `["']?([\\w-]+)["']?`;
const HEADER = new RegExp(`^\\s*\\[\\s*${NAME}(?:\\s*\\.\\s*${NAME})?\\s*\\]`);
const ENTRY = new RegExp(`^(\\s*)${NAME}(?:\\s*\\.\\s*${NAME})?\\s*=\\s*`);

/**
 * The key, or what it is set to, of a table of the file's top level (or of the top level itself: `table`
 * undefined); the file's start where it is not found.
 */
export function placeOf(text: string, table: string | undefined, name: string, what: "key" | "value"): Place {
  const wanted = table === undefined ? name : `${table}.${name}`;
  let current: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const header = HEADER.exec(line);
    if (header !== null) {
      current = header[1];
      if (header[1] === wanted || `${header[1]}.${header[2]}` === wanted) return whole(index, line);
      continue;
    }
    const entry = ENTRY.exec(line);
    if (entry === null) continue;
    const [start, indent = "", first = "", second] = entry;
    const full = [current, first, second].filter((part) => part !== undefined).join(".");
    if (full !== wanted && !full.startsWith(`${wanted}.`)) continue;
    if (what === "key") return { line: index + 1, column: indent.length + 1, length: first.length };
    const [value = ""] = line.slice(start.length).split("#", 1);
    return { line: index + 1, column: start.length + 1, length: Math.max(1, value.trimEnd().length) };
  }
  return { line: 1, column: 1, length: 1 };
}

function whole(index: number, line: string): Place {
  const text = line.trim();
  return { line: index + 1, column: line.indexOf(text) + 1, length: text.length };
}

/** As wasmtime's TOML parser shows it. */
export function pointAtToml(text: string, { line, column, length }: Place, problem: string): string {
  const content = text.split(/\r?\n/)[line - 1] ?? "";
  const gutter = " ".repeat(String(line).length);
  return [
    `TOML parse error at line ${line}, column ${column}`,
    `${gutter} |`,
    `${line} | ${content}`,
    `${gutter} | ${" ".repeat(column - 1)}${"^".repeat(length)}`,
    `${problem}\n`,
  ].join("\n");
}
