import { readFileSync } from "node:fs";
import process from "node:process";

/** The options that Node reads, and in part rewrites, wherever they stand on the command line. */
const NODE_OPTION =
  /^--(?:env-file|env-file-if-exists|experimental-config-file|experimental-default-config-file)(?:=|$)/;

/**
 * Words after the program's name belong to Pollux and its guest, but Node takes a few of them as its own. Restores the
 * original words in process.argv, and removes from process.env what came from a guest's --env-file. Other effects of
 * such a file (NODE_OPTIONS, an import) cannot be undone, and a missing file has already ended Node.
 *
 * Linux only, where the system still has the original command line and environment (proc(5)).
 */
export function restoreWords(): void {
  const given = process.argv.slice(2);
  if (process.platform !== "linux" || !given.some((word) => NODE_OPTION.test(word))) return;
  const words = readStrings("/proc/self/cmdline");
  const own = words.slice(0, words.length - given.length);
  process.argv.splice(2, given.length, ...words.slice(own.length));
  if (own.some((word) => NODE_OPTION.test(word))) return;
  const names = new Set(readStrings("/proc/self/environ").map((variable) => variable.split("=", 1)[0]));
  for (const name of Object.keys(process.env)) if (!names.has(name)) delete process.env[name];
}

function readStrings(file: string): string[] {
  return readFileSync(file, "utf8").split("\0").slice(0, -1);
}
