/** Builds the Go guests of tests/guests/go, each from its main.go. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const guests = join(import.meta.dirname, "../../guests");

/** Why Go guests cannot be built; false: they can. */
export const noGo: string | false = spawnSync("go", ["version"]).error === undefined ? false : "no go on this machine";

/** The guest's module: built, unless one is there that is newer than its source. Answers "" without Go. */
export function goGuest(name: string): string {
  if (noGo !== false) return "";
  const folder = join(guests, "go", name);
  const built = join(guests, "build/go", `${name}.wasm`);
  if (existsSync(built) && statSync(built).mtimeMs > statSync(join(folder, "main.go")).mtimeMs) return built;
  mkdirSync(join(guests, "build/go"), { recursive: true });
  // Tests of several runtimes may build at once: each its own file, which takes the name at once.
  const own = `${built}.${process.pid}`;
  const { status, stderr } = spawnSync("go", ["build", "-ldflags=-s -w", "-o", own, "main.go"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, GOOS: "wasip1", GOARCH: "wasm", GO111MODULE: "off" },
  });
  if (status !== 0) throw new Error(`go build ${name}: ${stderr}`);
  renameSync(own, built);
  return built;
}
