import { readFileSync } from "node:fs";
import process from "node:process";

/** Options that Node reads, and some of which it rewrites, wherever they stand on the command line. */
const READ = /^--(?:env-file|env-file-if-exists|experimental-config-file|experimental-default-config-file)(?:=|$)/;

/**
 * Words behind the program's name are Pollux's and its guest's, but Node reads a few of them as its own. Puts back in
 * process.argv what was typed, and takes out of process.env what came from a guest's --env-file. What such a file makes Node do
 * (NODE_OPTIONS, an import) is done by then, and a file that is not there has ended it.
 *
 * On Linux alone, where the system still has the command line and the environment as they were (proc(5)).
 */
export function restoreWords(): void {
  const given = process.argv.slice(2);
  if (process.platform !== "linux" || !given.some((word) => READ.test(word))) return;
  const words = readStrings("/proc/self/cmdline");
  const own = words.slice(0, words.length - given.length);
  process.argv.splice(2, given.length, ...words.slice(own.length));
  if (own.some((word) => READ.test(word))) return;
  const names = new Set(readStrings("/proc/self/environ").map((variable) => variable.split("=", 1)[0]));
  for (const name of Object.keys(process.env)) if (!names.has(name)) delete process.env[name];
}

function readStrings(file: string): string[] {
  return readFileSync(file, "utf8").split("\0").slice(0, -1);
}
