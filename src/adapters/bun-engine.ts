/**
 * JavaScriptCore reads its options from the environment when a process starts, and nothing sets them later. So a big guest makes
 * the standalone binary start once more, in the same process (execve(2)), with options that suit it: its top tier no longer
 * spends seconds on the loop of an interpreter. RATIONALE.md has what that costs and gains.
 *
 * It is an optimisation: where the system does not let it be done, or the user has set such an option, the process goes on as it
 * started. On Linux alone, where the system still has the command line and the environment as they were (proc(5)).
 */
import process from "node:process";
import { terminated } from "./process/exec.ts";

/** Bytes from which a guest is big: a smaller one is done before the top tier has cost much, or has no functions that do. */
const BIG = 1 << 20;

/** Bytes from which it is so big that it has many long functions, and not one that all depends on. */
const HUGE = 8 << 20;

type Options = readonly (readonly [name: string, value: string])[];

/** JavaScriptCore's options for a guest. @param level `-O opt-level` */
function optionsFor(size: number, level: string | undefined): Options {
  return Object.entries({
    /** Bytes of a function that the top tier still compiles; of a longer one it is left out. */
    maximumOMGCandidateCost: size < HUGE ? "50000" : "20000",
    /** How much the top tier optimises: with 1, registers are given out by the quick way. */
    wasmOMGOptimizationLevel: level === "2" ? "2" : "1",
    /** How often a function has run, or its loops, when the top tier compiles it. */
    thresholdForOMGOptimizeAfterWarmUp: "1000000",
  }).map(([name, value]) => [`BUN_JSC_${name}`, value]);
}

const all = [BIG, HUGE].flatMap((size) => [undefined, "2"].map((level) => optionsFor(size, level)));
const names = optionsFor(BIG, undefined).map(([name]) => name);

/**
 * Returns what makes the engine ready for the modules in some files; `level` is `-O opt-level`. Also takes out of the
 * environment, which guests and other processes may inherit, what a start before this one has put there.
 */
export function engineTuner(): (files: readonly string[], level: string | undefined) => Promise<void> {
  const started = all.some((options) => options.every(([name, value]) => process.env[name] === value));
  if (started) for (const name of names) delete process.env[name];
  return async (files, level) => {
    if (started || level === "0" || process.platform !== "linux") return;
    const size = sizeOf(files);
    if (!(size >= (level === "2" ? 0 : BIG) && size < Number.POSITIVE_INFINITY)) return;
    if (names.some((name) => process.env[name] !== undefined)) return;
    const { execute, readStrings } = await import("./bun-exec.ts");
    const environment = await readStrings("/proc/self/environ");
    const ours = optionsFor(size, level).map(([name, value]) => terminated(`${name}=${value}`));
    execute(await readStrings("/proc/self/cmdline"), [...environment, ...ours]);
  };
}

/** Infinite where one is a pipe, which can only be read once. */
function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, path) => sum + Bun.file(path).size, 0);
}
