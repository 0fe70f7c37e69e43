import { concat } from "../core/streams/concat.ts";
import type { Bytes } from "../core/streams/input-stream.ts";
import { Condition } from "../core/wait/condition.ts";
import type { Machine } from "../machine/machine.ts";
import type { ByteSink, ByteSource } from "../machine/streams.ts";

/**
 * Where a guest's standard input comes from: the process's own, bytes, or a stream. A guest that blocks gets a stream that was read to
 * its end before it starts: its thread sleeps where it waits.
 */
export type Input = "inherit" | Uint8Array | ReadableStream<Uint8Array> | undefined;

/**
 * Where what a guest writes goes: to the process's own stream, into a stream, which is closed when the guest has ended, or to a function,
 * which is called with each piece as it is written, a copy of its own.
 */
export type Output = "inherit" | WritableStream<Uint8Array> | ((bytes: Uint8Array) => void) | undefined;

/** @throws what reading fails of, the signal's reason */
async function readToEnd(stream: ReadableStream<Uint8Array>, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const reader = stream.getReader();
  // It fails the read under way, and the stream is given back with the rest.
  const release = (): void => reader.releaseLock();
  signal?.addEventListener("abort", release);
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) pieces.push(piece.value);
  } finally {
    signal?.removeEventListener("abort", release);
    release();
    signal?.throwIfAborted();
  }
  return concat(pieces);
}

/** Bytes in memory as a source: always ready, then at its end. */
function bytesSource(machine: Machine, bytes: Uint8Array): ByteSource {
  let at = 0;
  return {
    source: undefined,
    receive: (max) => {
      const piece = bytes.subarray(at, at + Math.min(max, machine.buffer.length));
      machine.buffer.set(piece);
      at += piece.length;
      return piece.length;
    },
  };
}

/**
 * A web stream as it comes, for a guest that is suspended while it waits for it. `wake`: lets the guest look again. At most one
 * piece is taken ahead of the guest; `release` gives the stream back with the rest.
 */
function streamSource(
  machine: Machine,
  stream: ReadableStream<Uint8Array>,
  wake: () => void,
): Bytes & { release(): void } {
  const reader = stream.getReader();
  const readiness = Condition.ready();
  let piece = new Uint8Array(0);
  let end: { readonly error?: unknown } | undefined;
  const next = (): void => {
    readiness.markPending();
    reader
      .read()
      .then(
        ({ done, value }) => {
          if (done) end = {};
          else piece = new Uint8Array(value);
        },
        (error: unknown) => {
          end = { error };
        },
      )
      .then(() => {
        if (end === undefined && piece.length === 0) return next();
        readiness.markReady();
        wake();
      });
  };
  next();
  return {
    source: undefined,
    readiness,
    receive(max) {
      if (piece.length > 0) {
        const count = Math.min(max, piece.length, machine.buffer.length);
        machine.buffer.set(piece.subarray(0, count));
        piece = piece.subarray(count);
        if (piece.length === 0 && end === undefined) next();
        return count;
      }
      if (end === undefined) return "would-block";
      return end.error === undefined ? 0 : { errno: 0, message: String(end.error), code: "io" };
    },
    release: () => reader.releaseLock(),
  };
}

/**
 * Standard input of a guest that blocks, on its machine.
 *
 * @throws what reading a stream to its end fails of, the signal's reason
 */
export async function blockingInput(
  given: Input,
  signal?: AbortSignal,
): Promise<(machine: Machine) => boolean | ByteSource> {
  const input = given instanceof ReadableStream ? await readToEnd(given, signal) : given;
  return (machine) => (input instanceof Uint8Array ? bytesSource(machine, input) : input === "inherit");
}

/** The same of one that is suspended while it waits. */
export function suspendedInput(
  machine: Machine,
  poll: { wake(): void },
  given: Input,
  streams: Streams,
): boolean | Bytes {
  if (given instanceof ReadableStream) return streams.input(streamSource(machine, given, () => poll.wake()));
  return given instanceof Uint8Array ? bytesSource(machine, given) : given === "inherit";
}

/** What is written, a copy of it each time. */
export function callbackSink(write: (bytes: Uint8Array) => void): ByteSink {
  return {
    source: undefined,
    send: (bytes, start = 0, end = bytes.length) => {
      write(bytes.slice(start, end));
      return end - start;
    },
  };
}

/** Collects an output as text. Bytes that are not UTF-8 become U+FFFD. */
export class TextOutput {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #text = "";
  readonly write = (bytes: Uint8Array): void => {
    this.#text += this.#decoder.decode(bytes, { stream: true });
  };

  /** Returns the text, at the end of the output. */
  text(): string {
    return this.#text + this.#decoder.decode();
  }
}

/** A web stream as a sink. It takes everything at once: what it cannot write while the guest's thread is busy waits in it. */
export function writerSink(writer: WritableStreamDefaultWriter<Uint8Array>): ByteSink {
  return {
    source: undefined,
    send: (bytes, start = 0, end = bytes.length) => {
      // A failed write fails the writer's later writes and `closed`, where the caller of `run` sees it.
      writer.write(bytes.slice(start, end)).catch(() => {});
      return end - start;
    },
  };
}

async function close(writer: WritableStreamDefaultWriter<Uint8Array>): Promise<void> {
  try {
    await writer.close();
  } catch (error) {
    // Of one that has failed before, this says only that it cannot be closed.
    await writer.closed;
    throw error;
  }
}

/** The web streams that a run has locked. */
export class Streams implements Disposable {
  readonly #writers: WritableStreamDefaultWriter<Uint8Array>[] = [];
  readonly #inputs: { release(): void }[] = [];

  input<T extends { release(): void }>(source: T): T {
    this.#inputs.push(source);
    return source;
  }

  output(given: Output): boolean | ByteSink {
    if (given === undefined || given === "inherit") return given === "inherit";
    if (typeof given === "function") return callbackSink(given);
    const writer = given.getWriter();
    this.#writers.push(writer);
    return writerSink(writer);
  }

  /** Closes what was written to. @throws what a write failed with */
  async finish(): Promise<void> {
    await Promise.all(this.#writers.map(close));
  }

  [Symbol.dispose](): void {
    for (const writer of this.#writers) writer.releaseLock();
    for (const input of this.#inputs) input.release();
  }
}
