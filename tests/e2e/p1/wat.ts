/** Pieces of core modules in text, and what the command says of modules that fail. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";

export const WASI = "wasi_snapshot_preview1";
export const write = `(import "${WASI}" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))`;
export const exit = `(import "${WASI}" "proc_exit" (func $exit (param i32)))`;
/** An iovec of four bytes at 16. */
export const memory =
  '(memory (export "memory") 1) (data (i32.const 0) "\\10\\00\\00\\00\\04\\00\\00\\00") (data (i32.const 16) "abc\\0a")';
export const say = "(drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))";

/** Writes each as `NAME.wasm`. */
export async function writeModules(folder: string, modules: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, `${name}.wasm`), await parse(text));
}

export function warning(what: string): string {
  return `warning: using \`--invoke\` with a function that ${what} is experimental and may break in the future\n`;
}

/** An error as wasmtime prints it: its causes are numbered when there are several. */
export function chain(message: string, causes: readonly string[]): string {
  const lines = causes.length === 1 ? causes : causes.map((cause, i) => `${i}: ${cause}`);
  return `Error: ${message}\n\nCaused by:\n${lines.map((line) => `    ${line}\n`).join("")}\n`;
}
