import { readFileSync } from "node:fs";
import { parse, TomlError } from "smol-toml";
import { Failure } from "../output/failure.ts";
import { osError } from "../output/os-error.ts";
import { type Place, placeOf, pointAtToml } from "./config-place.ts";

export type Table = Record<string, unknown>;

/** A file in TOML, and what is said of one that is wrong. */
export class TomlFile {
  readonly root: Table;
  readonly #text: string;
  readonly #malformed: string;

  /**
   * @param unread, malformed the messages of its failures, which the reason follows
   * @throws Failure
   */
  constructor(path: string, { unread, malformed }: { readonly unread: string; readonly malformed: string }) {
    this.#text = readText(path, unread);
    this.#malformed = malformed;
    this.root = this.#parse();
  }

  /** Of a key of a table (undefined: of the top level), or of what it is set to. */
  wrong(table: string | undefined, name: string, what: "key" | "value", problem: string): Failure {
    return this.wrongAt(placeOf(this.#text, table, name, what), problem);
  }

  /** Of a key that is none of `known`. */
  unknown(table: string | undefined, name: string, known: readonly string[]): Failure {
    const expected = known.map((each) => `\`${each}\``).join(", ");
    const problem = `unknown field \`${name}\`, expected ${known.length === 1 ? "" : "one of "}${expected}`;
    return this.wrong(table, name, "key", problem);
  }

  wrongAt(place: Place, problem: string): Failure {
    return new Failure(this.#malformed, [pointAtToml(this.#text, place, problem)]);
  }

  #parse(): Table {
    try {
      return parse(this.#text, { integersAsBigInt: true });
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      const [message = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n");
      throw this.wrongAt({ line: error.line, column: error.column, length: 1 }, message);
    }
  }
}

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function readText(path: string, unread: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Failure(unread, [osError(error)]);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Failure(unread, ["stream did not contain valid UTF-8"]);
  }
}
