import { byteViews, type HostFunction, type HostInstance } from "../../component/host.ts";
import { fromU64, NEVER } from "../../core/deadline.ts";
import { InputStream } from "../../core/input-stream.ts";
import { OutputStream } from "../../core/output-stream.ts";
import type { Blocking } from "../../core/poll.ts";
import type { OperationError, StreamError } from "../../core/stream-error.ts";
import { then, type Waiting } from "../../core/waiting.ts";
import type { WasiHost } from "../host.ts";

const U64_MAX = 0xffff_ffff_ffff_ffffn;

type StreamErrorPayload = { tag: "closed" } | { tag: "last-operation-failed"; val: OperationError };

function payload(error: StreamError): StreamErrorPayload {
  return error === "closed" ? { tag: "closed" } : { tag: "last-operation-failed", val: error };
}

/** A count, or its stream-error thrown. */
function count(result: number | StreamError): number {
  if (typeof result !== "number") throw payload(result);
  return result;
}

function counted(result: number | StreamError): bigint {
  return u64(count(result));
}

function done(error: StreamError | undefined): void {
  if (error !== undefined) throw payload(error);
}

function u64(length: number): bigint {
  return length === NEVER ? U64_MAX : BigInt(length);
}

/** A write is over when it returns, or its promise resolves: what could not be sent was copied. */
function viewing(write: (self: OutputStream, contents: Uint8Array) => Waiting<void>): HostFunction {
  return Object.assign(write, { [byteViews]: true as const });
}

/** `wasi:io/streams` */
export function ioStreams({ poll, machine }: WasiHost): HostInstance {
  const { buffer } = machine;
  const run = <T, R>(steps: Blocking<T>, next: (result: T) => R): Waiting<R> => then(poll.run(steps), next);
  /** The bytes a read left in the machine's buffer: a view, which the linker copies into the guest at once. */
  const bytes = (result: number | StreamError): Uint8Array => buffer.subarray(0, count(result));

  return {
    "input-stream": InputStream,
    "[method]input-stream.read": (self: InputStream, length: bigint) => bytes(self.read(fromU64(length))),
    "[method]input-stream.blocking-read": (self: InputStream, length: bigint) =>
      run(self.blockingRead(fromU64(length)), bytes),
    "[method]input-stream.skip": (self: InputStream, length: bigint) => counted(self.read(fromU64(length))),
    "[method]input-stream.blocking-skip": (self: InputStream, length: bigint) =>
      run(self.blockingRead(fromU64(length)), counted),
    "[method]input-stream.subscribe": (self: InputStream) => self.subscribe(poll.now()),

    "output-stream": OutputStream,
    "[method]output-stream.check-write": (self: OutputStream) => u64(count(self.checkWrite())),
    "[method]output-stream.write": viewing((self, contents) => done(self.write(contents))),
    "[method]output-stream.blocking-write-and-flush": viewing((self, contents) =>
      run(self.blockingWriteAndFlush(contents), done),
    ),
    "[method]output-stream.flush": (self: OutputStream) => done(self.flush()),
    "[method]output-stream.blocking-flush": (self: OutputStream) => run(self.blockingFlush(), done),
    "[method]output-stream.subscribe": (self: OutputStream) => self.subscribe(poll.now()),
    "[method]output-stream.write-zeroes": (self: OutputStream, length: bigint) =>
      done(self.writeZeroes(fromU64(length))),
    "[method]output-stream.blocking-write-zeroes-and-flush": (self: OutputStream, length: bigint) =>
      run(self.blockingWriteZeroesAndFlush(fromU64(length)), done),
    "[method]output-stream.splice": (self: OutputStream, source: InputStream, length: bigint) =>
      counted(self.splice(source, fromU64(length), buffer)),
    "[method]output-stream.blocking-splice": (self: OutputStream, source: InputStream, length: bigint) =>
      run(self.blockingSplice(source, fromU64(length), buffer), counted),
  };
}
