import { readFileSync } from "node:fs";
import process from "node:process";

/** Where Bun has the files of a standalone binary: /$bunfs/, on Windows B:\\~BUN\\. */
const embedded = /^(?:\/\$bunfs\/|[A-Z]:[\\/]~BUN[\\/])/;

/**
 * The words between the runtime and Pollux's arguments, to start this program once more: the runtime's flags and the script;
 * nothing for the standalone binary.
 */
export function ownArguments(): string[] {
  const given = process.argv.length - 2;
  if (process.platform === "linux") {
    const words = readFileSync("/proc/self/cmdline", "utf8").split("\0").slice(1, -1);
    return words.slice(0, words.length - given);
  }
  const [, script = ""] = process.argv;
  return embedded.test(script) ? [] : [...process.execArgv, script];
}
