import type { HostInstance } from "../component/host.ts";
import type { Descriptor } from "../core/files/descriptor.ts";
import { Trap } from "../core/wait/errors.ts";
import type { Advice, DescriptorType, FileErrorCode, FileStat, Instant, NewTimestamp } from "../machine/files.ts";

/** `wasi:filesystem/types.path-flags` */
export interface PathFlags {
  readonly symlinkFollow: boolean;
}

/** The parts of `wasi:filesystem/types` whose form differs between its versions. */
export interface VersionForms {
  readonly orThrow: <T>(result: T | FileErrorCode) => Exclude<T, string>;
  readonly descriptorType: (type: DescriptorType) => unknown;
  /** Returns undefined for a time that this version cannot express. */
  readonly timestamp: (time: Instant) => Instant | undefined;
}

/**
 * Makes the methods of `wasi:filesystem/types.descriptor` that all versions have. Offsets and sizes are bytes; a
 * failure is thrown as the version's `error-code`.
 */
export function descriptorMethods({ orThrow, descriptorType, timestamp }: VersionForms): HostInstance {
  function descriptorStat(stat: FileStat): object {
    return {
      type: descriptorType(stat.type),
      linkCount: stat.linkCount,
      size: stat.size,
      dataAccessTimestamp: timestamp(stat.accessed),
      dataModificationTimestamp: timestamp(stat.modified),
      statusChangeTimestamp: timestamp(stat.changed),
    };
  }

  return {
    /** posix_fadvise(2). */
    "[method]descriptor.advise": (self: Descriptor, offset: bigint, length: bigint, advice: Advice) =>
      orThrow(self.advise(offset, length, advice)),
    /** fdatasync(2). */
    "[method]descriptor.sync-data": (self: Descriptor) => orThrow(self.sync("data")),
    /** The flags that the descriptor was opened with. */
    "[method]descriptor.get-flags": (self: Descriptor) => self.flags,
    /** The file's type, from when it was opened. */
    "[method]descriptor.get-type": (self: Descriptor) => descriptorType(self.type),
    /** ftruncate(2). */
    "[method]descriptor.set-size": (self: Descriptor, size: bigint) => orThrow(self.setSize(size)),
    /** futimens(3). */
    "[method]descriptor.set-times": (self: Descriptor, accessed: NewTimestamp, modified: NewTimestamp) =>
      orThrow(self.setTimes(accessed, modified)),
    /** fsync(2). */
    "[method]descriptor.sync": (self: Descriptor) => orThrow(self.sync("all")),
    /** mkdirat(2). */
    "[method]descriptor.create-directory-at": (self: Descriptor, path: string) => orThrow(self.createDirectoryAt(path)),
    /** fstat(2). */
    "[method]descriptor.stat": (self: Descriptor) => descriptorStat(orThrow(self.stat())),
    /** fstatat(2). */
    "[method]descriptor.stat-at": (self: Descriptor, { symlinkFollow }: PathFlags, path: string) =>
      descriptorStat(orThrow(self.statAt(symlinkFollow, path))),
    /** utimensat(2). */
    "[method]descriptor.set-times-at": (
      self: Descriptor,
      { symlinkFollow }: PathFlags,
      path: string,
      accessed: NewTimestamp,
      modified: NewTimestamp,
    ) => orThrow(self.setTimesAt(symlinkFollow, path, accessed, modified)),
    /** linkat(2). */
    "[method]descriptor.link-at": (
      self: Descriptor,
      { symlinkFollow }: PathFlags,
      path: string,
      other: Descriptor,
      newPath: string,
    ) => orThrow(self.linkAt(symlinkFollow, path, other, newPath)),
    /** readlinkat(2). Error `not-permitted` for an absolute target. */
    "[method]descriptor.readlink-at": (self: Descriptor, path: string) => orThrow(self.readlinkAt(path)).target,
    /** unlinkat(2) with AT_REMOVEDIR. */
    "[method]descriptor.remove-directory-at": (self: Descriptor, path: string) => orThrow(self.removeDirectoryAt(path)),
    /** renameat(2). */
    "[method]descriptor.rename-at": (self: Descriptor, path: string, other: Descriptor, newPath: string) =>
      orThrow(self.renameAt(path, other, newPath)),
    /** symlinkat(2). Error `not-permitted` for an absolute target. */
    "[method]descriptor.symlink-at": (self: Descriptor, target: string, path: string) =>
      orThrow(self.symlinkAt(target, path)),
    /** unlinkat(2). */
    "[method]descriptor.unlink-file-at": (self: Descriptor, path: string) => orThrow(self.unlinkFileAt(path)),
    /** Traps if the file can't be examined: this function has no error. */
    "[method]descriptor.is-same-object": (self: Descriptor, other: Descriptor) => {
      const same = self.isSameObject(other);
      if (typeof same === "string") throw new Trap(`is-same-object: ${same}`);
      return same;
    },
    /** A hash of device and inode, for comparing files. */
    "[method]descriptor.metadata-hash": (self: Descriptor) => orThrow(self.metadataHash()),
    "[method]descriptor.metadata-hash-at": (self: Descriptor, { symlinkFollow }: PathFlags, path: string) =>
      orThrow(self.metadataHashAt(symlinkFollow, path)),
  };
}
