/** `--chart`: the rows of the scale curve, drawn. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Curve, drawScale } from "./chart.ts";
import { medianOf, type Row } from "./rows.ts";
import type { Runner, RunnerId } from "./runners.ts";
import { scaleRows } from "./throughput.ts";
import { root } from "./tools.ts";

const colours: Readonly<Record<RunnerId, Curve["colour"]>> = {
  native: { light: "#59636e", dark: "#9198a1" },
  wasmtime: { light: "#cf222e", dark: "#ff7b72" },
  bun: { light: "#bf3989", dark: "#f778ba" },
  deno: { light: "#1a7f37", dark: "#56d364" },
  node: { light: "#9a6700", dark: "#e3b341" },
  binary: { light: "#0969da", dark: "#58a6ff" },
};

/** Draws what was measured into docs/scale.svg; answers the file's name, or undefined where nothing was. */
export function drawScaleOf(rows: readonly Row[], runners: readonly Runner[], caption: string): string | undefined {
  const curves = runners.flatMap(({ id, title }): Curve[] => {
    const points = [...scaleRows].flatMap(([idle, rowId]) => {
      const row = rows.find((candidate) => candidate.id === rowId);
      const value = row && medianOf(row, id);
      return value === undefined ? [] : [[idle, value] as const];
    });
    const dashed = id === "native" || id === "wasmtime";
    return points.length === 0 ? [] : [{ name: title, points, colour: colours[id], dashed }];
  });
  if (curves.length === 0) return undefined;
  const file = join(root, "docs/scale.svg");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, drawScale(curves, [...scaleRows.keys()], caption));
  return file;
}
