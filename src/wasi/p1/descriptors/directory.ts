import type { Descriptor as FileResource } from "../../../core/files/descriptor.ts";
import type { NewTimestamp } from "../../../machine/files.ts";
import { filetype } from "../abi/constants.ts";
import { fileErrno } from "../abi/errno.ts";
import { allRights, preopenInheriting, preopenRights, rights } from "../abi/rights.ts";
import { FileDescriptor, type Filestat } from "./descriptor.ts";
import { filestatOf, filetypes } from "./filestat.ts";

const openedRights = allRights & ~rights("fd_seek", "fd_filestat_set_size", "path_filestat_set_size", "fd_write");

export interface Entry {
  readonly name: Uint8Array;
  readonly filetype: number;
  readonly inode: bigint;
}

/** A directory, either preopened or opened by path_open. The guest's paths start from it. */
export class Directory extends FileDescriptor {
  readonly filetype = filetype.directory;
  readonly rightsBase: bigint;
  readonly rightsInheriting: bigint;
  readonly readable = undefined;
  readonly writable = undefined;
  readonly files: FileResource;
  readonly #name: Uint8Array | undefined;
  /** The entries of the last fd_readdir that started at cookie 0; later cookies index into them. */
  #entries: readonly Entry[] | undefined;

  /** @param preopen the guest's name for it, if it is preopened */
  constructor(files: FileResource, preopen?: string) {
    super();
    this.files = files;
    this.#name = preopen === undefined ? undefined : new TextEncoder().encode(preopen);
    this.rightsBase = preopen === undefined ? openedRights : preopenRights;
    this.rightsInheriting = preopen === undefined ? openedRights : preopenInheriting;
  }

  override get preopen(): Uint8Array | undefined {
    return this.#name;
  }

  override filestat(): Filestat | number {
    return filestatOf(this.files.stat(), this.files.metadataHash());
  }

  override setTimes(atim: NewTimestamp, mtim: NewTimestamp): number {
    return fileErrno(this.files.setTimes(atim, mtim));
  }

  /** Returns `.`, `..` and the directory's entries, or an errno. */
  entries(fromStart: boolean): readonly Entry[] | number {
    if (fromStart || this.#entries === undefined) {
      const entries = this.#read();
      if (typeof entries === "number") return entries;
      this.#entries = entries;
    }
    return this.#entries;
  }

  #read(): readonly Entry[] | number {
    const own = this.files.metadataHash();
    if (typeof own === "string") return fileErrno(own);
    const found = this.files.readDirectory();
    if (typeof found === "string") return fileErrno(found);
    // `..` gets it too: the parent's inode is not the guest's to know.
    const entries: Entry[] = [".", ".."].map((name) => entry(name, filetype.directory, own.lower));
    for (let next = found.next(); next !== undefined; next = found.next()) {
      if (typeof next === "string") return fileErrno(next);
      const hash = this.files.metadataHashAt(false, next.name);
      // The entry may have been removed meanwhile.
      entries.push(entry(next.name, filetypes[next.type], typeof hash === "string" ? 0n : hash.lower));
    }
    return entries;
  }

  override close(): void {
    this.files[Symbol.dispose]();
  }
}

function entry(name: string, filetype: number, inode: bigint): Entry {
  return { name: new TextEncoder().encode(name), filetype, inode };
}
