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

const options = Object.entries({
  /** Bytes of a function from which the top tier leaves it to the tier below. */
  maximumOMGCandidateCost: "20000",
  /** The top tier's register allocator is the quick one. */
  wasmOMGOptimizationLevel: "1",
}).map(([name, value]) => [`BUN_JSC_${name}`, value] as const);

/**
 * Returns what makes the engine ready for the modules in some files, unless that is done: `level` is `-O opt-level`. Also takes out of the environment, which guests and other processes may inherit, what a start before this one put there. */
export function engineTuner(): (files: readonly string[], level: string | undefined) => Promise<void> {
  const started = options.every(([name, value]) => process.env[name] === value);
  if (started) for (const [name] of options) delete process.env[name];
  return async (files, level) => {
    if (started || level === "0" || process.platform !== "linux" || !isBig(files)) return;
    if (options.some(([name]) => process.env[name] !== undefined)) return;
    const { execute, readStrings } = await import("./bun-exec.ts");
    const environment = await readStrings("/proc/self/environ");
    const ours = options.map(([name, value]) => terminated(`${name}=${value}`));
    execute(await readStrings("/proc/self/cmdline"), [...environment, ...ours]);
  };
}

/** A pipe, whose size nobody knows, can only be read once. */
function isBig(files: readonly string[]): boolean {
  const size = files.reduce((sum, path) => sum + Bun.file(path).size, 0);
  return size >= BIG && size < Number.POSITIVE_INFINITY;
}
