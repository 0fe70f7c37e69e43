import type { DescriptorType, DirectoryEntry, FileErrorCode } from "../../machine/files.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes that the machine gave as a name, as text; undefined: they are no UTF-8. */
export function decodeName(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** `wasi:filesystem/types.directory-entry-stream`: a directory as it was when the stream was made. */
export class DirectoryEntryStream {
  readonly #entries: Iterator<DirectoryEntry>;

  constructor(entries: readonly DirectoryEntry[]) {
    this.#entries = entries.values();
  }

  /** Undefined: there are no more. A name that WASI cannot express is an error by itself, and the next call goes on after it. */
  next(): { readonly type: DescriptorType; readonly name: string } | undefined | FileErrorCode {
    const { done, value } = this.#entries.next();
    if (done === true) return undefined;
    const name = decodeName(value.name);
    return name === undefined ? "illegal-byte-sequence" : { type: value.type, name };
  }
}
