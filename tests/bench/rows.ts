/**
 * What the benchmark collects: rows of samples, one list a column, and the budgets that a row is held to.
 */
import { median, pairedRatio } from "./statistics.ts";

/** `/s` is better when more, the others when less. */
export type Unit = "/s" | "ms" | "us" | "ns" | "MiB" | "KiB" | "%";

export interface Row {
  /** What `--only` selects it by, e.g. `echo-16`. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** Samples by column, in the order of the rounds: sample i of all columns was taken in the same round. */
  readonly samples: ReadonlyMap<string, readonly number[]>;
  /** Columns that were tried and failed, with the reason. */
  readonly failures: ReadonlyMap<string, string>;
  readonly budgets: readonly Budget[];
  /** What was sampled beside the columns, in the same rounds, and is shown as a ratio only. */
  readonly besides?: readonly Beside[];
}

export interface Beside {
  /** With what the column's name is the key of those samples, e.g. `, blocking`. */
  readonly suffix: string;
  /** The one column that has such samples, with which all are compared; unless given, each has its own. */
  readonly of?: string;
  /** The letter that marks the multiple, and what it is a multiple of. */
  readonly mark: string;
  readonly title: string;
  /** Whether the samples are also shown by themselves, in a row below. */
  readonly shown?: true;
}

/** A bound on one column of a row: of the project (`design`, docs/benchmarks.md), or an issue's. Met when one of its limits is. */
export interface Budget {
  readonly column: string;
  readonly limits: readonly Limit[];
  readonly source: string;
}

/**
 * A bound on the column's value: in the row's unit, or in multiples of another column (of another row, if `row` is given), or
 * in the row's unit on top of another column.
 */
export interface Limit {
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly times?: { readonly column: string; readonly row?: string };
  readonly over?: string;
}

export type Verdict = "ok" | "MISS" | "not measured";

export interface Judgement {
  readonly verdict: Verdict;
  /** e.g. `binary 1.52x wasmtime, design: >= 1.7x wasmtime`. */
  readonly text: string;
}

/** The rows that show by themselves what was sampled beside a row's columns. */
export function besideRows(row: Row): Row[] {
  return (row.besides ?? [])
    .filter(({ shown }) => shown)
    .map(({ suffix, title }) => ({
      id: `${row.id}-${suffix.replace(/^, /, "").replace(/\W+/g, "-")}`,
      title: `    ${title}`,
      unit: row.unit,
      samples: withSuffix(row.samples, suffix),
      failures: withSuffix(row.failures, suffix),
      budgets: [],
    }));
}

/** The entries of such names, by their names without it. */
function withSuffix<T>(entries: ReadonlyMap<string, T>, suffix: string): Map<string, T> {
  return new Map(
    [...entries].filter(([id]) => id.endsWith(suffix)).map(([id, value]) => [id.slice(0, -suffix.length), value]),
  );
}

/** A budget of one limit in multiples of another column. */
export function budget(column: string, bound: ">=" | "<=", factor: number, times: string, source: string): Budget {
  const limit = bound === ">=" ? { atLeast: factor } : { atMost: factor };
  return { column, limits: [{ ...limit, times: { column: times } }], source };
}

/** The median of a column; undefined: not measured. */
export function medianOf(row: Row, column: string): number | undefined {
  const samples = row.samples.get(column);
  return samples === undefined || samples.length === 0 ? undefined : median(samples);
}

/** How many times `base` a column is: the median over the rounds, so that noise that hits a whole round cancels out. */
export function ratioOf(row: Row, column: string, base: string): number | undefined {
  const ours = row.samples.get(column);
  const theirs = row.samples.get(base);
  if (ours === undefined || theirs === undefined || ours.length === 0 || theirs.length === 0) return undefined;
  return pairedRatio(ours, theirs);
}

/** Holds a row to one of its budgets; `rows` are those that a limit may refer to. A column that failed is a MISS. */
export function judge(budget: Budget, row: Row, rows: readonly Row[]): Judgement {
  const failure = row.failures.get(budget.column);
  const wanted = budget.limits.map(describeLimit).join(" or ");
  if (failure !== undefined) {
    return { verdict: "MISS", text: `${budget.column} failed, ${budget.source}: ${wanted}` };
  }
  const measured = budget.limits.map((limit) => ({ limit, value: measure(limit, budget.column, row, rows) }));
  const known = measured.filter((entry) => entry.value !== undefined);
  const met = known.find((entry) => meets(entry.limit, entry.value!));
  const shown = met ?? known[0];
  if (shown === undefined) {
    return { verdict: "not measured", text: `${budget.column}, ${budget.source}: ${wanted}` };
  }
  const value = describeValue(shown.value!, shown.limit, row.unit);
  return {
    verdict: met === undefined ? "MISS" : "ok",
    text: `${budget.column} ${value}, ${budget.source}: ${wanted}`,
  };

  function describeLimit(limit: Limit): string {
    const bound = limit.atLeast === undefined ? "<=" : ">=";
    return `${bound} ${describeBound(limit, row.unit)}`;
  }
}

function measure(limit: Limit, column: string, row: Row, rows: readonly Row[]): number | undefined {
  if (limit.over !== undefined) return difference(medianOf(row, column), medianOf(row, limit.over));
  if (limit.times === undefined) return medianOf(row, column);
  const { column: base, row: baseRow } = limit.times;
  if (baseRow === undefined) return ratioOf(row, column, base);
  const other = rows.find((candidate) => candidate.id === baseRow);
  const ours = medianOf(row, column);
  const theirs = other === undefined ? undefined : medianOf(other, base);
  return ours === undefined || theirs === undefined ? undefined : ours / theirs;
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}

function meets(limit: Limit, value: number): boolean {
  return value >= (limit.atLeast ?? -Infinity) && value <= (limit.atMost ?? Infinity);
}

function describeBound(limit: Limit, unit: Unit): string {
  return `${limit.atLeast ?? limit.atMost ?? 0}${describeMeasure(limit, unit)}`;
}

function describeValue(value: number, limit: Limit, unit: Unit): string {
  return `${formatNumber(value)}${describeMeasure(limit, unit)}`;
}

function describeMeasure(limit: Limit, unit: Unit): string {
  if (limit.over !== undefined) return ` ${unit} over ${limit.over}`;
  return limit.times === undefined ? ` ${unit}` : `x ${describeBase(limit.times)}`;
}

function describeBase(times: NonNullable<Limit["times"]>): string {
  return times.row === undefined ? times.column : `${times.column} in ${times.row}`;
}

/** Three digits that mean something. */
export function formatNumber(value: number): string {
  const magnitude = Math.abs(value);
  return value.toFixed(magnitude < 0.1 ? 3 : magnitude < 10 ? 2 : magnitude < 100 ? 1 : 0);
}
