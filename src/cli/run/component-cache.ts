/**
 * Components as they were read before, a file for each path of a module (-C cache, as wasmtime keeps its compiled code): what a
 * component holds is checked, and what it refers to found, once. The first calls of all the functions that do so take 4 ms in
 * the standalone binary; what they found is there again after 0.1.
 *
 * An entry becomes code of this process, so it is only taken from a folder and a file of the user's own. Whatever is wrong with
 * these, the run goes on without.
 */
import type { ComponentFile } from "../../component/binary/component.ts";
import type { Environment } from "../output/environment.ts";
import type { PrivateFile, PrivateFolder } from "./private-folder.ts";

/** What a runtime brings to it. */
export interface CacheTools {
  /** Of the program that keeps a component: another one does not understand it. */
  readonly build: string;
  /**
   * A quick way to read a file as `PrivateFolder.read` does; undefined: there is none here, or the file is not there, or one
   * may not use it.
   */
  readPrivate?(folder: string, name: string, most: number): PrivateFile | undefined;
  /** A value in the form of the structured clone algorithm. */
  serialize(value: unknown): Uint8Array;
  deserialize(bytes: Uint8Array): unknown;
  /** SHA-256, in hexadecimal digits. */
  sha256(content: Uint8Array | string): string;
}

/** More is not kept of a component, nor of all together, bytes. */
export const MOST_BYTES = 64 * 2 ** 20;
/** More are not kept. */
export const MOST_ENTRIES = 1000;
const DAY = 24 * 3600 * 1000;
/** An entry that nobody has used for so long is not kept, ms. */
export const LONGEST = 30 * DAY;

/** A component as it was read. */
export interface Kept {
  readonly component: ComponentFile;
  /** Whether its modules can keep memory that is in no memory of their own (wasm/limits/heap-use.ts). */
  readonly collects: boolean;
}

export interface Found {
  readonly kept?: Kept | undefined;
  /** Why it was not looked for, or not taken. */
  readonly trouble?: string | undefined;
}

export class ComponentCache {
  readonly #tools: CacheTools;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #path: string;
  readonly #name: string;
  readonly #format: EntryFormat;
  #folder: PrivateFolder | undefined;

  /** @param folder As `cacheFolder` says. @param path The module's, absolute. @param bytes What it holds now. */
  constructor(tools: CacheTools, folder: string, path: string, bytes: Uint8Array<ArrayBuffer>) {
    this.#tools = tools;
    this.#bytes = bytes;
    this.#path = folder;
    this.#name = tools.sha256(path);
    this.#format = new EntryFormat(tools, bytes);
  }

  /** The module's component, if it was kept. Where it was not, also makes the folder, if one can be there. */
  async find(): Promise<Found> {
    const quick = this.#tools.readPrivate?.(this.#path, this.#name, MOST_BYTES);
    const found = await this.#take(quick);
    if (found.kept !== undefined) return found;
    const { value: file, trouble } = await attempt((folders) => {
      this.#folder = folders.make(this.#path);
      // What was read quickly is of another module or program, and would be again.
      return quick === undefined ? this.#folder.read(this.#name, MOST_BYTES) : undefined;
    });
    return trouble === undefined ? this.#take(file) : { trouble };
  }

  /** The component that a file holds, if it is the module's and this program's. */
  async #take(file: PrivateFile | undefined): Promise<Found> {
    if (file === undefined) return {};
    const content = this.#format.open(file.bytes);
    if (content === undefined) return {};
    // What is used stays: its age is counted from today. Where that cannot be (a disk that can only be read) it is taken, too.
    if (Date.now() - file.modified > DAY) await attempt((folders) => folders.open(this.#path).touch(this.#name));
    const { component, collects } = this.#tools.deserialize(content) as Kept;
    return { kept: { component: { ...component, bytes: this.#bytes }, collects } };
  }

  /** After `find` has found nothing. @returns Why it could not be kept. */
  async keep({ component, collects }: Kept): Promise<string | undefined> {
    const folder = this.#folder;
    if (folder === undefined) return undefined;
    const entry = this.#format.seal(this.#tools.serialize({ component: { ...component, bytes: undefined }, collects }));
    if (entry.length > MOST_BYTES) return `it takes ${entry.length} bytes`;
    const { trouble } = await attempt(() => {
      folder.write(this.#name, entry);
      prune(folder, Date.now());
    });
    return trouble;
  }
}

/** What came of an act on a private folder, or why that, or a file in it, is not used. */
async function attempt<T>(act: (folders: typeof PrivateFolder) => T): Promise<{ value?: T; trouble?: string }> {
  const { PrivateFolder, reasonOf } = await import("./private-folder.ts");
  try {
    return { value: act(PrivateFolder) };
  } catch (error) {
    const trouble = reasonOf(error);
    if (trouble === undefined) throw error;
    return { trouble };
  }
}

/** Removes what is too old, or too much: what was used last stays. @param now ms since 1970 */
export function prune(folder: PrivateFolder, now: number): void {
  let count = 0;
  let bytes = 0;
  for (const { name, size, modified } of folder.entries().sort((a, b) => b.modified - a.modified)) {
    count++;
    bytes += size;
    if (count > MOST_ENTRIES || bytes > MOST_BYTES || now - modified > LONGEST) folder.remove(name);
  }
}

/** An entry: a line that says what it is of, with its digest, and the content. */
export class EntryFormat {
  readonly #tools: CacheTools;
  /** Stands for the program and the module: entries for others are not theirs. */
  readonly #key: string;

  constructor(tools: CacheTools, module: Uint8Array) {
    this.#tools = tools;
    this.#key = `${tools.build} ${tools.sha256(module)} `;
  }

  seal(content: Uint8Array): Uint8Array<ArrayBuffer> {
    const head = new TextEncoder().encode(`${this.#headOf(content)}\n`);
    const entry = new Uint8Array(head.length + content.length);
    entry.set(head);
    entry.set(content, head.length);
    return entry;
  }

  /** Undefined: it is of another module or program, or was changed or cut off. */
  open(entry: Uint8Array): Uint8Array | undefined {
    const end = entry.indexOf(NEWLINE);
    const content = entry.subarray(end + 1);
    return new TextDecoder().decode(entry.subarray(0, end)) === this.#headOf(content) ? content : undefined;
  }

  #headOf(content: Uint8Array): string {
    return this.#key + this.#tools.sha256(content);
  }
}

const NEWLINE = 0x0a;

/** Where components are kept, by the XDG Base Directory Specification; undefined: nowhere. */
export function cacheFolder(environment: Environment): string | undefined {
  const given = environment("XDG_CACHE_HOME");
  if (given?.startsWith("/")) return `${given}/pollux`;
  const home = environment("HOME");
  return home?.startsWith("/") ? `${home}/.cache/pollux` : undefined;
}
