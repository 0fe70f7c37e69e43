import { type ByteConsumer, type ByteProducer, HostFuture } from "../../../component/streams.ts";
import type { FileSink, FileSource } from "../../../core/files/file-streams.ts";
import { readinessOf } from "../../../core/streams/input-stream.ts";
import { Condition } from "../../../core/wait/condition.ts";
import type { IoError } from "../../../machine/files.ts";
import { WRITABLE } from "../../../machine/selector.ts";
import { type ErrorPayload, failure, type StreamResult, success } from "../../stream-result.ts";
import { fileError } from "./error-code.ts";

/** The future of how a file's stream ended. */
export type FileFuture = HostFuture<StreamResult<ErrorPayload>>;

/** Produces the bytes of a file: one system call per piece, straight into the memory that the guest reads into. */
export class FileProducer implements ByteProducer {
  readonly readiness: Condition;
  readonly buffer: Uint8Array;
  readonly over: FileFuture = new HostFuture();
  readonly #source: FileSource;

  constructor(buffer: Uint8Array, source: FileSource) {
    this.buffer = buffer;
    this.#source = source;
    this.readiness = readinessOf(source);
  }

  produce(max: number): number | "would-block" | "closed" {
    return this.#produced(this.#source.receive(max));
  }

  produceInto(bytes: Uint8Array, start: number, end: number): number | "would-block" | "closed" {
    return this.#produced(this.#source.receiveInto(bytes, start, end));
  }

  #produced(received: number | "would-block" | IoError): number | "would-block" | "closed" {
    if (received === "would-block" || (typeof received === "number" && received > 0)) return received;
    this.#end(typeof received === "number" ? success : failure(fileError(received.code)));
    return "closed";
  }

  drop(): void {
    this.#end(success);
  }

  #end(end: StreamResult<ErrorPayload>): void {
    this.#source.close();
    this.over.resolve(end);
  }
}

/** Writes into a file: one system call per piece, straight from the memory that the guest writes from. */
export class FileConsumer implements ByteConsumer {
  readonly readiness: Condition;
  readonly over: FileFuture = new HostFuture();
  readonly #sink: FileSink;

  constructor(sink: FileSink) {
    this.#sink = sink;
    this.readiness = sink.source === undefined ? Condition.ready() : Condition.source(sink.source, WRITABLE);
  }

  consume(bytes: Uint8Array, start: number, end: number): number | "would-block" | "closed" {
    const sent = this.#sink.send(bytes, start, end);
    if (typeof sent === "number" || sent === "would-block") return sent;
    this.#end(failure(fileError(sent.code)));
    return "closed";
  }

  end(): void {
    this.#end(success);
  }

  #end(end: StreamResult<ErrorPayload>): void {
    this.#sink.close();
    this.over.resolve(end);
  }
}
