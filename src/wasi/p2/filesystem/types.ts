import type { HostInstance } from "../../../component/host.ts";
import { Descriptor, type DescriptorFlags, type OpenFlags } from "../../../core/files/descriptor.ts";
import { DirectoryEntryStream } from "../../../core/files/directory-entry-stream.ts";
import type { OperationError } from "../../../core/streams/stream-error.ts";
import { fromU64 } from "../../../core/wait/deadline.ts";
import { then } from "../../../core/wait/waiting.ts";
import type { DescriptorType, FileErrorCode, Instant } from "../../../machine/files.ts";
import { descriptorMethods, type PathFlags } from "../../descriptor-methods.ts";
import type { WasiHost } from "../../host.ts";
import { orThrowAs } from "../../or-throw.ts";
import { waiting } from "../../waits.ts";
import { InputStreamResource } from "../io/input-stream.ts";
import { OutputStreamResource } from "../io/output-stream.ts";

/** Fifos and sockets are `unknown`, as wasmtime's: the adapter of preview 1 that is in every libc guest ends at a socket. */
function descriptorType(type: DescriptorType): DescriptorType {
  return type === "fifo" || type === "socket" ? "unknown" : type;
}

/** 0.2 has no word for too many open files. wasmtime's is `io`, as if the file were broken. */
function errorCode(code: FileErrorCode): FileErrorCode {
  return code === "file-limit" ? "insufficient-memory" : code;
}

/** 0.2 has no time before 1970. */
function timestamp(time: Instant): Instant | undefined {
  return time.seconds < 0n ? undefined : time;
}

const orThrow = orThrowAs(errorCode);

/** `wasi:filesystem/types` */
export function filesystemTypes({ machine: { buffer }, poll }: WasiHost): HostInstance {
  return {
    descriptor: Descriptor,
    ...descriptorMethods({ orThrow, descriptorType, timestamp }),
    "[method]descriptor.read-via-stream": (self: Descriptor, offset: bigint) =>
      new InputStreamResource(orThrow(self.readViaStream(offset))),
    "[method]descriptor.write-via-stream": (self: Descriptor, offset: bigint) =>
      new OutputStreamResource(orThrow(self.writeViaStream(offset))),
    "[method]descriptor.append-via-stream": (self: Descriptor) =>
      new OutputStreamResource(orThrow(self.writeViaStream("end"))),
    "[method]descriptor.read": (self: Descriptor, length: bigint, offset: bigint) => {
      const count = orThrow(self.read(fromU64(length), offset));
      return [buffer.subarray(0, count), count === 0];
    },
    "[method]descriptor.write": (self: Descriptor, bytes: Uint8Array, offset: bigint) =>
      BigInt(orThrow(self.write(bytes, offset))),
    "[method]descriptor.read-directory": (self: Descriptor) => orThrow(self.readDirectory()),
    "[method]descriptor.open-at": waiting(
      (self: Descriptor, { symlinkFollow }: PathFlags, path: string, open: OpenFlags, flags: DescriptorFlags) =>
        then(poll.run(self.openAtBlocking(symlinkFollow, path, open, flags)), orThrow),
    ),

    "directory-entry-stream": DirectoryEntryStream,
    "[method]directory-entry-stream.read-directory-entry": (self: DirectoryEntryStream) => {
      const entry = orThrow(self.next());
      return entry === undefined ? undefined : { type: descriptorType(entry.type), name: entry.name };
    },

    "filesystem-error-code": ({ cause }: OperationError) =>
      typeof cause === "string" ? undefined : errorCode(cause.code),
  };
}
