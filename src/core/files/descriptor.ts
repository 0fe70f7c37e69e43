import type {
  Advice,
  DirectoryHandle,
  FileErrorCode,
  FileHandle,
  FileStat,
  FileStream,
  NewTimestamp,
} from "../../machine/files.ts";
import type { Machine } from "../../machine/machine.ts";
import { MAX_READ } from "../streams/input-stream.ts";
import { Condition } from "../wait/condition.ts";
import { after } from "../wait/deadline.ts";
import type { Blocking, Poll } from "../wait/poll.ts";
import { DirectoryEntryStream, decodeName } from "./directory-entry-stream.ts";
import { FileInputStream, FileOutputStream, FileSink, FileSource } from "./file-streams.ts";
import { type MetadataHash, metadataHash } from "./metadata-hash.ts";
import type { OpenFiles, SharedHandle } from "./open-files.ts";

/** The dependencies of a descriptor. */
export interface FilesContext {
  readonly machine: Machine;
  readonly poll: Poll;
  readonly openFiles: OpenFiles;
}

/** `wasi:filesystem/types.descriptor-flags` */
export interface DescriptorFlags {
  readonly read: boolean;
  readonly write: boolean;
  readonly fileIntegritySync: boolean;
  readonly dataIntegritySync: boolean;
  readonly requestedWriteSync: boolean;
  readonly mutateDirectory: boolean;
}

/** `wasi:filesystem/types.open-flags` */
export interface OpenFlags {
  readonly create: boolean;
  readonly directory: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
}

/** The flags that a descriptor was opened with, as `get-flags` returns them. */
type Access = Pick<DescriptorFlags, "read" | "write" | "mutateDirectory">;

type Failed = FileErrorCode | undefined;

/** The interval at which a fifo's other end is looked for, ns: Linux does not signal it. */
const OTHER_END = 1e7;

const NANOSECONDS = 1_000_000_000;
const MAX_SECONDS = 0x7fff_ffff_ffff_ffffn;

/**
 * `wasi:filesystem/types.descriptor`: an open file or directory. Failures are error-codes.
 *
 * A call that only a file supports fails with `bad-descriptor` on a directory (for a read stream with `is-directory`). One that
 * only a directory supports fails with `not-directory` on a file. The machine keeps paths inside their directory
 * (`DirectoryHandle`).
 */
export class Descriptor {
  readonly #cx: FilesContext;
  readonly #shared: SharedHandle;
  readonly #access: Access;

  constructor(cx: FilesContext, shared: SharedHandle, access: Access) {
    this.#cx = cx;
    this.#shared = shared.retain();
    this.#access = access;
  }

  get type(): FileStat["type"] {
    return this.#shared.handle.type;
  }

  /** The stream of a file without positions (a pipe, a terminal). Undefined for a file with positions, and for a directory. */
  get stream(): FileStream | undefined {
    const { handle } = this.#shared;
    return handle.type === "directory" ? undefined : handle.stream;
  }

  get flags(): DescriptorFlags {
    return { ...this.#access, fileIntegritySync: false, dataIntegritySync: false, requestedWriteSync: false };
  }

  stat(): FileStat | FileErrorCode {
    return this.#shared.handle.stat();
  }

  metadataHash(): MetadataHash | FileErrorCode {
    return hashOf(this.stat());
  }

  isSameObject(other: Descriptor): boolean | FileErrorCode {
    const [mine, its] = [this.stat(), other.stat()];
    if (typeof mine === "string") return mine;
    if (typeof its === "string") return its;
    return mine.device === its.device && mine.inode === its.inode;
  }

  setTimes(accessed: NewTimestamp, modified: NewTimestamp): Failed {
    return withTimes(accessed, modified, (a, m) => this.#shared.handle.setTimes(a, m));
  }

  sync(what: "all" | "data"): Failed {
    return this.#shared.handle.sync(what);
  }

  /** Returns a source of the file's bytes. The caller closes it. */
  source(offset: bigint): FileSource | FileErrorCode {
    const shared = this.#file();
    return typeof shared === "string" ? "is-directory" : new FileSource(shared, offset);
  }

  /** Returns a sink for the file's bytes. The caller closes it. @param offset `"end"`: appends */
  sink(offset: bigint | "end"): FileSink | FileErrorCode {
    const shared = this.#file();
    return typeof shared === "string" ? shared : new FileSink(shared, offset);
  }

  readViaStream(offset: bigint): FileInputStream | FileErrorCode {
    const source = this.source(offset);
    return typeof source === "string" ? source : new FileInputStream(source);
  }

  writeViaStream(offset: bigint | "end"): FileOutputStream | FileErrorCode {
    const sink = this.sink(offset);
    return typeof sink === "string" ? sink : new FileOutputStream(this.#cx.poll, sink);
  }

  /** Reads bytes to the start of `Machine.buffer`. Returns their number; 0 at the end. @param length any u64 as a number */
  read(length: number, offset: bigint): number | FileErrorCode {
    return this.#withFile((file) => {
      const count = file.read(Math.min(length, MAX_READ), offset);
      return typeof count === "number" ? count : count.code;
    });
  }

  /** Writes bytes. Returns their number: all, unless it failed after some. @param offset `"end"`: appends */
  write(bytes: Uint8Array, offset: bigint | "end"): number | FileErrorCode {
    return this.#withFile((file) => {
      let written = 0;
      do {
        const at = offset === "end" ? offset : offset + BigInt(written);
        const count = file.write(bytes, written, bytes.length, at);
        if (typeof count !== "number") return written > 0 ? written : count.code;
        written += count;
      } while (written < bytes.length);
      return written;
    });
  }

  setSize(size: bigint): Failed {
    return this.#withFile((file) => file.setSize(size));
  }

  advise(offset: bigint, length: bigint, advice: Advice): Failed {
    return this.#withFile((file) => file.advise(offset, length, advice));
  }

  readDirectory(): DirectoryEntryStream | FileErrorCode {
    return this.#withDirectory((directory) => {
      const entries = directory.entries();
      return typeof entries === "string" ? entries : new DirectoryEntryStream(entries);
    });
  }

  /**
   * Opens a path. As in wasmtime, creating or truncating opens for writing, and anything not opened for writing is opened for
   * reading.
   */
  openAt(follow: boolean, path: string, open: OpenFlags, flags: DescriptorFlags): Descriptor | FileErrorCode {
    const { create, exclusive, truncate } = open;
    return this.#withDirectory((directory) => {
      if (flags.fileIntegritySync || flags.dataIntegritySync || flags.requestedWriteSync) return "unsupported";
      if (open.directory && (create || exclusive || truncate)) return "invalid";
      const access = {
        read: flags.read || !flags.write,
        write: flags.write || create || truncate,
        mutateDirectory: false,
      };
      const handle = directory.openAt(path, { follow, create, exclusive, truncate, ...access });
      if (typeof handle === "string") return handle;
      if (open.directory && handle.type !== "directory") {
        handle.close();
        return "not-directory";
      }
      return new Descriptor(this.#cx, this.#cx.openFiles.add(handle), access);
    });
  }

  /** As open(2) without O_NONBLOCK: opening one end of a fifo waits for the other. */
  *openAtBlocking(
    follow: boolean,
    path: string,
    open: OpenFlags,
    flags: DescriptorFlags,
  ): Blocking<Descriptor | FileErrorCode> {
    let opened = this.openAt(follow, path, open, flags);
    while (opened === "no-such-device" && this.#isFifo(follow, path)) {
      yield this.#later();
      opened = this.openAt(follow, path, open, flags);
    }
    if (typeof opened === "string" || opened.type !== "fifo" || opened.flags.write) return opened;
    let over = false;
    try {
      while (opened.stream?.hasWriter() === false) yield this.#later();
      over = true;
      return opened;
    } finally {
      // The caller has given up waiting.
      if (!over) opened[Symbol.dispose]();
    }
  }

  #isFifo(follow: boolean, path: string): boolean {
    const stat = this.statAt(follow, path);
    return typeof stat === "object" && stat.type === "fifo";
  }

  #later(): Condition {
    return Condition.timer(after(this.#cx.poll.now(), OTHER_END));
  }

  statAt(follow: boolean, path: string): FileStat | FileErrorCode {
    return this.#withDirectory((directory) => directory.statAt(path, follow));
  }

  metadataHashAt(follow: boolean, path: string): MetadataHash | FileErrorCode {
    return hashOf(this.statAt(follow, path));
  }

  setTimesAt(follow: boolean, path: string, accessed: NewTimestamp, modified: NewTimestamp): Failed {
    return this.#withDirectory((directory) =>
      withTimes(accessed, modified, (a, m) => directory.setTimesAt(path, follow, a, m)),
    );
  }

  createDirectoryAt(path: string): Failed {
    return this.#withDirectory((directory) => directory.createDirectoryAt(path));
  }

  removeDirectoryAt(path: string): Failed {
    return this.#withDirectory((directory) => directory.removeDirectoryAt(path));
  }

  unlinkFileAt(path: string): Failed {
    return this.#withDirectory((directory) => directory.unlinkFileAt(path));
  }

  /** Returns the link's text, in an object to tell it from an error. */
  readlinkAt(path: string): { readonly target: string } | FileErrorCode {
    return this.#withDirectory((directory) => {
      const bytes = directory.readlinkAt(path);
      if (typeof bytes === "string") return bytes;
      const target = decodeName(bytes);
      return target === undefined ? "illegal-byte-sequence" : { target };
    });
  }

  symlinkAt(target: string, path: string): Failed {
    return this.#withDirectory((directory) => directory.symlinkAt(target, path));
  }

  /** @param follow Refused, as in wasmtime: links are made to the named path itself */
  linkAt(follow: boolean, path: string, other: Descriptor, newPath: string): Failed {
    return this.#withDirectory((from) =>
      other.#withDirectory((to) => (follow ? "invalid" : from.linkAt(path, to, newPath))),
    );
  }

  renameAt(path: string, other: Descriptor, newPath: string): Failed {
    return this.#withDirectory((from) => other.#withDirectory((to) => from.renameAt(path, to, newPath)));
  }

  [Symbol.dispose](): void {
    this.#shared.release();
  }

  #file(): SharedHandle<FileHandle> | FileErrorCode {
    const shared = this.#shared;
    return isFile(shared) ? shared : "bad-descriptor";
  }

  #withFile<T>(use: (file: FileHandle) => T): T | FileErrorCode {
    const shared = this.#file();
    return typeof shared === "string" ? shared : use(shared.handle);
  }

  #withDirectory<T>(use: (directory: DirectoryHandle) => T): T | FileErrorCode {
    const { handle } = this.#shared;
    return handle.type === "directory" ? use(handle) : "not-directory";
  }
}

function isFile(shared: SharedHandle): shared is SharedHandle<FileHandle> {
  return shared.handle.type !== "directory";
}

function hashOf(stat: FileStat | FileErrorCode): MetadataHash | FileErrorCode {
  return typeof stat === "string" ? stat : metadataHash(stat);
}

function withTimes(
  accessed: NewTimestamp,
  modified: NewTimestamp,
  use: (accessed: NewTimestamp, modified: NewTimestamp) => Failed,
): Failed {
  const [a, m] = [carried(accessed), carried(modified)];
  return a === "overflow" || m === "overflow" ? "overflow" : use(a, m);
}

/** Carries nanoseconds of a second and more over to seconds. Returns `overflow` if the machine cannot represent the time. */
function carried(time: NewTimestamp): NewTimestamp | "overflow" {
  if (time.tag !== "timestamp") return time;
  const seconds = time.val.seconds + BigInt(Math.floor(time.val.nanoseconds / NANOSECONDS));
  if (seconds > MAX_SECONDS) return "overflow";
  return { tag: "timestamp", val: { seconds, nanoseconds: time.val.nanoseconds % NANOSECONDS } };
}
