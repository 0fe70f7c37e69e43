import type { HostInstance } from "../../../component/host.ts";
import { Descriptor, type DescriptorFlags, type OpenFlags } from "../../../core/files/descriptor.ts";
import { DirectoryEntryStream } from "../../../core/files/directory-entry-stream.ts";
import type { OperationError } from "../../../core/streams/stream-error.ts";
import { fromU64 } from "../../../core/wait/deadline.ts";
import { Trap } from "../../../core/wait/errors.ts";
import { then } from "../../../core/wait/waiting.ts";
import type { Advice, DescriptorType, FileErrorCode, FileStat, NewTimestamp } from "../../../machine/files.ts";
import type { WasiHost } from "../../host.ts";
import { waiting } from "../../may-wait.ts";
import { orThrowAs } from "../../or-throw.ts";
import { InputStreamResource } from "../io/input-stream.ts";
import { OutputStreamResource } from "../io/output-stream.ts";

interface PathFlags {
  readonly symlinkFollow: boolean;
}

/** Fifos and sockets are `unknown`, as wasmtime's: the adapter of preview 1 that is in every libc guest ends at a socket. */
function descriptorType(type: DescriptorType): DescriptorType {
  return type === "fifo" || type === "socket" ? "unknown" : type;
}

/** 0.2 has no word for too many open files. wasmtime's is `io`, as if the file were broken. */
function errorCode(code: FileErrorCode): FileErrorCode {
  return code === "file-limit" ? "insufficient-memory" : code;
}

const orThrow = orThrowAs(errorCode);

/** `descriptor-stat` */
function descriptorStat(stat: FileStat): object {
  return {
    type: descriptorType(stat.type),
    linkCount: stat.linkCount,
    size: stat.size,
    dataAccessTimestamp: stat.accessed,
    dataModificationTimestamp: stat.modified,
    statusChangeTimestamp: stat.changed,
  };
}

/** `wasi:filesystem/types` */
export function filesystemTypes({ machine: { buffer }, poll }: WasiHost): HostInstance {
  return {
    descriptor: Descriptor,
    "[method]descriptor.read-via-stream": (self: Descriptor, offset: bigint) =>
      new InputStreamResource(orThrow(self.readViaStream(offset))),
    "[method]descriptor.write-via-stream": (self: Descriptor, offset: bigint) =>
      new OutputStreamResource(orThrow(self.writeViaStream(offset))),
    "[method]descriptor.append-via-stream": (self: Descriptor) =>
      new OutputStreamResource(orThrow(self.appendViaStream())),
    "[method]descriptor.advise": (self: Descriptor, offset: bigint, length: bigint, advice: Advice) =>
      orThrow(self.advise(offset, length, advice)),
    "[method]descriptor.sync-data": (self: Descriptor) => orThrow(self.sync("data")),
    "[method]descriptor.get-flags": (self: Descriptor) => self.flags,
    "[method]descriptor.get-type": (self: Descriptor) => descriptorType(self.type),
    "[method]descriptor.set-size": (self: Descriptor, size: bigint) => orThrow(self.setSize(size)),
    "[method]descriptor.set-times": (self: Descriptor, accessed: NewTimestamp, modified: NewTimestamp) =>
      orThrow(self.setTimes(accessed, modified)),
    "[method]descriptor.read": (self: Descriptor, length: bigint, offset: bigint) => {
      const count = orThrow(self.read(fromU64(length), offset));
      return [buffer.subarray(0, count), count === 0];
    },
    "[method]descriptor.write": (self: Descriptor, bytes: Uint8Array, offset: bigint) =>
      BigInt(orThrow(self.write(bytes, offset))),
    "[method]descriptor.read-directory": (self: Descriptor) => orThrow(self.readDirectory()),
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
    "[method]descriptor.open-at": waiting(
      (self: Descriptor, { symlinkFollow }: PathFlags, path: string, open: OpenFlags, flags: DescriptorFlags) =>
        then(poll.run(self.openAtBlocking(symlinkFollow, path, open, flags)), orThrow),
    ),
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

    "directory-entry-stream": DirectoryEntryStream,
    "[method]directory-entry-stream.read-directory-entry": (self: DirectoryEntryStream) => {
      const entry = orThrow(self.next());
      return entry === undefined ? undefined : { type: descriptorType(entry.type), name: entry.name };
    },

    "filesystem-error-code": ({ cause }: OperationError) =>
      typeof cause === "string" ? undefined : errorCode(cause.code),
  };
}
