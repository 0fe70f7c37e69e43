/** A file in TOML, and what is said of one that is wrong. */
import { readFileSync } from "node:fs";
import { parse, TomlError } from "smol-toml";
import type { Place } from "./config-place.ts";
import { Failure } from "./failure.ts";
import { osError } from "./os-error.ts";

export type Table = Record<string, unknown>;

/** @param message Of the failure, which the system's reason follows. @throws Failure */
export function readText(path: string, message: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Failure(message, [osError(error)]);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Failure(message, ["stream did not contain valid UTF-8"]);
  }
}

export function tables(text: string, fail: (place: Place, problem: string) => never): Table {
  try {
    return parse(text, { integersAsBigInt: true });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [message = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
    return fail({ line: error.line, column: error.column, length: 1 }, message);
  }
}

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

export function unknownField(name: string, known: readonly string[]): string {
  const expected = known.map((each) => `\`${each}\``).join(", ");
  return `unknown field \`${name}\`, expected ${known.length === 1 ? "" : "one of "}${expected}`;
}
