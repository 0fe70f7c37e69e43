import type { ByteSink, ByteSource, Machine } from "../adapters/contract.ts";

/** A stream is read to its end before the guest starts, whose thread then sleeps where it waits. */
export type Input = "inherit" | Uint8Array | ReadableStream<Uint8Array> | undefined;
export type Output = "inherit" | WritableStream<Uint8Array> | undefined;

export async function readToEnd(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Bytes in memory as a source: always ready, then at its end. */
export function bytesSource(machine: Machine, bytes: Uint8Array): ByteSource {
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

/** A web stream as a sink. It takes everything at once: what it cannot write while the guest's thread is busy waits in it. */
export function writerSink(writer: WritableStreamDefaultWriter<Uint8Array>): ByteSink {
  return {
    source: undefined,
    send: (bytes, start = 0, end = bytes.length) => {
      // A failed write fails the writer's later writes and its close, where the caller of `run` sees it.
      writer.write(bytes.slice(start, end)).catch(() => {});
      return end - start;
    },
  };
}
