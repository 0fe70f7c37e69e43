import { guestFile } from "../../e2e/host.ts";
import type { TextGuest } from "../guests.ts";
import type { Expected, Row } from "../row.ts";

/** What rows name on their command lines. */
export interface Places {
  /** A directory with hello.txt, which says `from a file`, and options.toml, which asks for a variable and -S inherit-env. */
  readonly directory: string;
  readonly guests: Readonly<Record<TextGuest, string>>;
}

export type More = Omit<Row, "option" | "words" | "expected">;

/** A run with the flags (parted by spaces), of a file with its arguments. */
export function runs(
  option: string,
  flags: string,
  [file = "", ...args]: readonly string[],
  expected: Expected,
  more: More = {},
): Row {
  const given = flags === "" ? [] : flags.split(" ");
  return { option, words: ["run", ...given, file, ...args], expected, ...more };
}

/** Guests of tests/guests, and what they print. */
export const hello = [guestFile("hello")] as const;
export const HELLO = "hello, world\n";
export const cat = [guestFile("cat")] as const;
export const shown = [guestFile("args-env")] as const;
/** Tries all that a policy may deny; nobody listens on port 1. */
export const policy = [guestFile("policy"), "127.0.0.1:1"] as const;
/** wasi:http's fields, on their own. */
export const http = [guestFile("http/fields")] as const;
