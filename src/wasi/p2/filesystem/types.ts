import type { HostInstance } from "../../../component/host.ts";
import { Descriptor, type DescriptorFlags, type OpenFlags } from "../../../core/files/descriptor.ts";
import { DirectoryEntryStream } from "../../../core/files/directory-entry-stream.ts";
import type { OperationError } from "../../../core/streams/stream-error.ts";
import { fromU64 } from "../../../core/wait/deadline.ts";
import { andThen } from "../../../core/wait/waiting.ts";
import type { DescriptorType, FileErrorCode, Instant } from "../../../machine/files.ts";
import { descriptorMethods, type PathFlags } from "../../descriptor-methods.ts";
import type { WasiHost } from "../../host.ts";
import { orThrowAs } from "../../or-throw.ts";
import { waiting } from "../../waits.ts";
import { InputStreamResource } from "../io/input-stream.ts";
import { OutputStreamResource } from "../io/output-stream.ts";

/**
 * Returns the type as 0.2 reports it. FIFOs and sockets are `unknown`, as in wasmtime: the preview 1 adapter, which
 * every libc guest contains, traps at a socket.
 */
function descriptorType(type: DescriptorType): DescriptorType {
  return type === "fifo" || type === "socket" ? "unknown" : type;
}

/**
 * Returns the error code as 0.2 reports it. It has none for too many open files; wasmtime uses `io`, as if the file
 * were broken.
 */
function errorCode(code: FileErrorCode): FileErrorCode {
  return code === "file-limit" ? "insufficient-memory" : code;
}

/** Returns undefined for a time before 1970, which 0.2 cannot express. */
function timestamp(time: Instant): Instant | undefined {
  return time.seconds < 0n ? undefined : time;
}

const orThrow = orThrowAs(errorCode);

/** Makes `wasi:filesystem/types`. Offsets and lengths are bytes; failures are thrown as `error-code`. */
export function filesystemTypes({ machine: { buffer }, poll }: WasiHost): HostInstance {
  return {
    descriptor: Descriptor,
    ...descriptorMethods({ orThrow, descriptorType, timestamp }),
    /** An input-stream that reads from `offset`. */
    "[method]descriptor.read-via-stream": (self: Descriptor, offset: bigint) =>
      new InputStreamResource(orThrow(self.readViaStream(offset))),
    /** An output-stream that writes from `offset`. */
    "[method]descriptor.write-via-stream": (self: Descriptor, offset: bigint) =>
      new OutputStreamResource(orThrow(self.writeViaStream(offset))),
    /** An output-stream that appends. */
    "[method]descriptor.append-via-stream": (self: Descriptor) =>
      new OutputStreamResource(orThrow(self.writeViaStream("end"))),
    /** pread(2): the bytes, and whether the file has ended. */
    "[method]descriptor.read": (self: Descriptor, length: bigint, offset: bigint) => {
      const count = orThrow(self.read(fromU64(length), offset));
      return [buffer.subarray(0, count), count === 0];
    },
    /** pwrite(2): how many bytes were written. */
    "[method]descriptor.write": (self: Descriptor, bytes: Uint8Array, offset: bigint) =>
      BigInt(orThrow(self.write(bytes, offset))),
    /** A stream of the entries, without `.` and `..`. */
    "[method]descriptor.read-directory": (self: Descriptor) => orThrow(self.readDirectory()),
    /** openat(2). Waits for the other side of a FIFO. */
    "[method]descriptor.open-at": waiting(
      (self: Descriptor, { symlinkFollow }: PathFlags, path: string, open: OpenFlags, flags: DescriptorFlags) =>
        andThen(poll.run(self.openAtBlocking(symlinkFollow, path, open, flags)), orThrow),
    ),

    "directory-entry-stream": DirectoryEntryStream,
    /** The next entry, none after the last. */
    "[method]directory-entry-stream.read-directory-entry": (self: DirectoryEntryStream) => {
      const entry = orThrow(self.next());
      return entry === undefined ? undefined : { type: descriptorType(entry.type), name: entry.name };
    },

    /** The file's failure behind a stream's error, if there is one. */
    "filesystem-error-code": ({ cause }: OperationError) =>
      typeof cause === "string" ? undefined : errorCode(cause.code),
  };
}
