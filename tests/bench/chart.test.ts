import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { drawScale, labelPositions } from "./chart.ts";

describe("the scale curve", () => {
  const colour = { light: "#111111", dark: "#eeeeee" };
  const points = (...values: number[]) => values.map((y, i) => [i * 1000, y] as const);

  it("draws each curve on a logarithmic axis", () => {
    const curves = [
      { name: "a", points: points(100_000, 1000), colour, dashed: false },
      { name: "b & <c>", points: points(10_000, 10_000), colour, dashed: true },
    ];
    const svg = drawScale(curves, [0, 1000], "somewhere");
    const lines = [...svg.matchAll(/points="([^"]+)"/g)].map((match) => match[1]);
    assert.deepEqual(lines, ["62,52 560,366", "62,209 560,209"]);
    assert.match(svg, /b &amp; &lt;c>/);
    assert.match(svg, /prefers-color-scheme:dark/);
    assert.ok(!svg.includes("NaN"));
  });

  const cases: [string, number[], number[]][] = [
    ["leaves labels where they are", [100, 200], [100, 200]],
    ["moves the lower one down", [100, 105, 200], [100, 117, 200]],
    ["keeps the order given", [105, 100], [117, 100]],
    ["stays within the plot", [360, 361], [349, 366]],
  ];
  for (const [name, wanted, expected] of cases) it(name, () => assert.deepEqual(labelPositions(wanted), expected));
});
