import type { HostInstance } from "../../../component/host.ts";
import { type ByteProducer, HostFuture, type ReadableBytes } from "../../../component/streams.ts";
import { Descriptor, type DescriptorFlags, type OpenFlags } from "../../../core/files/descriptor.ts";
import { DirectoryEntryStream } from "../../../core/files/directory-entry-stream.ts";
import type { FileSink } from "../../../core/files/file-streams.ts";
import type { Blocking } from "../../../core/wait/poll.ts";
import type { FileErrorCode } from "../../../machine/files.ts";
import { closedProducer } from "../../closed-producer.ts";
import { descriptorMethods, type PathFlags } from "../../descriptor-methods.ts";
import type { WasiHost } from "../../host.ts";
import { failure } from "../../stream-result.ts";
import { descriptorType } from "./descriptor-type.ts";
import { EntryProducer } from "./entry-producer.ts";
import { fileError, orThrow } from "./error-code.ts";
import { FileConsumer, type FileFuture, FileProducer } from "./file-streams.ts";

function failed(code: FileErrorCode): FileFuture {
  return HostFuture.of(failure(fileError(code)));
}

function* openAt(
  self: Descriptor,
  { symlinkFollow }: PathFlags,
  path: string,
  open: OpenFlags,
  flags: DescriptorFlags,
): Blocking<Descriptor> {
  return orThrow(yield* self.openAtBlocking(symlinkFollow, path, open, flags));
}

function write(data: ReadableBytes, sink: FileSink | FileErrorCode): FileFuture {
  if (typeof sink === "string") {
    data.drop();
    return failed(sink);
  }
  const consumer = new FileConsumer(sink);
  data.pipe(consumer);
  return consumer.over;
}

function readDirectory(self: Descriptor): readonly [EntryProducer, FileFuture] {
  const entries = self.readDirectory();
  if (typeof entries === "string") return [new EntryProducer(new DirectoryEntryStream([])), failed(entries)];
  const producer = new EntryProducer(entries);
  return [producer, producer.over];
}

/**
 * Makes `wasi:filesystem/types`. Offsets are bytes; failures are thrown as `error-code`. A stream that can't begin is
 * closed, and its future holds the failure.
 */
export function filesystemTypes({ machine: { buffer } }: WasiHost): HostInstance {
  function readViaStream(self: Descriptor, offset: bigint): readonly [ByteProducer, FileFuture] {
    const source = self.source(offset);
    if (typeof source === "string") return [closedProducer(buffer), failed(source)];
    const producer = new FileProducer(buffer, source);
    return [producer, producer.over];
  }

  return {
    descriptor: Descriptor,
    ...descriptorMethods({ orThrow, descriptorType, timestamp: (time) => time }),
    /** A stream of the bytes from `offset`, and a future of how it ended. */
    "[method]descriptor.read-via-stream": readViaStream,
    /** Writes a stream from `offset`. Returns a future of how that ended. */
    "[method]descriptor.write-via-stream": (self: Descriptor, data: ReadableBytes, offset: bigint) =>
      write(data, self.sink(offset)),
    /** Appends a stream. Returns a future of how that ended. */
    "[method]descriptor.append-via-stream": (self: Descriptor, data: ReadableBytes) => write(data, self.sink("end")),
    /** A stream of the entries, without `.` and `..`, and a future of how it ended. */
    "[method]descriptor.read-directory": readDirectory,
    /** openat(2). Waits for the other side of a FIFO. */
    "[method]descriptor.open-at": openAt,
  };
}
