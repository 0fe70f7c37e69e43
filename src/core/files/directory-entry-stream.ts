import type { DescriptorType, DirectoryEntry, FileErrorCode } from "../../machine/files.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes a name of the machine; undefined if it is not valid UTF-8. */
export function decodeName(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** `wasi:filesystem/types.directory-entry-stream`: the entries of a directory at the time when the stream was made. */
export class DirectoryEntryStream {
  readonly #entries: Iterator<DirectoryEntry>;

  constructor(entries: readonly DirectoryEntry[]) {
    this.#entries = entries.values();
  }

  /**
   * Returns the next entry; undefined at the end. A name that WASI cannot express is an error, after which the next call continues.
   */
  next(): { readonly type: DescriptorType; readonly name: string } | undefined | FileErrorCode {
    const { done, value } = this.#entries.next();
    if (done === true) return undefined;
    const name = decodeName(value.name);
    return name === undefined ? "illegal-byte-sequence" : { type: value.type, name };
  }
}
