import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { report } from "../../../src/cli/report/report.ts";
import { readModule } from "../../../src/cli/run/module-file.ts";

/** Pollux's own, after wasmtime's words. */
const NO_WASM = "hint: this is no WebAssembly: a component or module begins with \\0asm\n";

describe("readModule", () => {
  const dir = mkdtempSync(join(tmpdir(), "pollux module "));
  after(() => rmSync(dir, { recursive: true }));
  const at = (name: string) => join(dir, name);
  mkdirSync(at("dir"));

  it("reads what starts as WebAssembly does", () => {
    writeFileSync(at("ä.wasm"), "\0asm rest");
    assert.equal(readModule(at("ä.wasm")).length, 9);
  });

  /** As wasmtime 48.0.8 prints them; `$` is the path. */
  const refused: readonly (readonly [string, string | Uint8Array | undefined, string])[] = [
    [
      "missing",
      undefined,
      `failed to open wasm module "$"\n\nCaused by:\n    No such file or directory (os error 2)\n`,
    ],
    ["dir", undefined, "failed to read file: $\n\nCaused by:\n    Is a directory (os error 21)\n"],
    ["empty", "", "expected at least one module field\n     --> $:1:1\n      |\n    1 | \n      | ^"],
    ["text", "hello\n", "expected `(`\n     --> $:1:1\n      |\n    1 | hello\n      | ^"],
    [
      "later",
      ";; c\n\n  (; d\n ;) hi there\n",
      "expected `(`\n     --> $:4:5\n      |\n    4 |  ;) hi there\n      |     ^",
    ],
    // Of a long line what is around the place.
    [
      "long",
      `hello ${"x".repeat(100_000)}\n`,
      `expected \`(\`\n     --> $:1:1\n      |\n    1 | hello ${"x".repeat(74)}\n      | ^`,
    ],
    [
      "far",
      `;; c\n${" ".repeat(5000)}${"y".repeat(5000)}`,
      `expected \`(\`\n     --> $:2:5001\n      |\n    2 | ${" ".repeat(80)}${"y".repeat(80)}\n      | ${" ".repeat(80)}^`,
    ],
    ["escapes", "a\x1b[2Jb\tc\0", "expected `(`\n     --> $:1:1\n      |\n    1 | a\ufffd[2Jb\tc\ufffd\n      | ^"],
    // Of a large file the beginning: what comes later, in the middle of a character or not, is not looked at.
    [
      "large",
      Buffer.concat([Buffer.from(`<html>${"é".repeat(600_000)}`), Buffer.from([0xff])]),
      `expected \`(\`\n     --> $:1:1\n      |\n    1 | <html>${"é".repeat(74)}\n      | ^`,
    ],
    ["bytes", new Uint8Array([0xff, 0xfe]), "failed to parse `$`: input bytes aren't valid utf-8"],
    // Pollux's own: what it does not read.
    ["a.wat", " (module)", "failed to parse `$`: the text format is not supported (`wasm-tools parse` makes a binary)"],
    ["a.cwasm", "\x7fELF...", `failed to load "$": modules compiled by wasmtime are not supported`],
  ];
  for (const [name, content, text] of refused) {
    it(`refuses ${name}`, () => {
      if (content !== undefined) writeFileSync(at(name), content);
      assert.throws(
        () => readModule(at(name)),
        (error) => {
          const said = report(error, at(name));
          const hint = /^expected|valid utf-8$/.test(text) ? NO_WASM : "";
          assert.deepEqual([said.text, said.status], [`Error: ${text.replaceAll("$", at(name))}\n${hint}`, 1]);
          return true;
        },
      );
    });
  }

  it("refuses a file below a file", () => {
    writeFileSync(at("file"), "");
    assert.throws(() => readModule(at("file/x")), { causes: ["Not a directory (os error 20)"] });
  });
});
