import type { FileHandle } from "../../machine/files.ts";
import { InputStream } from "../streams/input-stream.ts";
import { OutputStream, SOCKET_PERMIT } from "../streams/output-stream.ts";
import type { Poll } from "../wait/poll.ts";
import type { SharedHandle } from "./open-files.ts";

/** Reads on from an offset, whatever else is done to the file meanwhile. A file is always ready. */
export class FileInputStream extends InputStream {
  readonly #file: SharedHandle;

  constructor(file: SharedHandle<FileHandle>, offset: bigint) {
    let position = offset;
    super(
      {
        source: undefined,
        receive: (max) => {
          const count = file.handle.read(max, position);
          if (typeof count === "number") position += BigInt(count);
          return count;
        },
      },
      "asks",
    );
    this.#file = file.retain();
  }

  override dispose(): void {
    this.#file.release();
  }
}

/** Writes on from an offset, or each time at the file's end. Every write is done when it returns, so nothing is queued. */
export class FileOutputStream extends OutputStream {
  readonly #file: SharedHandle;

  constructor(poll: Poll, file: SharedHandle<FileHandle>, offset: bigint | "end") {
    let position = offset;
    super(
      poll,
      {
        source: undefined,
        send: (bytes, start = 0, end = bytes.length) => {
          const count = file.handle.write(bytes.subarray(start, end), position);
          if (typeof count === "number" && position !== "end") position += BigInt(count);
          return count;
        },
      },
      { permit: SOCKET_PERMIT, strict: false, asksForNothing: true },
    );
    this.#file = file.retain();
  }

  override dispose(): void {
    this.#file.release();
  }
}
