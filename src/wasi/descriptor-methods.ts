import type { HostInstance } from "../component/host.ts";
import type { Descriptor } from "../core/files/descriptor.ts";
import { Trap } from "../core/wait/errors.ts";
import type { Advice, DescriptorType, FileErrorCode, FileStat, Instant, NewTimestamp } from "../machine/files.ts";

/** `wasi:filesystem/types.path-flags` */
export interface PathFlags {
  readonly symlinkFollow: boolean;
}

/** How a version of `wasi:filesystem` says what all have to say. */
export interface Words {
  readonly orThrow: <T>(result: T | FileErrorCode) => Exclude<T, string>;
  readonly descriptorType: (type: DescriptorType) => unknown;
  /** Undefined: there is no such time in this version. */
  readonly timestamp: (time: Instant) => Instant | undefined;
}

/** The methods of `wasi:filesystem/types.descriptor` that versions have alike, but for the words. */
export function descriptorMethods({ orThrow, descriptorType, timestamp }: Words): HostInstance {
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
    "[method]descriptor.advise": (self: Descriptor, offset: bigint, length: bigint, advice: Advice) =>
      orThrow(self.advise(offset, length, advice)),
    "[method]descriptor.sync-data": (self: Descriptor) => orThrow(self.sync("data")),
    "[method]descriptor.get-flags": (self: Descriptor) => self.flags,
    "[method]descriptor.get-type": (self: Descriptor) => descriptorType(self.type),
    "[method]descriptor.set-size": (self: Descriptor, size: bigint) => orThrow(self.setSize(size)),
    "[method]descriptor.set-times": (self: Descriptor, accessed: NewTimestamp, modified: NewTimestamp) =>
      orThrow(self.setTimes(accessed, modified)),
    "[method]descriptor.sync": (self: Descriptor) => orThrow(self.sync("all")),
    "[method]descriptor.create-directory-at": (self: Descriptor, path: string) => orThrow(self.createDirectoryAt(path)),
    "[method]descriptor.stat": (self: Descriptor) => descriptorStat(orThrow(self.stat())),
    "[method]descriptor.stat-at": (self: Descriptor, { symlinkFollow }: PathFlags, path: string) =>
      descriptorStat(orThrow(self.statAt(symlinkFollow, path))),
    "[method]descriptor.set-times-at": (
      self: Descriptor,
      { symlinkFollow }: PathFlags,
      path: string,
      accessed: NewTimestamp,
      modified: NewTimestamp,
    ) => orThrow(self.setTimesAt(symlinkFollow, path, accessed, modified)),
    "[method]descriptor.link-at": (
      self: Descriptor,
      { symlinkFollow }: PathFlags,
      path: string,
      other: Descriptor,
      newPath: string,
    ) => orThrow(self.linkAt(symlinkFollow, path, other, newPath)),
    "[method]descriptor.readlink-at": (self: Descriptor, path: string) => orThrow(self.readlinkAt(path)).target,
    "[method]descriptor.remove-directory-at": (self: Descriptor, path: string) => orThrow(self.removeDirectoryAt(path)),
    "[method]descriptor.rename-at": (self: Descriptor, path: string, other: Descriptor, newPath: string) =>
      orThrow(self.renameAt(path, other, newPath)),
    "[method]descriptor.symlink-at": (self: Descriptor, target: string, path: string) =>
      orThrow(self.symlinkAt(target, path)),
    "[method]descriptor.unlink-file-at": (self: Descriptor, path: string) => orThrow(self.unlinkFileAt(path)),
    "[method]descriptor.is-same-object": (self: Descriptor, other: Descriptor) => {
      const same = self.isSameObject(other);
      if (typeof same === "string") throw new Trap(`is-same-object: ${same}`);
      return same;
    },
    "[method]descriptor.metadata-hash": (self: Descriptor) => orThrow(self.metadataHash()),
    "[method]descriptor.metadata-hash-at": (self: Descriptor, { symlinkFollow }: PathFlags, path: string) =>
      orThrow(self.metadataHashAt(symlinkFollow, path)),
  };
}
