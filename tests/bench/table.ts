/** The report: rows as a table for a terminal or in Markdown, each row's budgets beside it. */
import { formatNumber, type Judgement, judge, medianOf, type Row, ratioOf, type Unit } from "./rows.ts";

/** Rows with the same columns. */
export interface Section {
  readonly title: string;
  readonly columns: readonly string[];
  /** Columns that the others are given in multiples of, with the letter that marks the multiple, e.g. wasmtime: w. */
  readonly baselines: ReadonlyMap<string, string>;
  readonly rows: readonly Row[];
}

/** The section as lines of text, columns aligned, a row's budgets indented below it. */
export function formatText(section: Section): string {
  const head = ["", ...section.columns];
  const body = section.rows.map((row) => [titleOf(row), ...cellsOf(section, row)]);
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((line) => line[i]!.length)));
  const align = (line: readonly string[]): string =>
    line
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join("  ")
      .trimEnd();
  const lines = [`${section.title} (${legend(section)})`, "", align(head)];
  for (const [i, row] of section.rows.entries()) {
    lines.push(align(body[i]!));
    for (const [column, reason] of row.failures) lines.push(`    failed  ${column}: ${reason}`);
    for (const { verdict, text } of judgements(section, row)) lines.push(`    ${mark(verdict)}  ${text}`);
  }
  return lines.join("\n");
}

/** The section as a Markdown table, the budgets in its last column. */
export function formatMarkdown(section: Section): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const lines = [`**${section.title}** (${legend(section)})`, "", line(["", ...section.columns, "budgets"])];
  lines.push(`|${"---|".repeat(section.columns.length + 2)}`);
  for (const row of section.rows) {
    const budgets = judgements(section, row).map(({ verdict, text }) => `${verdict}: ${text}`);
    const failures = [...row.failures].map(([column, reason]) => `failed: ${column}: ${reason}`);
    lines.push(line([titleOf(row), ...cellsOf(section, row), [...failures, ...budgets].map(escapeCell).join("<br>")]));
  }
  return lines.join("\n");
}

/** How many budgets were met, missed, not measured. */
export function summarise(sections: readonly Section[]): string {
  const verdicts = sections.flatMap((section) =>
    section.rows.flatMap((row) => judgements(section, row).map((judgement) => judgement.verdict)),
  );
  const count = (verdict: string): number => verdicts.filter((other) => other === verdict).length;
  return `budgets: ${count("ok")} ok, ${count("MISS")} missed, ${count("not measured")} not measured`;
}

/** The row's budgets, save those of columns that do not take part, or over such columns alone. */
export function judgements(section: Section, row: Row): Judgement[] {
  const here = (column: string | undefined): boolean =>
    column === undefined || section.columns.includes(column) || row.samples.has(column);
  return row.budgets
    .filter((budget) => here(budget.column) && budget.limits.some((limit) => here(limit.times?.column ?? limit.over)))
    .map((budget) => judge(budget, row, section.rows));
}

function legend(section: Section): string {
  const baselines = [...section.baselines].filter(([column]) => section.columns.includes(column));
  const besides = section.rows.flatMap((row) => row.besides ?? []).map(({ title, mark }) => [title, mark] as const);
  const marks = new Map([...baselines, ...besides]);
  return ["medians", ...[...marks].map(([title, letter]) => `${letter} = times ${title}`)].join("; ");
}

function titleOf(row: Row): string {
  return `${row.title}, ${row.unit}`;
}

function cellsOf(section: Section, row: Row): string[] {
  return section.columns.map((column) => {
    const value = medianOf(row, column);
    if (value === undefined) return row.failures.has(column) ? "failed" : "-";
    const baselines = section.baselines.has(column) ? [] : [...section.baselines];
    const besides = (row.besides ?? []).map(({ suffix, of, mark }) => [`${of ?? column}${suffix}`, mark] as const);
    const ratios = [...baselines, ...besides].flatMap(([base, letter]) => {
      const ratio = ratioOf(row, column, base);
      return ratio === undefined || !Number.isFinite(ratio) ? [] : [`${formatNumber(ratio)}${letter}`];
    });
    return [formatValue(value, row.unit), ...ratios].join(" ");
  });
}

function formatValue(value: number, unit: Unit): string {
  if (unit === "/s" && value >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
  if (unit === "/s" && value >= 1e3) return `${(value / 1e3).toFixed(1)}k`;
  return formatNumber(value);
}

function mark(verdict: Judgement["verdict"]): string {
  return verdict === "not measured" ? "?   " : verdict.padEnd(4);
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
