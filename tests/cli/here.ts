/** What the tests of the command line share: the hosts that this runtime tests, and guests written as text. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after } from "node:test";
import { binary } from "../component/text.ts";
import { hosts, hostsWithoutFfi, runtimeOf } from "../e2e/host.ts";

const runtime = process.versions["bun"] ? "bun" : process.versions["deno"] ? "deno" : "node";

/** The runtime that runs the test; on Node also the standalone binary. */
export const here = hosts.filter(({ name }) => name === runtime || (runtime === "node" && name === "binary"));

/** The same runtime without FFI; none for Bun, which always has it. */
export const hereWithoutFfi = hostsWithoutFfi.filter((host) => runtimeOf(host) === runtime);

/** A directory that is removed after the file's tests. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "pollux cli é "));
  after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Puts a module or component, as text, into a file and answers its path. */
export async function textGuest(directory: string, name: string, text: string): Promise<string> {
  const path = join(directory, `${name}.wasm`);
  writeFileSync(path, await binary(text));
  return path;
}

/** A command whose `run` has this body, which leaves 0 (ok) or 1; `fields` are its core module's other fields. */
export function command(body: string, fields = ""): string {
  return `(component
    (core module $m ${fields} (func (export "run") (result i32) ${body}))
    (core instance $i (instantiate $m))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`;
}

/** The messages of an error on stderr, outermost first, each its first line. */
export function chain(stderr: string): string[] {
  return stderr.split("\n").flatMap((line) => {
    const match = /^(?:Error: |error: | {4}(?:\d+: )?(?! ))(.+)$/.exec(line);
    return match === null || / - |^\s*\d+: [^:]*!/.test(line) ? [] : [match[1]!];
  });
}
