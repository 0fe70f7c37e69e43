/**
 * Components as they were read before, a file for each path of a module (-C cache, as wasmtime keeps its compiled code): what a
 * component holds is checked, and what it refers to found, once. The first calls of all the functions that do so take 4 ms in
 * the standalone binary; what they found is there again after 0.1.
 */
import process from "node:process";
import type { ComponentFile } from "../../component/binary/component.ts";

/** What a runtime brings to it. */
export interface CacheTools {
  /** Of the program that keeps a component: another one does not understand it. */
  readonly build: string;
  /** A file's bytes; undefined: they cannot be read. */
  read(path: string): Uint8Array<ArrayBuffer> | undefined;
  /** Makes the folders too. The file may be seen half written. Rejects if it cannot be written. */
  write(path: string, bytes: Uint8Array): Promise<unknown>;
  /** A value in the form of the structured clone algorithm. */
  serialize(value: unknown): Uint8Array;
  deserialize(bytes: Uint8Array): unknown;
  /** SHA-256, in hexadecimal digits. */
  sha256(content: Uint8Array | string): string;
}

export class ComponentCache {
  readonly #tools: CacheTools;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #file: string;
  /** Of the program and the module: what is kept for others is not theirs. */
  readonly #key: string;

  /** @param folder As `cacheFolder` says. @param path The module's, absolute. @param bytes What it holds now. */
  constructor(tools: CacheTools, folder: string, path: string, bytes: Uint8Array<ArrayBuffer>) {
    this.#tools = tools;
    this.#bytes = bytes;
    this.#file = `${folder}/${tools.sha256(path)}`;
    this.#key = `${tools.build} ${tools.sha256(bytes)} `;
  }

  /** The module's component, if it was kept. */
  find(): ComponentFile | undefined {
    const kept = this.#tools.read(this.#file);
    if (kept === undefined) return undefined;
    const end = kept.indexOf(NEWLINE);
    const content = kept.subarray(end + 1);
    if (new TextDecoder().decode(kept.subarray(0, end)) !== this.#headOf(content)) return undefined;
    return { ...(this.#tools.deserialize(content) as ComponentFile), bytes: this.#bytes };
  }

  /** Rejects if it cannot be kept. */
  async keep(component: ComponentFile): Promise<void> {
    const content = this.#tools.serialize({ ...component, bytes: undefined });
    const head = new TextEncoder().encode(`${this.#headOf(content)}\n`);
    const kept = new Uint8Array(head.length + content.length);
    kept.set(head);
    kept.set(content, head.length);
    await this.#tools.write(this.#file, kept);
  }

  /** The line before what is kept, which tells a file that was half written, too. */
  #headOf(content: Uint8Array): string {
    return this.#key + this.#tools.sha256(content);
  }
}

const NEWLINE = 0x0a;

/** Where components are kept, by the XDG Base Directory Specification; undefined: nowhere. */
export function cacheFolder(): string | undefined {
  const { XDG_CACHE_HOME, HOME } = process.env;
  if (XDG_CACHE_HOME?.startsWith("/")) return `${XDG_CACHE_HOME}/pollux`;
  return HOME?.startsWith("/") ? `${HOME}/.cache/pollux` : undefined;
}
