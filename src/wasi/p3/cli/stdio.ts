import type { HostInstance } from "../../../component/host.ts";
import { type ByteConsumer, type ByteProducer, HostFuture, type ReadableBytes } from "../../../component/streams.ts";
import type { InputStream } from "../../../core/streams/input-stream.ts";
import type { OutputStream } from "../../../core/streams/output-stream.ts";
import type { StreamError } from "../../../core/streams/stream-error.ts";
import type { Condition } from "../../../core/wait/condition.ts";
import type { WasiHost } from "../../host.ts";
import { failure, type StreamResult, success } from "../../stream-result.ts";

/** The cases of `wasi:cli/types.error-code` that the host can tell apart. */
type ErrorCode = "io" | "pipe";

/**
 * Makes `wasi:cli/stdin`. `read-via-stream` returns a stream, and a future of how it ended. All streams, of both
 * versions of WASI, share the same input.
 */
export function stdin({ stdin, machine }: WasiHost): HostInstance {
  return {
    "read-via-stream": () => {
      const end = new HostFuture<StreamResult<ErrorCode>>();
      return [new StdinProducer(stdin(), machine.buffer, end), end];
    },
  };
}

/** Makes `wasi:cli/stdout`. `write-via-stream` writes a stream, and returns a future of how that ended. */
export function stdout({ stdout }: WasiHost): HostInstance {
  return { "write-via-stream": (data: ReadableBytes) => written(data, stdout()) };
}

/** Makes `wasi:cli/stderr`. `write-via-stream` writes a stream, and returns a future of how that ended. */
export function stderr({ stderr }: WasiHost): HostInstance {
  return { "write-via-stream": (data: ReadableBytes) => written(data, stderr()) };
}

function written(data: ReadableBytes, stream: OutputStream): HostFuture<StreamResult<ErrorCode>> {
  const end = new HostFuture<StreamResult<ErrorCode>>();
  data.pipe(new StdioConsumer(stream, end));
  return end;
}

class StdinProducer implements ByteProducer {
  readonly buffer: Uint8Array;
  readonly #stream: InputStream;
  readonly #end: HostFuture<StreamResult<ErrorCode>>;

  constructor(stream: InputStream, buffer: Uint8Array, end: HostFuture<StreamResult<ErrorCode>>) {
    this.buffer = buffer;
    this.#stream = stream;
    this.#end = end;
  }

  get readiness(): Condition {
    return this.#stream.readiness;
  }

  produce(max: number): number | "would-block" | "closed" {
    const read = this.#stream.read(max);
    if (typeof read === "number") return read === 0 ? "would-block" : read;
    this.#end.resolve(read === "closed" ? success : failure("io"));
    return "closed";
  }

  drop(): void {
    this.#end.resolve(success);
  }
}

class StdioConsumer implements ByteConsumer {
  readonly #stream: OutputStream;
  readonly #end: HostFuture<StreamResult<ErrorCode>>;

  constructor(stream: OutputStream, end: HostFuture<StreamResult<ErrorCode>>) {
    this.#stream = stream;
    this.#end = end;
  }

  get readiness(): Condition {
    return this.#stream.readiness;
  }

  consume(bytes: Uint8Array, start: number, end: number): number | "would-block" | "closed" {
    const permit = this.#stream.checkWrite();
    if (typeof permit !== "number") return this.#fail(permit);
    if (permit === 0) return "would-block";
    const length = Math.min(permit, end - start);
    const error = this.#stream.write(bytes, start, start + length);
    return error === undefined ? length : this.#fail(error);
  }

  #fail(error: StreamError): "closed" {
    this.#end.resolve(failure(error === "closed" ? "pipe" : "io"));
    return "closed";
  }

  end(): void {
    this.#end.resolve(success);
  }
}
