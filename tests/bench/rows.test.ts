import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Budget, besideRows, budget, judge, type Row } from "./rows.ts";
import { median, pairedRatio } from "./statistics.ts";
import { formatMarkdown, formatText } from "./table.ts";

function row(id: string, samples: Record<string, number[]>, budgets: Budget[] = [], failures = {}): Row {
  return {
    id,
    title: id,
    unit: "/s",
    samples: new Map(Object.entries(samples)),
    failures: new Map(Object.entries(failures)),
    budgets,
  };
}

describe("statistics", () => {
  it("takes the middle, or the mean of the two in the middle", () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.equal(median([7]), 7);
  });

  it("pairs the rounds, so that a slow round of both leaves the ratio alone", () => {
    assert.equal(pairedRatio([20, 2, 20], [10, 1, 10]), 2);
    assert.equal(pairedRatio([20, 2], [10, 1, 10]), 2);
  });
});

describe("budgets", () => {
  const other = row("none", { binary: [100] });
  const half: Budget = {
    column: "binary",
    limits: [{ atLeast: 0.5, times: { column: "binary", row: "none" } }],
    source: "design",
  };
  const either: Budget = {
    column: "binary",
    limits: [{ atMost: 2.5, times: { column: "wasmtime" } }, { atMost: 15 }],
    source: "issue 3",
  };
  const cases: [string, Budget, Row, string, string][] = [
    [
      "met",
      budget("binary", ">=", 1.7, "wasmtime", "design"),
      row("a", { binary: [18], wasmtime: [10] }),
      "ok",
      "1.80x",
    ],
    [
      "missed",
      budget("binary", ">=", 1.7, "wasmtime", "d"),
      row("a", { binary: [16], wasmtime: [10] }),
      "MISS",
      "1.60x",
    ],
    [
      "an upper bound",
      budget("binary", "<=", 2, "wasmtime", "d"),
      row("a", { binary: [30], wasmtime: [10] }),
      "MISS",
      "3.00x",
    ],
    ["of another row", half, row("a", { binary: [60] }), "ok", "0.60x binary in none"],
    ["the second of two limits", either, row("a", { binary: [14], wasmtime: [2] }), "ok", "14.0 /s"],
    ["the second without the first", either, row("a", { binary: [14] }), "ok", "14.0 /s"],
    ["neither of two limits", either, row("a", { binary: [20], wasmtime: [2] }), "MISS", "10.0x"],
    [
      "over another column",
      { column: "a", limits: [{ atMost: 5, over: "b" }], source: "d" },
      row("a", { a: [9], b: [5] }),
      "ok",
      "4.00 /s over b",
    ],
    ["no baseline", budget("binary", ">=", 1, "wasmtime", "d"), row("a", { binary: [1] }), "not measured", "binary"],
    [
      "a failed column",
      budget("binary", ">=", 1, "wasmtime", "d"),
      row("a", {}, [], { binary: "gone" }),
      "MISS",
      "failed",
    ],
  ];
  for (const [name, limit, measured, verdict, text] of cases) {
    it(name, () => {
      const judgement = judge(limit, measured, [measured, other]);
      assert.equal(judgement.verdict, verdict);
      assert.ok(judgement.text.includes(text), judgement.text);
    });
  }
});

describe("rows beside rows", () => {
  it("are made of what was sampled beside columns, where it is shown", () => {
    const besides = [
      { suffix: ", node:http", mark: "h", title: "node:http there", shown: true },
      { suffix: ", own", mark: "o", title: "its own" },
    ] as const;
    const measured = row("serve", { bun: [1], "bun, node:http": [2], "bun, own": [3] }, [], {
      "deno, node:http": "gone",
    });
    const [shown, ...others] = besideRows({ ...measured, besides });
    assert.deepEqual(others, []);
    assert.deepEqual(shown, {
      ...row("serve-node-http", { bun: [2] }, [], { deno: "gone" }),
      title: "    node:http there",
    });
  });
});

describe("tables", () => {
  const section = {
    title: "Hosts",
    columns: ["wasmtime", "binary"],
    baselines: new Map([["wasmtime", "w"]]),
    rows: [row("echo", { wasmtime: [50_000], binary: [100_000] }, [budget("binary", ">=", 3, "wasmtime", "design")])],
  };

  it("shows a miss below its row in text", () => {
    assert.equal(
      formatText(section),
      [
        "Hosts (medians; w = times wasmtime)",
        "",
        "          wasmtime  binary",
        "echo, /s  50.0k     100.0k 2.00w",
        "    MISS  binary 2.00x wasmtime, design: >= 3x wasmtime",
      ].join("\n"),
    );
  });

  it("shows what was sampled beside a column as a ratio", () => {
    const besides = [{ suffix: ", own", mark: "o", title: "its own" }];
    const samples = { binary: [40, 10], "binary, own": [100, 20], wasmtime: [7] };
    const rows = [{ ...row("evented", samples, [budget("binary", ">=", 0.4, "binary, own", "issue")]), besides }];
    const lines = formatText({ ...section, rows }).split("\n");
    assert.equal(lines[0], "Hosts (medians; w = times wasmtime; o = times its own)");
    assert.deepEqual(lines.slice(-2), [
      "evented, /s  7.00      25.0 5.71w 0.45o",
      "    ok    binary 0.45x binary, own, issue: >= 0.4x binary, own",
    ]);
  });

  it("compares all columns with one that has a variant", () => {
    const besides = [{ suffix: ", pooling", of: "wasmtime", mark: "wp", title: "wasmtime that pools" }];
    const samples = { wasmtime: [10], "wasmtime, pooling": [20], binary: [40] };
    const lines = formatText({ ...section, rows: [{ ...row("serve", samples), besides }] }).split("\n");
    assert.equal(lines[0], "Hosts (medians; w = times wasmtime; wp = times wasmtime that pools)");
    assert.equal(lines.at(-1), "serve, /s  10.0 0.50wp  40.0 4.00w 2.00wp");
  });

  it("shows it in the last column in Markdown", () => {
    const last = formatMarkdown(section).split("\n").at(-1);
    assert.equal(last, "| echo, /s | 50.0k | 100.0k 2.00w | MISS: binary 2.00x wasmtime, design: >= 3x wasmtime |");
  });
});
