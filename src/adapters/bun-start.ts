/**
 * Before a program's first line Bun runs the preloads of a bunfig.toml in the current directory, reads .env files there
 * into the environment, and drops a `--` after the program's name. None of that is for Pollux or its guest. If there
 * are such files, Bun starts once more without them, in the same process (execve(2)). That costs an empty Bun's start,
 * before anything else is loaded. Effects of a preload by then cannot be undone.
 *
 * Linux only, where the system still has the original command line and environment (proc(5)).
 */
import process from "node:process";
import { execute, readStrings } from "./bun-exec.ts";
import { terminated } from "./process/exec.ts";

/** The first disables .env files, the second replaces bunfig.toml. */
const NO_CONFIG_OPTIONS = ["--no-env-file", "--config=/dev/null"];

const modes = ["development", "production", "test"];
const files = ["bunfig.toml", ".env", ".env.local", ...modes.flatMap((mode) => [`.env.${mode}`, `.env.${mode}.local`])];

/** Returns in a Bun that none of these files has changed, with the original words in process.argv. */
export async function startAlone(): Promise<void> {
  if (process.platform !== "linux") return;
  const words = await readStrings("/proc/self/cmdline");
  const given = process.argv.length - 2;
  // Bun's own words, the program's name, and the `--` that Bun dropped.
  const own = words.slice(0, words.length - given).map((word) => new TextDecoder().decode(word.subarray(0, -1)));
  if (own.at(-1) === "--") process.argv.splice(2, 0, "--");
  if (NO_CONFIG_OPTIONS.every((word) => own.includes(word)) || !files.some((name) => Bun.file(name).size > 0)) return;
  // As `bun`: as `node` (bunx --bun) it does not know the options.
  const argv = [...["bun", ...NO_CONFIG_OPTIONS].map(terminated), ...words.slice(1)];
  execute(argv, await readStrings("/proc/self/environ"));
  throw new Error("Bun could not be started again without the bunfig.toml and .env of this directory");
}
