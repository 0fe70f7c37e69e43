import type { ByteSink, ByteSource, Machine } from "../adapters/contract.ts";

export type Input = "inherit" | Uint8Array | undefined;
export type Output = "inherit" | WritableStream<Uint8Array> | undefined;

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
    send: (bytes) => {
      // A failed write fails the writer's later writes and its close, where the caller of `run` sees it.
      writer.write(bytes.slice()).catch(() => {});
      return bytes.length;
    },
  };
}
