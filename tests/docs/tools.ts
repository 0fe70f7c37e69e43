/** What building in a language takes, and whether this machine has it. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { buildPyecho } from "../e2e/host.ts";
import { noRust } from "../e2e/rust.ts";

export type Language = "Rust" | "C" | "Go" | "Python" | "JavaScript";

const has = (program: string): boolean => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

const checks: Readonly<Record<Language, () => string | false>> = {
  Rust: noRust,
  C: () => (has("clang-19") && existsSync("/usr/include/wasm32-wasi") ? false : "no clang-19 with wasi-libc"),
  Go: () => (has("go") ? false : "no go"),
  // It installs componentize-py for the guests of the tests.
  Python: buildPyecho,
  JavaScript: () => false,
};

/** Why nothing is built in it here; false: it is. */
export function lacking(language: Language): string | false {
  return checks[language]();
}
