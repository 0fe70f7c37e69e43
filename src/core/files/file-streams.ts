import type { FileHandle } from "../../machine/files.ts";
import type { ByteSink, ByteSource } from "../../machine/streams.ts";
import { InputStream } from "../streams/input-stream.ts";
import { OutputStream, SOCKET_PERMIT } from "../streams/output-stream.ts";
import type { Poll } from "../wait/poll.ts";
import { then, type Waiting } from "../wait/waiting.ts";
import type { SharedHandle } from "./open-files.ts";

/** Reads on from an offset, whatever else is done to the file meanwhile. A file with positions is always ready. */
export class FileInputStream extends InputStream {
  readonly #file: SharedHandle;

  constructor(file: SharedHandle<FileHandle>, offset: bigint) {
    super(file.handle.stream ?? readingFrom(file.handle, offset), "asks");
    this.#file = file.retain();
  }

  override dispose(): void {
    this.#file.release();
  }
}

function readingFrom(file: FileHandle, offset: bigint): ByteSource {
  let position = offset;
  return {
    source: undefined,
    receive: (max) => {
      const count = file.read(max, position);
      if (typeof count === "number") position += BigInt(count);
      return count;
    },
  };
}

/** Writes on from an offset, or each time at the file's end. What has positions takes every write whole: nothing is queued. */
export class FileOutputStream extends OutputStream {
  readonly #file: SharedHandle;

  constructor(poll: Poll, file: SharedHandle<FileHandle>, offset: bigint | "end") {
    super(poll, file.handle.stream ?? writingFrom(file.handle, offset), {
      permit: SOCKET_PERMIT,
      strict: false,
      asksForNothing: true,
    });
    this.#file = file.retain();
  }

  override dispose(): Waiting<void> {
    return then(super.dispose(), () => this.#file.release());
  }
}

function writingFrom(file: FileHandle, offset: bigint | "end"): ByteSink {
  let position = offset;
  return {
    source: undefined,
    send: (bytes, start = 0, end = bytes.length) => {
      const count = file.write(bytes.subarray(start, end), position);
      if (typeof count === "number" && position !== "end") position += BigInt(count);
      return count;
    },
  };
}
