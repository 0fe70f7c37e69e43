/**
 * JavaScriptCore reads its options from the environment when a process starts; nothing can set them later. A big guest
 * therefore makes the standalone binary start once more, in the same process (execve(2)), with options that suit it:
 * the top tier then no longer spends seconds on the loop of an interpreter. RATIONALE.md has costs and gains.
 *
 * This is an optimisation: if the system does not allow it, or the user has set such an option, the process continues
 * as it started. Linux only, where the system still has the original command line and environment (proc(5)).
 */
import process from "node:process";
import { terminated } from "./process/exec.ts";

/**
 * The size from which a guest is big, bytes. A smaller one ends before the top tier has cost much, or has no functions
 * that cost it much.
 */
const BIG_GUEST_BYTES = 1 << 20;

/** The size from which a guest has many long functions, rather than one that all depends on, bytes. */
const HUGE_GUEST_BYTES = 8 << 20;

type Options = readonly (readonly [name: string, value: string])[];

/** Returns JavaScriptCore's options for a guest. @param size bytes of its files @param level `-O opt-level` */
function optionsFor(size: number, level: string | undefined): Options {
  return Object.entries({
    /** The largest function that the top tier compiles, bytes. */
    maximumOMGCandidateCost: size < HUGE_GUEST_BYTES ? "50000" : "20000",
    /** How much the top tier optimises: 1 chooses the fast register allocator. */
    wasmOMGOptimizationLevel: level === "2" ? "2" : "1",
    /** How often a function or its loops must have run before the top tier compiles it. */
    thresholdForOMGOptimizeAfterWarmUp: "1000000",
  }).map(([name, value]) => [`BUN_JSC_${name}`, value]);
}

const all = [BIG_GUEST_BYTES, HUGE_GUEST_BYTES].flatMap((size) =>
  [undefined, "2"].map((level) => optionsFor(size, level)),
);
const names = optionsFor(BIG_GUEST_BYTES, undefined).map(([name]) => name);

/**
 * Returns a function that prepares the engine for the modules in some files; `level` is `-O opt-level`. Also removes
 * from the environment, which guests and other processes may inherit, what an earlier start has added.
 */
export function engineTuner(): (files: readonly string[], level: string | undefined) => Promise<void> {
  const started = all.some((options) => options.every(([name, value]) => process.env[name] === value));
  if (started) for (const name of names) delete process.env[name];
  return async (files, level) => {
    if (started || level === "0" || process.platform !== "linux") return;
    const size = sizeOf(files);
    if (!(size >= (level === "2" ? 0 : BIG_GUEST_BYTES) && size < Number.POSITIVE_INFINITY)) return;
    if (names.some((name) => process.env[name] !== undefined)) return;
    const { execute, readStrings } = await import("./bun-exec.ts");
    const environment = await readStrings("/proc/self/environ");
    const ours = optionsFor(size, level).map(([name, value]) => terminated(`${name}=${value}`));
    execute(await readStrings("/proc/self/cmdline"), [...environment, ...ours]);
  };
}

/** Returns the total size in bytes; infinite if a file is a pipe, which can be read only once. */
function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, path) => sum + Bun.file(path).size, 0);
}
