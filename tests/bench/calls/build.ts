/** Turns the benchmark's component texts into what its contenders load: binaries, and jco's JavaScript. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { asyncFile, asyncText } from "./async-guest.ts";
import { componentText, coreModules } from "./guest.ts";

export const componentFile = "calls.wasm";
export const coreFiles = { libc: "libc.wasm", core: "core.wasm" } as const;
export const jcoFile = "jco/calls.js";

/** Writes the core modules, the component and jco's output for it into `folder`. */
export async function buildCalls(folder: string): Promise<void> {
  const { parse, transpile } = await import("@bytecodealliance/jco");
  const component = await parse(componentText);
  const { files } = await transpile(component, { name: "calls", instantiation: "sync" });
  write(folder, componentFile, component);
  write(folder, asyncFile, await parse(asyncText));
  for (const name of ["libc", "core"] as const) write(folder, coreFiles[name], await parse(coreModules[name]));
  for (const [name, content] of Object.entries(files)) write(join(folder, dirname(jcoFile)), name, content);
}

function write(folder: string, name: string, content: Uint8Array | string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
