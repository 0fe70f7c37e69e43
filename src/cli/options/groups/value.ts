/**
 * The value types of the option groups: what `key=value` may say, with the words that a wrong value is refused in. Those are
 * wasmtime's (cli-flags/src/opt.rs), and where it passes on Rust's own parsers, Rust's.
 */

/** Why a value was refused; the message alone, without the option it was given to. */
export class ValueError extends Error {
  override readonly name = "ValueError";
}

export interface Kind<T> {
  /** What follows the key in help texts: `=N`, `[=y|n]`. */
  readonly hint: string;
  /** A value of the right form, where the message for another does not say what that is. */
  readonly example?: string;
  /** The words a shell may complete after `=`. */
  readonly words?: readonly string[];
  /** @param text What stands after the first `=`; undefined: no `=` was given. @throws ValueError */
  readonly parse: (text: string | undefined) => T;
  /** What it is in a configuration file; undefined: it cannot stand there. */
  readonly toml: TomlType | undefined;
}

/** As messages name what was expected. */
export type TomlType = "a boolean" | "u32" | "u64" | "usize" | "a string" | "struct Duration" | "&str, u64, or i64";

export const bool: Kind<boolean> = {
  hint: "[=y|n]",
  words: ["y", "n"],
  toml: "a boolean",
  parse(text) {
    if (text === undefined || text === "y" || text === "yes" || text === "true") return true;
    if (text === "n" || text === "no" || text === "false") return false;
    throw new ValueError(`unknown boolean flag \`${text}\`, only yes,no,<nothing> accepted`);
  },
};

/** y, n or auto: wasmtime's `Enabled`. */
export const enabled: Kind<string> = {
  hint: "[=y|n|auto]",
  words: ["y", "n", "auto"],
  toml: "&str, u64, or i64",
  parse(text) {
    if (text === "auto") return text;
    if (text === undefined || text === "y" || text === "yes" || text === "true") return "y";
    if (text === "n" || text === "no" || text === "false") return "n";
    throw new ValueError(`unknown flag \`${text}\`, only yes,no,auto,<nothing> accepted`);
  },
};

export const string: Kind<string> = {
  hint: "=val",
  example: "text",
  toml: "a string",
  parse(text) {
    if (text === undefined) throw new ValueError("value must be specified with `key=val` syntax");
    return text;
  },
};

export const path: Kind<string> = {
  hint: "=path",
  example: "file",
  toml: "a string",
  parse(text) {
    if (text === undefined) throw new ValueError("value must be specified with key=val syntax");
    return text;
  },
};

export const u32: Kind<bigint> = { hint: "=N", example: "1000", toml: "u32", parse: (text) => integer(text, 32n) };
export const u64: Kind<bigint> = { hint: "=N", example: "1000", toml: "u64", parse: (text) => integer(text, 64n) };
/** A size in bytes or entries; 64 bits, as on every machine that Pollux runs on. */
export const usize: Kind<bigint> = { ...u64, toml: "usize" };

/** A time in nanoseconds: `N` is seconds; suffixes s, ms, us, μs, ns; whole numbers only. */
export const duration: Kind<bigint> & { readonly example: string } = {
  hint: "=N|Ns|Nms|..",
  example: "10s",
  toml: "struct Duration",
  parse(text) {
    const given = string.parse(text);
    const match = /^(\d+)(s|ms|us|μs|ns)?$/.exec(given);
    if (!match) throw new ValueError(`failed to parse duration: ${given}`);
    const count = BigInt(match[1]!);
    if (count >> 64n) throw new ValueError(`failed to parse duration: ${given}`);
    return count * nanoseconds[(match[2] ?? "s") as keyof typeof nanoseconds];
  },
};

const nanoseconds = { s: 1_000_000_000n, ms: 1_000_000n, us: 1_000n, μs: 1_000n, ns: 1n } as const;

/** `name=value`; a name alone has the value "". */
export const keyValue: Kind<readonly [string, string]> = {
  hint: "=<name>=<val>",
  example: "name=value",
  toml: undefined,
  parse(text) {
    const given = string.parse(text);
    const at = given.indexOf("=");
    return at < 0 ? [given, ""] : [given.slice(0, at), given.slice(at + 1)];
  },
};

/** `format::directory`. */
export const graph: Kind<readonly [string, string]> = {
  hint: "=<format>::<dir>",
  example: "onnx::models",
  toml: undefined,
  parse(text) {
    const [format = "", directory] = string.parse(text).split("::");
    if (directory === undefined) throw new ValueError("graph does not contain `::` separator for directory");
    return [format, directory];
  },
};

/** One of some words; `refusal` says which, given the wrong one. */
export function choice(words: readonly string[], refusal: (wrong: string) => string): Kind<string> {
  return {
    hint: `=${words.join("|")}`,
    words,
    toml: "&str, u64, or i64",
    parse(text) {
      const given = string.parse(text);
      if (!words.includes(given)) throw new ValueError(refusal(given));
      return given;
    },
  };
}

/** Rust's integer parser, with wasmtime's `_` and `0x` before it. */
function integer(text: string | undefined, bits: bigint): bigint {
  const digits = string.parse(text).replaceAll("_", "");
  return digits.startsWith("0x") ? unsigned(digits.slice(2), bits, 16) : unsigned(digits, bits, 10);
}

/** Rust's own parser of integers without a sign. @throws ValueError in its words */
export function unsigned(text: string, bits: bigint, radix: 10 | 16): bigint {
  const digits = text.startsWith("+") && text.length > 1 ? text.slice(1) : text;
  if (digits === "") throw new ValueError("cannot parse integer from empty string");
  const hex = radix === 16;
  if (!(hex ? /^[0-9a-fA-F]+$/ : /^[0-9]+$/).test(digits)) throw new ValueError("invalid digit found in string");
  const value = BigInt(hex ? `0x${digits}` : digits);
  if (value >> bits) throw new ValueError("number too large to fit in target type");
  return value;
}
