import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatFrames } from "../../../src/cli/report/backtrace.ts";

describe("formatFrames", () => {
  it("prints as wasmtime 48 does", () => {
    const frames = [
      { offset: 0xfb, module: "mymod", func: "unr" },
      { offset: 0x1d6f00, module: undefined, func: "<wasm function 7>" },
      { offset: undefined, module: "mymod", func: "rec" },
    ];
    assert.equal(
      formatFrames(frames),
      [
        "error while executing at wasm backtrace:",
        "    0:     0xfb - mymod!unr",
        "    1: 0x1d6f00 - <unknown>!<wasm function 7>",
        "    2: mymod!rec",
      ].join("\n"),
    );
  });

  it("lets no file or function of a guest's DWARF begin a line", () => {
    const frame = { offset: undefined, module: "m", func: "f" };
    const place = { file: "/a\n    9: forged", line: 3, column: 4 };
    const declared = formatFrames([frame], 20, (each) => ({ ...each, declared: place }));
    const inlined = formatFrames([frame], 20, (each) => ({ ...each, symbols: [{ name: "f\n    9: g", place }] }));
    assert.deepEqual(
      [declared, inlined].map((text) => text.split("\n").length),
      [3, 3],
    );
  });

  it("stops after 20, or when told", () => {
    const frames = Array.from({ length: 30 }, () => ({ offset: 1, module: "m", func: "f" }));
    assert.equal(formatFrames(frames).split("\n").length, 21);
    assert.equal(formatFrames(frames, 3).split("\n").length, 4);
  });

  it("demangles what it shows, and leaves the frames as they are", () => {
    const frames = [{ offset: 1, module: "m", func: "_RNvCs_5guest4main" }];
    assert.equal(formatFrames(frames), "error while executing at wasm backtrace:\n    0:      0x1 - m!guest[1]::main");
    assert.equal(frames[0]?.func, "_RNvCs_5guest4main");
  });

  it("shows no character that a terminal obeys, demangled ones neither", () => {
    const frames = [{ offset: 1, module: "m\x1b[2J", func: "_RNvC1au6ab_g4t" }];
    assert.equal(formatFrames(frames).split("\n")[1], "    0:      0x1 - m\\u001b[2J!a::a\\u202eb");
  });
});
