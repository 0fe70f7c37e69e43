/**
 * Measures host calls in a process of its own, loading no contender but its own: `drive.ts hand|jco|pollux FOLDER`, FOLDER
 * being what build.ts filled. Prints the ns a call of each signature takes, as one line of JSON.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { componentFile, coreFiles, jcoFile } from "./build.ts";
import { type Signature, signatureNames } from "./guest.ts";
import { handWritten, imports, type Libc } from "./host.ts";

/** Makes `n` calls of a signature. */
type Loop = (n: number) => void;

type Exports = Readonly<Record<string, unknown>>;

interface JcoModule {
  instantiate(coreModule: (path: string) => WebAssembly.Module, imports: object): Exports;
}

const [contender, folder = ""] = process.argv.slice(2);

function readBytes(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(folder, name)));
}

function compile(name: string): WebAssembly.Module {
  return new WebAssembly.Module(readBytes(name));
}

function instantiateByHand(): Exports {
  const libc = new WebAssembly.Instance(compile(coreFiles.libc)).exports;
  const host = handWritten(libc as WebAssembly.Exports & Libc);
  const guest = new WebAssembly.Instance(compile(coreFiles.core), { libc, host }).exports;
  return Object.fromEntries(signatureNames.map((name) => [exportName(name), guest[name]]));
}

async function instantiateByJco(): Promise<Exports> {
  const module: JcoModule = await import(pathToFileURL(join(folder, jcoFile)).href);
  return module.instantiate((path) => compile(join(dirname(jcoFile), path)), imports);
}

async function instantiateByPollux(): Promise<Exports> {
  const { parseComponent } = await import("../../../src/component/binary/parse.ts");
  const { instantiateComponent } = await import("../../../src/component/link/instantiate.ts");
  const { CompiledComponent } = await import("../../../src/component/link/compiled.ts");
  return instantiateComponent(new CompiledComponent(parseComponent(readBytes(componentFile))), imports).exports;
}

/** What jco and Pollux call the export that calls a signature. */
function exportName(signature: Signature): string {
  return signature === "identity" ? signature : `loop${signature[0]!.toUpperCase()}${signature.slice(1)}`;
}

function loopOf(exports: Exports, signature: Signature): Loop {
  const exported = exports[exportName(signature)];
  if (typeof exported !== "function") throw new Error(`${contender} exports no ${exportName(signature)}`);
  if (signature !== "identity") return (n) => exported(n);
  return (n) => {
    for (let i = 0; i < n; i++) exported(i);
  };
}

/** Doubles the number of calls until they take `enough` ms, which also makes the code hot; answers the ns of one. */
function measure(loop: Loop, enough: number): number {
  for (let n = 1000; ; n *= 2) {
    const start = performance.now();
    loop(n);
    const elapsed = performance.now() - start;
    if (elapsed >= enough) return (elapsed * 1e6) / n;
  }
}

const instantiate = { hand: instantiateByHand, jco: instantiateByJco, pollux: instantiateByPollux }[contender ?? ""];
if (instantiate === undefined) throw new Error("usage: drive.ts hand|jco|pollux FOLDER");
const exports = await instantiate();
const results = signatureNames.map((name) => [name, measure(loopOf(exports, name), 50)]);
console.log(JSON.stringify(Object.fromEntries(results)));
