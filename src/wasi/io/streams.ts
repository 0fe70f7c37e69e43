import { type HostFunction, type HostInstance, lean, mayWait } from "../../component/host.ts";
import { InputStream } from "../../core/input-stream.ts";
import { OutputStream } from "../../core/output-stream.ts";
import type { Blocking } from "../../core/poll.ts";
import type { OperationError, StreamError } from "../../core/stream-error.ts";
import { then, type Waiting } from "../../core/waiting.ts";
import type { WasiHost } from "../host.ts";

// Dropping one waits until what was written is out.
Object.assign(OutputStream, { [mayWait]: true });

type StreamErrorPayload = { tag: "closed" } | { tag: "last-operation-failed"; val: OperationError };

function payload(error: StreamError): StreamErrorPayload {
  return error === "closed" ? { tag: "closed" } : { tag: "last-operation-failed", val: error };
}

/** A count, or its stream-error thrown. */
function count(result: number | StreamError): number {
  if (typeof result !== "number") throw payload(result);
  return result;
}

function done(error: StreamError | undefined): void {
  if (error !== undefined) throw payload(error);
}

/**
 * `wasi:io/streams`. All of it in the lean form: what a read got is in the machine's buffer, from where the linker copies it into
 * the guest at once, and a write is over when it returns, for what could not be sent was copied.
 */
export function ioStreams({ poll, machine }: Pick<WasiHost, "poll" | "machine">): HostInstance {
  const { buffer } = machine;
  const received = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  const run = <T, R>(steps: Blocking<T>, next: (result: T) => R): Waiting<R> => then(poll.run(steps), next);

  /** Having found nothing to do, lets others' queued bytes go on: a guest may go round in such calls and never wait. */
  const looked = (result: number | StreamError): number => {
    if (result === 0) poll.drainNext();
    return count(result);
  };

  const methods: Record<string, HostFunction> = {
    "[method]input-stream.read": (self: InputStream, length: number) => looked(self.read(length)),
    "[method]input-stream.blocking-read": (self: InputStream, length: number) => run(self.blockingRead(length), count),
    "[method]input-stream.skip": (self: InputStream, length: number) => looked(self.read(length)),
    "[method]input-stream.blocking-skip": (self: InputStream, length: number) => run(self.blockingRead(length), count),
    "[method]input-stream.subscribe": (self: InputStream) => self.subscribe(poll.now()),

    "[method]output-stream.check-write": (self: OutputStream) => looked(self.checkWrite()),
    "[method]output-stream.write": (self: OutputStream, bytes: Uint8Array, start: number, end: number) =>
      done(self.write(bytes, start, end)),
    "[method]output-stream.blocking-write-and-flush": (
      self: OutputStream,
      bytes: Uint8Array,
      start: number,
      end: number,
    ) => run(self.blockingWriteAndFlush(bytes.subarray(start, end)), done),
    "[method]output-stream.flush": (self: OutputStream) => done(self.flush()),
    "[method]output-stream.blocking-flush": (self: OutputStream) => run(self.blockingFlush(), done),
    "[method]output-stream.subscribe": (self: OutputStream) => self.subscribe(poll.now()),
    "[method]output-stream.write-zeroes": (self: OutputStream, length: number) => done(self.writeZeroes(length)),
    "[method]output-stream.blocking-write-zeroes-and-flush": (self: OutputStream, length: number) =>
      run(self.blockingWriteZeroesAndFlush(length), done),
    "[method]output-stream.splice": (self: OutputStream, source: InputStream, length: number) =>
      looked(self.splice(source, length, buffer)),
    "[method]output-stream.blocking-splice": (self: OutputStream, source: InputStream, length: number) =>
      run(self.blockingSplice(source, length, buffer), count),
  };
  for (const [name, method] of Object.entries(methods)) {
    method[lean] = received;
    method[mayWait] = name.includes(".blocking-");
  }
  return { "input-stream": InputStream, "output-stream": OutputStream, ...methods };
}
