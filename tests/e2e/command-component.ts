import { readFileSync } from "node:fs";
import { join } from "node:path";
import { componentNew } from "@bytecodealliance/jco-transpile/wasm-tools";

const adapter = "../../node_modules/@bytecodealliance/jco/lib/wasi_snapshot_preview1.command.wasm";

/** A wasip1 program (its file) as a component of 0.2, over the adapter that toolchains use. */
export async function commandComponent(file: string): Promise<Uint8Array> {
  const read = (path: string) => new Uint8Array(readFileSync(path));
  return componentNew(read(file), [["wasi_snapshot_preview1", read(join(import.meta.dirname, adapter))]]);
}
