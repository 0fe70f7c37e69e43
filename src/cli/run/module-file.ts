/** Reads the file that is to run, and tells apart what people pass by mistake. */

import { printableColumns } from "../../wasm/printable.ts";
import { Failure, quoted } from "../output/failure.ts";
import { nodeFs } from "../output/node-fs.ts";
import { codeOf, osError } from "../output/os-error.ts";
import { debug, rawWord } from "./host-strings.ts";

/** A runtime's quick way to a file's bytes; undefined: node:fs must do it, or say why it cannot be done. */
export type ReadFile = (path: string) => Uint8Array<ArrayBuffer> | undefined;

/**
 * @param path As the user gave it; `-` is standard input.
 * @throws Failure
 */
export function readModule(path: string, quickly?: ReadFile): Uint8Array<ArrayBuffer> {
  const raw = rawWord(path);
  const bytes = (raw === undefined && path !== "-" ? quickly?.(path) : undefined) ?? read(path, raw);
  if (startsWith(bytes, WASM_MAGIC)) return bytes;
  if (startsWith(bytes, ELF_MAGIC)) {
    throw new Failure(`failed to load ${quoted(path)}: modules compiled by wasmtime are not supported`);
  }
  throw textFailure(path, bytes);
}

/**
 * Reads a file that was read before once more; undefined: it came through a pipe, is not there any more, or has been written or
 * put in another's place since.
 *
 * @param readAt When it was read, ms since 1970 (`now`)
 */
export function readAgain(path: string, readAt: number, quickly?: ReadFile): Uint8Array<ArrayBuffer> | undefined {
  if (path === "-") return undefined;
  try {
    const { ctimeMs } = nodeFs().statSync(rawWord(path) ?? path);
    return ctimeMs > readAt ? undefined : readModule(path, quickly);
  } catch (error) {
    if (error instanceof Failure || (error instanceof Error && codeOf(error) !== undefined)) return undefined;
    throw error;
  }
}

/** Returns the time as finely as a file's times are, ms since 1970. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** A core module has version 1 where a component has 13 and layer 1. */
export function isCoreModule(bytes: Uint8Array): boolean {
  return startsWith(bytes, [...WASM_MAGIC, 1, 0, 0, 0]);
}

const WASM_MAGIC = [0x00, 0x61, 0x73, 0x6d];
/** wasmtime's compiled modules (.cwasm) are ELF files. */
const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46];

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** @param raw The path's bytes, if they are not UTF-8. */
function read(path: string, raw: Buffer | undefined): Uint8Array<ArrayBuffer> {
  try {
    return nodeFs().readFileSync(path === "-" ? 0 : (raw ?? path));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (codeOf(error) === "EISDIR") throw new Failure(`failed to read file: ${path}`, [osError(error)]);
    const shown = raw === undefined ? quoted(path) : debug(raw);
    const message = `failed to open wasm module ${shown}`;
    throw codeOf(error) === "ENOENT"
      ? new MissingFile(path, message, [osError(error)])
      : new Failure(message, [osError(error)]);
  }
}

/** There is no such file: what may have been meant is looked for by who tells of it (report/meant-file.ts). */
export class MissingFile extends Failure {
  readonly path: string;

  constructor(path: string, message: string, causes: readonly string[]) {
    super(message, causes);
    this.path = path;
  }
}

const NO_WASM = "this is no WebAssembly: a component or module begins with \\0asm";

/** How much of a file is looked at to say what it is, bytes. */
const LOOKED_AT = 1024 * 1024;

/**
 * What has no WebAssembly magic is text to wasmtime: an HTML page or an empty file ends in a parse error of the text format.
 * Pollux does not read that format, so what looks like it is refused.
 */
function textFailure(path: string, bytes: Uint8Array): Failure {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, LOOKED_AT), {
      stream: bytes.length > LOOKED_AT,
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return new Failure(`failed to parse \`${path}\`: input bytes aren't valid utf-8`, [], NO_WASM);
  }
  const token = firstToken(text);
  if (text[token] === "(") {
    return new Failure(
      `failed to parse \`${path}\`: the text format is not supported (\`wasm-tools parse\` makes a binary)`,
    );
  }
  const what = token === text.length ? "expected at least one module field" : "expected `(`";
  return new Failure(`${what}\n${pointAt(path, text, token)}`, [], NO_WASM);
}

/** Where the first thing that is neither white space nor a comment of the text format stands. */
function firstToken(text: string): number {
  let at = 0;
  for (;;) {
    const start = at;
    while (BLANKS.has(text[at])) at++;
    if (text.startsWith(";;", at)) at = endOf(text, "\n", at);
    // One that does not end is none.
    else if (text.startsWith("(;", at) && text.includes(";)", at + 2)) at = endOf(text, ";)", at + 2);
    if (at === start) return at;
  }
}

const BLANKS: ReadonlySet<string | undefined> = new Set([" ", "\t", "\n", "\r"]);

/** Where the next `sign` ends; the text's end if there is none. */
function endOf(text: string, sign: string, from: number): number {
  const at = text.indexOf(sign, from);
  return at < 0 ? text.length : at + sign.length;
}

/** What is shown of a line before and after the place in it, characters. */
const SHOWN = 80;

/**
 * The place in the file, as the text format's parser shows it: of a longer line what is
 * around it, and nothing that moves a cursor.
 */
function pointAt(path: string, text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  const start = before.lastIndexOf("\n") + 1;
  const from = Math.max(start, offset - SHOWN);
  const [content = ""] = text.slice(from, offset + SHOWN).split("\n", 1);
  return [
    `     --> ${path}:${line}:${offset - start + 1}`,
    "      |",
    ` ${String(line).padStart(4)} | ${printableColumns(content.replace(/\r$/, ""))}`,
    `      | ${"^".padStart(offset - from + 1)}`,
  ].join("\n");
}
