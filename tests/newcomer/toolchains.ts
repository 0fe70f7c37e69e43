/** The toolchains of this machine, as somebody with another HOME finds them. */
import { spawnSync } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Language } from "../../src/cli/options/project-flags.ts";
import { buildPyecho } from "../e2e/host.ts";
import { noGo } from "../e2e/p1/go.ts";
import { noRust } from "../e2e/rust.ts";

const root = join(import.meta.dirname, "../..");
const componentizePy = join(root, "tests/guests/build/componentize-py-0.25.1/bin");

/** Why the language's projects cannot be built here; false: they can. */
export function noToolchain(lang: Language): string | false {
  if (lang === "rust") return noRust();
  if (lang === "go") return noGo;
  if (lang === "c") return noClang();
  // Its build script installs componentize-py.
  if (lang === "python") return existsSync(componentizePy) ? false : buildPyecho();
  return existsSync(join(root, "node_modules/@bytecodealliance/jco")) ? false : "no jco in node_modules";
}

function noClang(): string | false {
  if (process.env["WASI_SDK_PATH"] !== undefined) return false;
  const flags = ["--target=wasm32-wasi", "--sysroot=/usr", "-xc", "-", "-o", "/dev/null"];
  const { error, status } = spawnSync("clang-19", flags, { input: "int main(void) { return 0; }" });
  return error === undefined && status === 0 ? false : "no clang-19 with wasi-libc";
}

/** What the toolchains look up in HOME, where they have it from here. The npm that runs the tests has settings of its own. */
export function environment(): Readonly<Record<string, string>> {
  const { stdout } = spawnSync("go", ["env", "GOCACHE"], { encoding: "utf8" });
  const set = Object.entries({
    RUSTUP_HOME: join(homedir(), ".rustup"),
    CARGO_HOME: join(homedir(), ".cargo"),
    GOCACHE: stdout?.trim() || undefined,
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_config_/i.test(name))),
  });
  return Object.fromEntries(set.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

export const programs: readonly string[] = [componentizePy];

/** What `npm install` would bring: the packages of this repository. */
export function installPackages(folder: string): void {
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
}
