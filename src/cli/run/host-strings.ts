/**
 * The command line and the environment as strings. The runtimes put U+FFFD in the place of bytes that are not UTF-8; where
 * Linux tells the bytes themselves (proc(5)), what is not UTF-8 is refused in wasmtime's words instead.
 */
import process from "node:process";
import type { HostEnvironment } from "../options/guest-options.ts";
import { usage } from "../options/usage.ts";
import { Failure, quoted } from "../output/failure.ts";
import { nodeFs } from "../output/node-fs.ts";
import { UsageError } from "../output/usage-error.ts";

/**
 * @param argv all words of the command line, without the runtime and the script
 * @param rest the file, and the guest's words, which are the last
 * @param renamed whether the guest is told another name than the file's, or none
 * @throws Failure, UsageError for one that is not UTF-8
 */
export function checkArguments(
  argv: readonly string[],
  rest: readonly string[],
  command: string | undefined,
  renamed: boolean,
): void {
  if (!argv.some((word) => word.includes("\ufffd"))) return;
  const words = rawStrings("/proc/self/cmdline").slice(-argv.length);
  /** Options may stand behind its operands. */
  const mixed = command !== undefined && command !== "run";
  const file = mixed ? argv.lastIndexOf(rest[0] ?? "") : argv.length - rest.length;
  const wrong = words.findIndex((word, i) => !isUtf8(word) && !(renamed && i === file));
  if (wrong < 0) return;
  if (wrong < file || mixed)
    throw new UsageError(
      `invalid UTF-8 was detected in one or more arguments\n\n${usage(command)}\n\nFor more information, try '--help'.`,
    );
  const word = words[wrong]!;
  const shown = wrong === file ? word.subarray(word.lastIndexOf("/") + 1) : word;
  throw new Failure(`failed to convert ${debug(shown)} to utf-8`);
}

/** What a word of the command line was before it became this string, if it was not UTF-8. */
export function rawWord(word: string): Buffer | undefined {
  if (!word.includes("\ufffd")) return undefined;
  return rawStrings("/proc/self/cmdline").find((raw) => !isUtf8(raw) && raw.toString() === word);
}

export const hostEnvironment: HostEnvironment = {
  all() {
    for (const variable of rawStrings("/proc/self/environ")) {
      if (isUtf8(variable)) continue;
      const { name, value } = split(variable);
      if (!isUtf8(name)) throw new Failure(`environment variable name ${debug(name)} not valid utf-8`);
      throw new Failure(`environment variable ${debug(name)} value ${debug(value)} not valid utf-8`);
    }
    return permitted(() =>
      Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  },

  get(name) {
    const given = rawStrings("/proc/self/environ").map(split);
    const variable = given.find((each) => each.name.toString() === name);
    if (variable !== undefined && !isUtf8(variable.value))
      throw new Failure(`environment variable \`${name}\` not valid utf-8`);
    return permitted(() => (Object.hasOwn(process.env, name) ? process.env[name] : undefined));
  },
};

/**
 * What a file of proc(5) lists, each string ended by a NUL; nothing where there is no
 * such file, or Deno does not let it be read.
 */
function rawStrings(path: string): Buffer[] {
  const bytes = readOptional(path);
  const strings: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    strings.push(bytes.subarray(start, end < 0 ? bytes.length : end));
    if (end < 0) break;
    start = end + 1;
  }
  return strings;
}

function readOptional(path: string): Buffer {
  try {
    return nodeFs().readFileSync(path);
  } catch (error) {
    if (error instanceof Error && (error.name === "NotCapable" || "code" in error)) return Buffer.alloc(0);
    throw error;
  }
}

function split(variable: Buffer): { readonly name: Buffer; readonly value: Buffer } {
  const at = variable.indexOf("=");
  return at < 0
    ? { name: variable, value: variable.subarray(0, 0) }
    : { name: variable.subarray(0, at), value: variable.subarray(at + 1) };
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** As Rust's `{:?}` writes it: what is not UTF-8 as `\xFF`. */
export function debug(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((size) => at + size <= bytes.length && isUtf8(bytes.subarray(at, at + size)));
    const piece = bytes.subarray(at, at + (length ?? 1));
    text +=
      length === undefined
        ? `\\x${piece[0]!.toString(16).toUpperCase()}`
        : quoted(new TextDecoder().decode(piece)).slice(1, -1);
    at += piece.length;
  }
  return `"${text}"`;
}

/** Reading the environment fails only on Deno, for want of `--allow-env`, which its message says. */
function permitted<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Failure("failed to read the environment", [error instanceof Error ? error.message : String(error)]);
  }
}
