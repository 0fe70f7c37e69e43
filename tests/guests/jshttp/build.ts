/**
 * Builds tests/guests/build/jshttp.wasm (12 MB, not committed) from app.js, with Hono and the componentize-js that jco brings,
 * unless it is newer than its sources. Needs npm, and the network the first time:  node tests/guests/jshttp/build.ts
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { componentize } from "@bytecodealliance/componentize-js";

const folder = import.meta.dirname;
const root = join(folder, "../../..");
const work = join(folder, "../build/jshttp");
const file = join(folder, "../build/jshttp.wasm");

/** Of WASI, by which its engine is built. */
const VERSION = "0.2.10";

/**
 * What the handler needs, without worlds, which need more. In one text: componentize-js does not find files here. jco has no WIT
 * of that version; of these interfaces the next is the same.
 */
function wit(): string {
  const builtin = join(root, "node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12");
  const packages = ["wasi-io", "wasi-clocks", "wasi-http"].map((name) => {
    const text = readFileSync(join(builtin, name, "package.wit"), "utf8").replaceAll("@0.2.12", `@${VERSION}`);
    return `${text.replace(/^(package [^;]+);/m, "$1 {").replaceAll(/^world [^}]*\}/gm, "")}\n}\n`;
  });
  const world = `package pollux:guests;\nworld server {\n  export wasi:http/incoming-handler@${VERSION};\n}\n`;
  return [world, ...packages].join("\n");
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: work, encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: status ${status}: ${stderr}`);
}

function isFresh(): boolean {
  if (!existsSync(file)) return false;
  const { mtimeMs } = statSync(file);
  return ["app.js", "package.json", "build.ts"].every((name) => statSync(join(folder, name)).mtimeMs < mtimeMs);
}

if (!isFresh()) {
  mkdirSync(work, { recursive: true });
  for (const name of ["app.js", "package.json"]) cpSync(join(folder, name), join(work, name));
  run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"]);
  run(join(root, "node_modules/.bin/rolldown"), [
    "app.js",
    "--format",
    "esm",
    "--file",
    "app.bundle.js",
    "--log-level",
    "silent",
  ]);
  const source = readFileSync(join(work, "app.bundle.js"), "utf8");
  const { component } = await componentize(source, wit());
  writeFileSync(`${file}.${process.pid}`, component);
  renameSync(`${file}.${process.pid}`, file);
}
