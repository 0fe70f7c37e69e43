/**
 * What the benchmark makes or finds on this machine: its C programs, a wasmtime, a Python with PyPI's wasmtime. Whatever is
 * missing is a sentence that says so, and the rows that need it are left out.
 */
import { accessSync, constants, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { CommandFailed, run } from "./process.ts";

/** Absolute paths, whatever the working directory. */
export const root = join(import.meta.dirname, "../..");
const nativeSources = join(import.meta.dirname, "native");
/** Git-ignored. */
export const buildFolder = join(root, "tests/guests/build/bench");

/** The version of PyPI's wasmtime that a venv gets: 48.0.0 and later lack the switch that allows TCP. */
const pypiVersion = "46.0.1";

/** A tool's path, or why there is none. */
export type Found = { readonly path: string; readonly version: string } | { readonly missing: string };

export interface NativeTools {
  /** The epoll echo server. */
  readonly echo: string;
  /** The load generator. */
  readonly load: string;
  /** That of HTTP. */
  readonly http: string;
  /** The same two for UDP. */
  readonly udp: string;
  /** The client of the soak. */
  readonly soak: string;
  /** Runs a command and prints what it cost. */
  readonly measure: string;
}

/** Compiles the C programs with the machine's C compiler. */
export async function compileNative(): Promise<NativeTools | { readonly missing: string }> {
  const compiler = findOnPath("cc");
  if (compiler === undefined) return { missing: "no cc" };
  mkdirSync(buildFolder, { recursive: true });
  const compile = async (name: string): Promise<string> => {
    const output = join(buildFolder, name);
    await run([compiler, "-O2", "-o", output, join(nativeSources, `${name}.c`)]);
    return output;
  };
  const names = ["echo", "load", "http", "udp", "soak", "measure"];
  const [echo, load, http, udp, soak, measure] = await Promise.all(names.map(compile));
  return { echo: echo!, load: load!, http: http!, udp: udp!, soak: soak!, measure: measure! };
}

/** The wasmtime on PATH that is called so. */
export async function findWasmtime(name: string): Promise<Found> {
  const path = findOnPath(name);
  if (path === undefined) return { missing: `no ${name} on PATH` };
  const { stdout } = await run([path, "--version"]);
  return { path, version: stdout.match(/[\d.]+/)?.[0] ?? "" };
}

/** A Python that has PyPI's wasmtime 46 or 47: the machine's own, or that of a venv made here. */
export async function findPythonWithWasmtime(): Promise<Found> {
  const python = findOnPath("python3");
  if (python === undefined) return { missing: "no python3" };
  const venv = join(buildFolder, "venv");
  const own = (await pythonWithWasmtime(python)) ?? (await pythonWithWasmtime(join(venv, "bin/python3")));
  if (own !== undefined) return own;
  try {
    await run([python, "-m", "venv", venv]);
    await run([join(venv, "bin/python3"), "-m", "pip", "install", "--quiet", `wasmtime==${pypiVersion}`], 120_000);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return { missing: `no wasmtime for python3 (${error.message})` };
  }
  return (await pythonWithWasmtime(join(venv, "bin/python3"))) ?? { missing: "no wasmtime for python3" };
}

async function pythonWithWasmtime(python: string): Promise<Found | undefined> {
  const ask = "import sys, wasmtime, importlib.metadata as m; print(sys.executable, m.version('wasmtime'))";
  if (findOnPath(python) === undefined) return undefined;
  try {
    const [path, version] = (await run([python, "-c", ask])).stdout.trim().split(" ");
    return path !== undefined && version !== undefined && /^4[67]\./.test(version) ? { path, version } : undefined;
  } catch (error) {
    if (error instanceof CommandFailed) return undefined;
    throw error;
  }
}

/** Where a program is, by its name or its path; undefined: it is not there, or cannot be run. */
export function findOnPath(program: string): string | undefined {
  const folders = program.includes("/") ? [""] : (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
