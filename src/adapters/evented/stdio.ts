import { fileCodes } from "../../machine/file-errno.ts";
import type { FileErrorCode, IoError } from "../../machine/files.ts";
import type { Stdio } from "../../machine/machine.ts";
import { READABLE } from "../../machine/selector.ts";
import type { ByteSink, ByteSource } from "../../machine/streams.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { EventedContext } from "./context.ts";
import { errnoName, errorCodeOf } from "./failure.ts";
import type { EventedSource } from "./selector.ts";
import { isStdinFile, readStdinFile } from "./stdin-file.ts";

export function createStdio(cx: EventedContext): Stdio {
  return {
    stdin: new StdinSource(cx),
    stdout: new StdioSink(cx, 1),
    stderr: new StdioSink(cx, 2),
    isTerminal: (fd) => cx.runtime.isTerminal(fd),
  };
}

/**
 * Reads one piece at a time, from when the guest first wants one: a guest that never reads stdin leaves it to others. A
 * file is read in the amounts that the guest asks for.
 */
class StdinSource implements ByteSource {
  readonly #cx: EventedContext;
  readonly #source: EventedSource;
  readonly #queue = new ByteQueue();
  #file: boolean | undefined;
  #reading = false;
  #ended = false;
  #error: IoError | undefined;

  constructor(cx: EventedContext) {
    this.#cx = cx;
    this.#source = cx.selector.open();
    this.#source.demand = () => this.#read();
  }

  get source(): EventedSource {
    return this.#source;
  }

  receive(max: number): number | "would-block" | IoError {
    if (this.#isFile()) return this.#receiveFile(max);
    const count = this.#queue.take(this.#cx.buffer, max);
    if (this.#queue.length > 0) return count;
    if (this.#error !== undefined && count === 0) return this.#error;
    this.#read();
    return count > 0 || this.#ended ? count : "would-block";
  }

  #isFile(): boolean {
    this.#file ??= isStdinFile();
    return this.#file;
  }

  #receiveFile(max: number): number | IoError {
    try {
      return readStdinFile(this.#cx.buffer, max);
    } catch (error) {
      return ioError(error);
    }
  }

  async #read(): Promise<void> {
    if (this.#isFile()) return this.#cx.selector.update(this.#source, READABLE);
    if (this.#reading || this.#ended || this.#error !== undefined || this.#queue.length > 0) return;
    this.#reading = true;
    this.#cx.selector.update(this.#source, 0);
    try {
      const piece = await this.#cx.runtime.stdin.read();
      if (piece === undefined) this.#ended = true;
      else this.#queue.push(piece);
    } catch (error) {
      this.#error = ioError(error);
    }
    this.#reading = false;
    this.#cx.selector.update(this.#source, READABLE);
  }
}

/** How long to wait for a reader if another process made the fd non-blocking, ms. */
const READER_WAIT_MS = 1;

/** Writes everything before it returns, as wasmtime's stdout and stderr do. */
class StdioSink implements ByteSink {
  readonly source = undefined;
  readonly #cx: EventedContext;
  readonly #fd: 1 | 2;
  readonly #never = new Int32Array(new SharedArrayBuffer(4));

  constructor(cx: EventedContext, fd: 1 | 2) {
    this.#cx = cx;
    this.#fd = fd;
  }

  send(bytes: Uint8Array, start = 0, end = bytes.length): number | "broken-pipe" | IoError {
    for (let next = start; next < end; ) {
      try {
        next += this.#cx.runtime.writeSync(this.#fd, bytes.subarray(next, end));
      } catch (error) {
        if (errorCodeOf(error) === "would-block") Atomics.wait(this.#never, 0, 0, READER_WAIT_MS);
        else if (errnoName(error) === "EPIPE") return "broken-pipe";
        else return ioError(error);
      }
    }
    return end - start;
  }
}

function ioError(error: unknown): IoError {
  const errno = error instanceof Error && "errno" in error ? Math.abs(Number(error.errno)) : 0;
  const message = error instanceof Error ? error.message : String(error);
  const codes: Readonly<Record<string, FileErrorCode>> = fileCodes;
  return { errno, message, code: codes[errnoName(error) ?? ""] ?? "io" };
}
