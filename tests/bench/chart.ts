/**
 * The scale curve as an SVG: requests a second, on a logarithmic axis, against idle connections. It has its own colours for a
 * dark page. Pure: points in, text out.
 */

export interface Curve {
  readonly name: string;
  /** x: idle connections; y: requests a second, above 0. In ascending x. */
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly colour: Colour;
  /** For what Pollux is compared with. */
  readonly dashed: boolean;
}

export interface Colour {
  readonly light: string;
  readonly dark: string;
}

const width = 780;
const height = 420;
const plot = { left: 62, right: 560, top: 52, bottom: 366 };
const labelLeft = 574;
const labelHeight = 17;

/** @param ticks the values of x that get a mark */
export function drawScale(curves: readonly Curve[], ticks: readonly number[], caption: string): string {
  const values = curves.flatMap((curve) => curve.points.map(([, y]) => y));
  const marks = marksOf(Math.min(...values), Math.max(...values));
  const x = scale([0, Math.max(...ticks)], [plot.left, plot.right]);
  const logarithm = scale([Math.log10(marks[0]!), Math.log10(marks.at(-1)!)], [plot.bottom, plot.top]);
  const y = (value: number): number => logarithm(Math.log10(value));
  const labels = labelPositions(curves.map((curve) => y(curve.points.at(-1)![1])));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>Echo requests a second against idle connections</title>`,
    `<style>${style(curves)}</style>`,
    `<text x="${plot.left}" y="22" class="text" font-size="15" font-weight="600">Echo requests a second, 16 active connections of 64 B beside idle ones</text>`,
    `<text x="${plot.left}" y="40" class="muted">${escapeText(caption)}</text>`,
    ...gridOf(marks, y),
    ...ticks.map((tick) => xTick(tick, x(tick))),
    `<text x="${(plot.left + plot.right) / 2}" y="${plot.bottom + 38}" class="muted" text-anchor="middle">idle connections</text>`,
    ...curves.map((curve, i) => drawCurve(curve, i, x, y)),
    ...curves.map((curve, i) => label(curve, i, labels[i]!)),
    "</svg>\n",
  ].join("\n");
}

function style(curves: readonly Curve[]): string {
  const colours = (mode: keyof Colour): string =>
    curves.map(({ colour }, i) => `.s${i}{stroke:${colour[mode]};fill:none}.f${i}{fill:${colour[mode]}}`).join("");
  const ink = (text: string, muted: string, grid: string): string =>
    `.text{fill:${text}}.muted{fill:${muted}}.grid{stroke:${grid}}`;
  return (
    ink("#1f2328", "#59636e", "#d1d9e0") +
    colours("light") +
    `@media(prefers-color-scheme:dark){${ink("#f0f6fc", "#9198a1", "#3d444d")}${colours("dark")}}`
  );
}

/** 1, 2 and 5 of each decade, from the last that is not above `least` to the first that is not below `most`. */
function marksOf(least: number, most: number): number[] {
  const marks: number[] = [];
  for (let decade = Math.floor(Math.log10(least)); decade <= Math.ceil(Math.log10(most)); decade++) {
    for (const step of [1, 2, 5]) marks.push(step * 10 ** decade);
  }
  return marks.slice(
    marks.findLastIndex((mark) => mark <= least),
    marks.findIndex((mark) => mark >= most) + 1,
  );
}

function gridOf(marks: readonly number[], y: (value: number) => number): string[] {
  return marks.flatMap((mark) => {
    const top = round(y(mark));
    return [
      `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${top}" y2="${top}"/>`,
      `<text class="muted" x="${plot.left - 8}" y="${round(top + 4)}" text-anchor="end">${formatCount(mark)}</text>`,
    ];
  });
}

function xTick(value: number, left: number): string {
  return `<text class="muted" x="${round(left)}" y="${plot.bottom + 18}" text-anchor="middle">${value.toLocaleString("en")}</text>`;
}

function drawCurve(curve: Curve, i: number, x: (value: number) => number, y: (value: number) => number): string {
  const points = curve.points.map(([px, py]) => [round(x(px)), round(y(py))] as const);
  const line = `<polyline class="s${i}" stroke-width="2"${curve.dashed ? ' stroke-dasharray="5 4"' : ""} points="${points.map((point) => point.join(",")).join(" ")}"/>`;
  return [line, ...points.map(([cx, cy]) => `<circle class="f${i}" cx="${cx}" cy="${cy}" r="3"/>`)].join("");
}

function label(curve: Curve, i: number, top: number): string {
  const [, last] = curve.points.at(-1)!;
  return (
    `<circle class="f${i}" cx="${labelLeft}" cy="${round(top)}" r="4"/>` +
    `<text class="text" x="${labelLeft + 10}" y="${round(top + 4)}">${escapeText(curve.name)} <tspan class="muted">${formatCount(last)}</tspan></text>`
  );
}

/** Moves labels apart, each as little as it takes for `labelHeight` between neighbours, within the plot. */
export function labelPositions(wanted: readonly number[]): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
  const placed: number[] = [];
  let floor = -Infinity;
  for (const i of order) {
    placed[i] = Math.max(wanted[i]!, floor);
    floor = placed[i] + labelHeight;
  }
  let ceiling: number = plot.bottom;
  for (const i of order.toReversed()) {
    placed[i] = Math.min(placed[i]!, ceiling);
    ceiling = placed[i] - labelHeight;
  }
  return placed;
}

function scale([from, to]: readonly [number, number], [start, end]: readonly [number, number]) {
  return (value: number): number => start + ((value - from) / (to - from)) * (end - start);
}

function formatCount(value: number): string {
  if (value < 1000) return value.toFixed(0);
  return `${(value / 1000).toFixed(value < 10_000 && value % 1000 !== 0 ? 1 : 0)}k`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
