import type { Descriptor as FileResource } from "../../../core/files/descriptor.ts";
import { Condition, SOURCE } from "../../../core/wait/condition.ts";
import type { FileStream } from "../../../machine/files.ts";
import { HUNG_UP, READABLE, WRITABLE } from "../../../machine/selector.ts";
import { errno, orErrno } from "../abi/errno.ts";
import { allRights, rights } from "../abi/rights.ts";
import { OpenedFile } from "./file.ts";

const seeking = rights("fd_seek", "fd_tell");

/** A FIFO or terminal that path_open opened. It has no position, and its reads and writes may wait. */
export class StreamFile extends OpenedFile {
  override readonly readable: Condition;
  override readonly writable: Condition;
  readonly #stream: FileStream;

  constructor(file: FileResource, stream: FileStream, flags: number) {
    super(file, flags, allRights & ~seeking);
    this.#stream = stream;
    this.readable = Condition.source(stream.source, READABLE);
    this.writable = Condition.source(stream.source, WRITABLE);
  }

  /** As poll(2) reports it: the other side is closed. */
  override hungUp(): boolean {
    return this.readable.kind === SOURCE && (this.#stream.source.ready & HUNG_UP) !== 0;
  }

  override receive(max: number): number {
    return orErrno(this.#stream.receive(max));
  }

  override send(bytes: Uint8Array): number {
    return orErrno(this.#stream.send(bytes));
  }

  override seek(): bigint {
    return BigInt(-errno.ESPIPE);
  }
}
