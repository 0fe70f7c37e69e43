import type { FileHandle, FileStream, IoError } from "../../machine/files.ts";
import type { Source } from "../../machine/selector.ts";
import type { ByteSink, ByteSource } from "../../machine/streams.ts";
import { InputStream } from "../streams/input-stream.ts";
import { OutputStream, SOCKET_PERMIT } from "../streams/output-stream.ts";
import type { Poll } from "../wait/poll.ts";
import { andThen, type Waiting } from "../wait/waiting.ts";
import type { SharedHandle } from "./open-files.ts";

/** One end of a file's stream. It keeps the file open until it is closed. */
abstract class FileEnd {
  /** Undefined for a file with positions, which is always ready. */
  readonly source: Source | undefined;
  protected readonly stream: FileStream | undefined;
  readonly #file: SharedHandle<FileHandle>;

  constructor(file: SharedHandle<FileHandle>) {
    this.#file = file.retain();
    this.stream = file.handle.stream;
    this.source = this.stream?.source;
  }

  protected get handle(): FileHandle {
    return this.#file.handle;
  }

  close(): void {
    this.#file.release();
  }
}

/** Reads a file's bytes from an offset on, independent of other users. A file without positions gives the bytes that arrive. */
export class FileSource extends FileEnd implements ByteSource {
  #position: bigint;

  constructor(file: SharedHandle<FileHandle>, offset: bigint) {
    super(file);
    this.#position = offset;
  }

  receive(max: number): number | "would-block" | IoError {
    return this.stream === undefined ? this.#advance(this.handle.read(max, this.#position)) : this.stream.receive(max);
  }

  /** As `receive`, into `bytes` from `start` to `end`. */
  receiveInto(bytes: Uint8Array, start: number, end: number): number | "would-block" | IoError {
    if (this.stream !== undefined) return this.stream.receiveInto(bytes, start, end);
    return this.#advance(this.handle.readInto(bytes, start, end, this.#position));
  }

  #advance(count: number | IoError): number | IoError {
    if (typeof count === "number") this.#position += BigInt(count);
    return count;
  }
}

/** Writes to a file from an offset on, or each time at its end. A file without positions takes what it can. */
export class FileSink extends FileEnd implements ByteSink {
  #position: bigint | "end";

  constructor(file: SharedHandle<FileHandle>, offset: bigint | "end") {
    super(file);
    this.#position = offset;
  }

  send(bytes: Uint8Array, start = 0, end = bytes.length): number | "would-block" | IoError {
    if (this.stream !== undefined) return this.stream.send(bytes, start, end);
    const count = this.handle.write(bytes, start, end, this.#position);
    if (typeof count === "number" && this.#position !== "end") this.#position += BigInt(count);
    return count;
  }
}

/** An input stream that keeps its own position in the file. */
export class FileInputStream extends InputStream {
  readonly #source: FileSource;

  constructor(source: FileSource) {
    super(source, "asks");
    this.#source = source;
  }

  override dispose(): void {
    this.#source.close();
  }
}

/**
 * An output stream that keeps its own position in the file. A file with positions takes every write whole, so nothing is queued.
 */
export class FileOutputStream extends OutputStream {
  readonly #sink: FileSink;

  constructor(poll: Poll, sink: FileSink) {
    super(poll, sink, { permit: SOCKET_PERMIT, strict: false, asksForNothing: true });
    this.#sink = sink;
  }

  override dispose(): Waiting<void> {
    return andThen(super.dispose(), () => this.#sink.close());
  }
}
