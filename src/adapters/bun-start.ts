/**
 * Bun does things before a program's first line: it runs the preloads of a bunfig.toml in the current directory, reads .env
 * files of it into the environment, and drops a `--` behind the program's name. None of that is Pollux's, nor its guest's: where
 * there are such files Bun starts once more without them, in the same process (execve(2)). That costs what an empty Bun costs,
 * before anything else is loaded. What a preload has done by then is done.
 *
 * On Linux alone, where the system still has the command line and the environment as they were (proc(5)).
 */
import process from "node:process";
import { execute, readStrings } from "./bun-exec.ts";
import { terminated } from "./process/exec.ts";

/** The first keeps .env files away, the second is read in place of bunfig.toml. */
const OFF = ["--no-env-file", "--config=/dev/null"];

const modes = ["development", "production", "test"];
const files = ["bunfig.toml", ".env", ".env.local", ...modes.flatMap((mode) => [`.env.${mode}`, `.env.${mode}.local`])];

/** Returns in a Bun that none of the files has changed, with the words in process.argv that were typed. */
export async function startAlone(): Promise<void> {
  if (process.platform !== "linux") return;
  const words = await readStrings("/proc/self/cmdline");
  const given = process.argv.length - 2;
  // Bun's own words, the program's name, and what Bun has dropped.
  const own = words.slice(0, words.length - given).map((word) => new TextDecoder().decode(word.subarray(0, -1)));
  if (own.at(-1) === "--") process.argv.splice(2, 0, "--");
  if (OFF.every((word) => own.includes(word)) || !files.some((name) => Bun.file(name).size > 0)) return;
  // As `bun`, for as `node` (bunx --bun) it does not know the options.
  const argv = [...["bun", ...OFF].map(terminated), ...words.slice(1)];
  execute(argv, await readStrings("/proc/self/environ"));
  throw new Error("Bun could not be started again without the bunfig.toml and .env of this directory");
}
