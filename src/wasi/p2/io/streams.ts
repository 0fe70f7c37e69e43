import { type HostFunction, type HostInstance, resultBuffer } from "../../../component/host.ts";
import type { InputStream } from "../../../core/streams/input-stream.ts";
import type { OperationError, StreamError } from "../../../core/streams/stream-error.ts";
import type { Blocking } from "../../../core/wait/poll.ts";
import { andThen, type Waiting } from "../../../core/wait/waiting.ts";
import type { WasiHost } from "../../host.ts";
import { type Polled, polling, waiting } from "../../waits.ts";
import { InputStreamResource } from "./input-stream.ts";
import { OutputStreamResource } from "./output-stream.ts";

type StreamErrorPayload = { tag: "closed" } | { tag: "last-operation-failed"; val: OperationError };

function payload(error: StreamError): StreamErrorPayload {
  return error === "closed" ? { tag: "closed" } : { tag: "last-operation-failed", val: error };
}

const noBytes: Polled = { isNothing: (count) => count === 0, again: true };

/** Returns a count, or throws its `stream-error`. */
function countOrThrow(result: number | StreamError): number {
  if (typeof result !== "number") throw payload(result);
  return result;
}

/** Throws the `stream-error`, if there is one. */
function throwIfError(error: StreamError | undefined): void {
  if (error !== undefined) throw payload(error);
}

/**
 * Makes `wasi:io/streams`; lengths are bytes, failures are thrown as `stream-error`. No bytes are boxed
 * (`resultBuffer`): a read leaves them in the machine's buffer, from where the linker copies them to the guest at once,
 * and a write has copied what it could not send by the time it returns.
 */
export function ioStreams({ poll, machine }: Pick<WasiHost, "poll" | "machine">): HostInstance {
  const { buffer } = machine;
  const received = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  const run = <T, R>(steps: Blocking<T>, next: (result: T) => R): Waiting<R> => andThen(poll.run(steps), next);

  /**
   * Reads. Bytes that arrive while the guest is suspended are copied: other guests of the machine use the same buffer.
   */
  const blockingRead = (stream: InputStream, length: number): Waiting<number | Uint8Array> => {
    let later = false;
    const read = function* (): Blocking<number | Uint8Array | StreamError> {
      const result = yield* stream.blockingRead(length);
      return later && typeof result === "number" ? buffer.slice(0, result) : result;
    };
    const result = poll.run(read());
    later = true;
    return andThen(result, (found) => (found instanceof Uint8Array ? found : countOrThrow(found)));
  };

  /**
   * Returns the count. If it is 0, lets queued bytes of other streams advance: a guest may loop over such calls and
   * never wait.
   */
  const looked = (result: number | StreamError): number => {
    if (result === 0) poll.advanceNext();
    return countOrThrow(result);
  };

  const methods: Record<string, HostFunction> = {
    "[method]input-stream.read": polling(
      (self: InputStreamResource, length: number) => looked(self.stream.read(length)),
      { ...noBytes, inBuffer: true },
    ),
    "[method]input-stream.blocking-read": waiting((self: InputStreamResource, length: number) =>
      blockingRead(self.stream, length),
    ),
    "[method]input-stream.skip": polling(
      (self: InputStreamResource, length: number) => looked(self.stream.read(length)),
      noBytes,
    ),
    "[method]input-stream.blocking-skip": waiting((self: InputStreamResource, length: number) =>
      run(self.stream.blockingRead(length), countOrThrow),
    ),
    "[method]input-stream.subscribe": (self: InputStreamResource) => self.subscribe(poll.now()),

    "[method]output-stream.check-write": polling(
      (self: OutputStreamResource) => looked(self.stream.checkWrite()),
      noBytes,
    ),
    "[method]output-stream.write": (self: OutputStreamResource, bytes: Uint8Array, start: number, end: number) =>
      throwIfError(self.stream.write(bytes, start, end)),
    "[method]output-stream.blocking-write-and-flush": waiting(
      (self: OutputStreamResource, bytes: Uint8Array, start: number, end: number) =>
        run(self.stream.blockingWriteAndFlush(bytes.subarray(start, end)), throwIfError),
    ),
    "[method]output-stream.flush": (self: OutputStreamResource) => throwIfError(self.stream.flush()),
    "[method]output-stream.blocking-flush": waiting((self: OutputStreamResource) =>
      run(self.stream.blockingFlush(), throwIfError),
    ),
    "[method]output-stream.subscribe": (self: OutputStreamResource) => self.subscribe(poll.now()),
    "[method]output-stream.write-zeroes": (self: OutputStreamResource, length: number) =>
      throwIfError(self.stream.writeZeroes(length)),
    "[method]output-stream.blocking-write-zeroes-and-flush": waiting((self: OutputStreamResource, length: number) =>
      run(self.stream.blockingWriteZeroesAndFlush(length), throwIfError),
    ),
    "[method]output-stream.splice": polling(
      (self: OutputStreamResource, source: InputStreamResource, length: number) =>
        looked(self.stream.splice(source.stream, length, buffer)),
      noBytes,
    ),
    "[method]output-stream.blocking-splice": waiting(
      (self: OutputStreamResource, source: InputStreamResource, length: number) =>
        run(self.stream.blockingSplice(source.stream, length, buffer), countOrThrow),
    ),
  };
  for (const method of Object.values(methods)) method[resultBuffer] = received;
  return { "input-stream": InputStreamResource, "output-stream": OutputStreamResource, ...methods };
}
