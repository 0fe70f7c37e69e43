/**
 * Lays a text out for a terminal of so many columns. A line `term<TAB>description` is a row of a table, which ends with the text
 * or at a form feed: in a table all descriptions begin in the same column, save those of terms that leave them no room. Lines that
 * are too long are continued beneath, where they began.
 */
export function layout(text: string, columns: number): string {
  return text
    .split("\f")
    .map((part) => layoutTable(part.split("\n"), columns))
    .join("");
}

/** The share of the columns that terms may have: a description beside a longer one would be a narrow strip. */
const TERMS = 0.5;

/** The indent of descriptions where all terms are longer, columns. */
const INDENT = 12;

/** Between a term and its description, columns. */
const GAP = 2;

function layoutTable(lines: readonly string[], columns: number): string {
  const rows = lines.map((line): readonly [term: string, doc?: string] => {
    const at = line.indexOf("\t");
    return at < 0 ? [line] : [line.slice(0, at), line.slice(at + 1)];
  });
  const widths = rows.flatMap(([term, doc]) => (doc === undefined ? [] : [term.length + GAP]));
  const column = Math.max(0, ...widths.filter((width) => width <= columns * TERMS));
  return rows
    .flatMap(([term, doc]) => {
      if (doc === undefined) return wrap(term, columns);
      if (term.length + GAP > column) return [term, ...wrap(`${" ".repeat(column || INDENT)}${doc}`, columns)];
      return wrap(`${term.padEnd(column)}${doc}`, columns, column);
    })
    .join("\n");
}

/** @param indent Where further lines begin; unless given, where the text does */
function wrap(line: string, columns: number, indent = line.length - line.trimStart().length): string[] {
  const wrapped: string[] = [];
  let left = line;
  while (left.length > columns) {
    const at = left.lastIndexOf(" ", columns);
    if (at <= indent) break;
    wrapped.push(left.slice(0, at).trimEnd());
    left = " ".repeat(indent) + left.slice(at + 1);
  }
  return [...wrapped, left];
}
