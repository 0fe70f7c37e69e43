import type {
  Advice,
  DirectoryEntry,
  DirectoryHandle,
  FileErrorCode,
  FileHandle,
  FileStat,
  FileStream,
  IoError,
  OpenHandle,
  OpenOptions,
} from "../../machine/files.ts";

const REFUSED = "read-only";

/** The calls that open files and directories of this kind share. No member of the contract is left out, so a new one must be decided on. */
abstract class ReadOnlyHandle<Inner extends OpenHandle> implements OpenHandle {
  protected readonly inner: Inner;

  constructor(inner: Inner) {
    this.inner = inner;
  }

  stat(): FileStat | FileErrorCode {
    return this.inner.stat();
  }

  /** The owner of a file may set them by any descriptor of it. */
  setTimes(): FileErrorCode {
    return REFUSED;
  }

  sync(what: "all" | "data"): FileErrorCode | undefined {
    return this.inner.sync(what);
  }

  close(): void {
    this.inner.close();
  }
}

/** A directory whose guest changes nothing in it, nor in what is beneath it: what would is `read-only`, as on a mount of that kind. */
export class ReadOnlyDirectory extends ReadOnlyHandle<DirectoryHandle> implements DirectoryHandle {
  readonly type = "directory";
  readonly readOnly = true as const;

  openAt(path: string, options: OpenOptions): FileHandle | DirectoryHandle | FileErrorCode {
    if (options.write || options.create || options.truncate) return REFUSED;
    const opened = this.inner.openAt(path, options);
    if (typeof opened === "string") return opened;
    return opened.type === "directory" ? new ReadOnlyDirectory(opened) : new ReadOnlyFile(opened);
  }

  entries(): readonly DirectoryEntry[] | FileErrorCode {
    return this.inner.entries();
  }

  statAt(path: string, follow: boolean): FileStat | FileErrorCode {
    return this.inner.statAt(path, follow);
  }

  readlinkAt(path: string): Uint8Array | FileErrorCode {
    return this.inner.readlinkAt(path);
  }

  setTimesAt(): FileErrorCode {
    return REFUSED;
  }

  createDirectoryAt(): FileErrorCode {
    return REFUSED;
  }

  removeDirectoryAt(): FileErrorCode {
    return REFUSED;
  }

  unlinkFileAt(): FileErrorCode {
    return REFUSED;
  }

  symlinkAt(): FileErrorCode {
    return REFUSED;
  }

  /** Also into a directory that may be written: the link could be. */
  linkAt(): FileErrorCode {
    return REFUSED;
  }

  renameAt(): FileErrorCode {
    return REFUSED;
  }
}

/** A file in such a directory, which was opened for reading. */
class ReadOnlyFile extends ReadOnlyHandle<FileHandle> implements FileHandle {
  readonly type: FileHandle["type"];
  readonly stream: FileStream | undefined;

  constructor(inner: FileHandle) {
    super(inner);
    this.type = inner.type;
    this.stream = inner.stream;
  }

  read(max: number, offset: bigint): number | IoError {
    return this.inner.read(max, offset);
  }

  readInto(bytes: Uint8Array, start: number, end: number, offset: bigint): number | IoError {
    return this.inner.readInto(bytes, start, end, offset);
  }

  write(bytes: Uint8Array, start: number, end: number, offset: bigint | "end"): number | IoError {
    return this.inner.write(bytes, start, end, offset);
  }

  setSize(): FileErrorCode {
    return REFUSED;
  }

  advise(offset: bigint, length: bigint, advice: Advice): FileErrorCode | undefined {
    return this.inner.advise(offset, length, advice);
  }
}
