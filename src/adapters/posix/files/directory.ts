import type {
  DirectoryEntry,
  DirectoryHandle,
  FileErrorCode,
  FileHandle,
  FileStat,
  NewTimestamp,
  OpenOptions,
} from "../../../machine/files.ts";
import type { Block } from "../libc/ffi.ts";
import type { Pointer } from "../libc/symbols.ts";
import { PosixFile } from "./file.ts";
import type { FileContext } from "./file-context.ts";
import { splitPath, withoutSlashes } from "./path.ts";

/** The modes of files and directories that a guest creates; the process's umask applies. */
const FILE_MODE = 0o666;
const DIRECTORY_MODE = 0o777;

const SLASH = 0x2f;

/**
 * A directory's fd and the name of an entry in it, ready for a system call. `#at` closes the fd unless it is the
 * directory's own.
 */
interface Place {
  readonly fd: number;
  readonly name: Pointer;
}

/**
 * A directory over its fd. Every path is resolved by one call that cannot leave the directory (`openBeneath`): the
 * whole path, or all but its last component for calls that act on a name itself. No path is checked first and used
 * later.
 */
export class PosixDirectory implements DirectoryHandle {
  readonly type = "directory";
  readonly #context: FileContext;
  /** The fd, as in `PosixFile`: negative once it is closed. */
  #fd: number;

  constructor(context: FileContext, fd: number) {
    this.#context = context;
    this.#fd = fd;
  }

  stat(): FileStat | FileErrorCode {
    return this.#stat(this.#fd);
  }

  setTimes(accessed: NewTimestamp, modified: NewTimestamp): FileErrorCode | undefined {
    return this.#context.code(this.#context.calls.setTimes(this.#fd, accessed, modified));
  }

  sync(what: "all" | "data"): FileErrorCode | undefined {
    const { calls } = this.#context;
    return this.#opened(".", calls.flags.O_RDONLY, (fd) =>
      this.#context.code(what === "all" ? calls.sync(fd) : calls.syncData(fd)),
    );
  }

  entries(): readonly DirectoryEntry[] | FileErrorCode {
    const { calls } = this.#context;
    return this.#opened(".", calls.flags.O_RDONLY | calls.flags.O_DIRECTORY, (fd) => {
      const entries = calls.entries(fd);
      if (typeof entries === "number") return this.#context.failure(entries);
      return entries.map((entry) => (entry.type === "unknown" ? { ...entry, type: this.#typeOf(entry.name) } : entry));
    });
  }

  openAt(path: string, options: OpenOptions): FileHandle | DirectoryHandle | FileErrorCode {
    const { calls, machine } = this.#context;
    const { flags } = calls;
    if (!machine.descriptors.hasRoom) return "file-limit";
    const access = options.write ? (options.read ? flags.O_RDWR : flags.O_WRONLY) : flags.O_RDONLY;
    const fd = this.#open(
      path,
      access |
        (options.create ? flags.O_CREAT : 0) |
        (options.create && options.exclusive ? flags.O_EXCL : 0) |
        (options.truncate && !(options.create && options.exclusive) ? flags.O_TRUNC : 0) |
        (options.follow ? 0 : flags.O_NOFOLLOW),
      options.create ? FILE_MODE : 0,
    );
    if (typeof fd === "string") return fd;
    const stat = this.#stat(fd);
    if (typeof stat === "string") {
      calls.close(fd);
      return stat;
    }
    machine.descriptors.opened(fd);
    if (stat.type === "directory") return new PosixDirectory(this.#context, fd);
    return new PosixFile(this.#context, fd, stat.type);
  }

  statAt(path: string, follow: boolean): FileStat | FileErrorCode {
    return this.#opened(path, this.#lookup(follow), (fd) => this.#stat(fd));
  }

  setTimesAt(path: string, follow: boolean, accessed: NewTimestamp, modified: NewTimestamp): FileErrorCode | undefined {
    const { calls } = this.#context;
    return this.#opened(path, this.#lookup(follow), (fd) => this.#context.code(calls.setTimes(fd, accessed, modified)));
  }

  createDirectoryAt(path: string): FileErrorCode | undefined {
    const { calls } = this.#context;
    return this.#at(withoutSlashes(path), ({ fd, name }) =>
      this.#context.code(calls.makeDirectory(fd, name, DIRECTORY_MODE)),
    );
  }

  removeDirectoryAt(path: string): FileErrorCode | undefined {
    return this.#at(path, ({ fd, name }) => this.#context.code(this.#context.calls.removeDirectory(fd, name)));
  }

  unlinkFileAt(path: string): FileErrorCode | undefined {
    return this.#at(path, ({ fd, name }) => this.#context.code(this.#context.calls.unlink(fd, name)));
  }

  /** An absolute target belongs to the host, and the guest may not know it. */
  readlinkAt(path: string): Uint8Array | FileErrorCode {
    const { calls, machine } = this.#context;
    const { pointer, bytes } = machine.incoming;
    return this.#at(path, ({ fd, name }) => {
      const length = calls.readLink(fd, name, pointer, bytes.length);
      if (length < 0) return this.#context.failure(length);
      return bytes[0] === SLASH ? "not-permitted" : bytes.slice(0, length);
    });
  }

  symlinkAt(target: string, path: string): FileErrorCode | undefined {
    if (target.startsWith("/")) return "not-permitted";
    const { calls, otherPath } = this.#context;
    return this.#at(path, ({ fd, name }) => {
      const problem = this.#context.encode(target, otherPath);
      return problem ?? this.#context.code(calls.symlink(otherPath.pointer, fd, name));
    });
  }

  linkAt(path: string, directory: DirectoryHandle, newPath: string): FileErrorCode | undefined {
    const { calls } = this.#context;
    return this.#atBoth(path, directory, newPath, (from, to) => calls.link(from.fd, from.name, to.fd, to.name));
  }

  /** A slash at the end of either path requires a directory; the kernel checks that on the old name. */
  renameAt(path: string, directory: DirectoryHandle, newPath: string): FileErrorCode | undefined {
    const { calls } = this.#context;
    const suffix = path.endsWith("/") || newPath.endsWith("/") ? "/" : "";
    return this.#atBoth(
      withoutSlashes(path),
      directory,
      withoutSlashes(newPath),
      (from, to) => calls.rename(from.fd, from.name, to.fd, to.name),
      suffix,
    );
  }

  close(): void {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    this.#context.calls.close(fd);
  }

  /** Returns the flags that open a path for its metadata only. */
  #lookup(follow: boolean): number {
    const { O_PATH, O_NOFOLLOW } = this.#context.calls.flags;
    return follow ? O_PATH : O_PATH | O_NOFOLLOW;
  }

  #open(path: string, flags: number, mode = 0): number | FileErrorCode {
    const { calls, path: block } = this.#context;
    const problem = this.#context.encode(path, block);
    if (problem !== undefined) return problem;
    const fd = calls.openBeneath(this.#fd, block.pointer, flags, mode);
    return fd < 0 ? this.#context.failure(fd) : fd;
  }

  /** Opens a path, calls `use` with its fd, and closes it. */
  #opened<T>(path: string, flags: number, use: (fd: number) => T): T | FileErrorCode {
    const fd = this.#open(path, flags);
    if (typeof fd === "string") return fd;
    try {
      return use(fd);
    } finally {
      this.#context.calls.close(fd);
    }
  }

  /** Opens the directory that holds a path's last component, and calls `use` with the two. */
  #at<T>(path: string, use: (place: Place) => T, block: Block = this.#context.path, suffix = ""): T | FileErrorCode {
    const { flags } = this.#context.calls;
    const split = splitPath(path);
    if (split === undefined) return "no-entry";
    const act = (fd: number) => {
      const problem = this.#context.encode(split.name + suffix, block);
      return problem ?? use({ fd, name: block.pointer });
    };
    if (split.parent === "") return act(this.#fd);
    return this.#opened(split.parent, flags.O_PATH | flags.O_DIRECTORY, act);
  }

  #atBoth(
    path: string,
    directory: DirectoryHandle,
    newPath: string,
    use: (from: Place, to: Place) => number,
    suffix?: string,
  ): FileErrorCode | undefined {
    if (directory.readOnly) return "read-only";
    if (!(directory instanceof PosixDirectory)) throw new TypeError("a directory of another machine");
    const { otherPath } = this.#context;
    // The inner look-up uses the block `path`, so the outer one uses the other.
    return this.#at(
      path,
      (from) => directory.#at(newPath, (to) => this.#context.code(use(from, to))),
      otherPath,
      suffix,
    );
  }

  #stat(fd: number): FileStat | FileErrorCode {
    const stat = this.#context.calls.stat(fd);
    return typeof stat === "number" ? this.#context.failure(stat) : stat;
  }

  /** Returns the type of an entry whose file system does not report it with the name. */
  #typeOf(name: Uint8Array): FileStat["type"] {
    const { calls, path } = this.#context;
    path.bytes.set(name);
    path.bytes[name.length] = 0;
    const fd = calls.openBeneath(this.#fd, path.pointer, this.#lookup(false), 0);
    if (fd < 0) return "unknown";
    const stat = this.#stat(fd);
    calls.close(fd);
    return typeof stat === "string" ? "unknown" : stat.type;
  }
}
