import type {
  Advice,
  DescriptorType,
  FileErrorCode,
  FileHandle,
  FileStat,
  IoError,
  NewTimestamp,
} from "../../../machine/files.ts";
import { fill, TRANSFER_BYTES } from "../libc/context.ts";
import { MemoryAddress, MIN_DIRECT_BYTES } from "../libc/ffi.ts";
import { ioError } from "../libc/io-error.ts";
import type { Pointer } from "../libc/symbols.ts";
import type { FileContext } from "./file-context.ts";
import { PosixFileStream } from "./file-stream.ts";

/**
 * The most bytes that one direct call moves: no other work gets the thread meanwhile, and the count is a 32-bit integer
 * (symbols.ts).
 */
const MAX_DIRECT_BYTES = 1 << 20;

/**
 * A file over its fd. The fd's own position does not matter: every read and write gives an offset, except those of a
 * stream.
 */
export class PosixFile implements FileHandle {
  readonly type: FileHandle["type"];
  readonly stream: PosixFileStream | undefined;
  readonly #context: FileContext;
  /** Negative once it is closed, so that the kernel finds no file for it: the number is soon reused. */
  #fd: number;
  readonly #address: MemoryAddress;

  constructor(context: FileContext, fd: number, type: Exclude<DescriptorType, "directory">) {
    this.type = type;
    this.stream = hasPositions(context, fd, type) ? undefined : new PosixFileStream(context, fd);
    this.#context = context;
    this.#fd = fd;
    this.#address = new MemoryAddress(context.machine.ffi);
  }

  stat(): FileStat | FileErrorCode {
    const stat = this.#context.calls.stat(this.#fd);
    return typeof stat === "number" ? this.#context.failure(stat) : stat;
  }

  setTimes(accessed: NewTimestamp, modified: NewTimestamp): FileErrorCode | undefined {
    return this.#context.code(this.#context.calls.setTimes(this.#fd, accessed, modified));
  }

  sync(what: "all" | "data"): FileErrorCode | undefined {
    const { calls } = this.#context;
    return this.#context.code(what === "all" ? calls.sync(this.#fd) : calls.syncData(this.#fd));
  }

  read(max: number, offset: bigint): number | IoError {
    return this.#read(this.#context.machine.incoming.pointer, Math.min(max, TRANSFER_BYTES), offset);
  }

  readInto(bytes: Uint8Array, start: number, end: number, offset: bigint): number | IoError {
    const length = end - start;
    if (length >= MIN_DIRECT_BYTES)
      return this.#read(this.#address.of(bytes, start), Math.min(length, MAX_DIRECT_BYTES), offset);
    const count = this.#read(this.#context.machine.incoming.pointer, length, offset);
    if (typeof count === "number") this.#context.copyIncoming(count, bytes, start);
    return count;
  }

  #read(to: Pointer, max: number, offset: bigint): number | IoError {
    const { calls, machine } = this.#context;
    for (;;) {
      const count = calls.read(this.#fd, to, max, BigInt.asIntN(64, offset));
      if (count >= 0) return count;
      if (count !== -machine.os.errno.EINTR) return ioError(machine, count);
    }
  }

  write(bytes: Uint8Array, start: number, end: number, offset: bigint | "end"): number | IoError {
    const length = end - start;
    if (length >= MIN_DIRECT_BYTES)
      return this.#write(this.#address.of(bytes, start), Math.min(length, MAX_DIRECT_BYTES), offset);
    const { outgoing } = this.#context.machine;
    fill(outgoing, bytes, start, end);
    return this.#write(outgoing.pointer, length, offset);
  }

  #write(from: Pointer, length: number, offset: bigint | "end"): number | IoError {
    const { calls, machine } = this.#context;
    for (;;) {
      const count =
        offset === "end"
          ? calls.append(this.#fd, from, length)
          : calls.write(this.#fd, from, length, BigInt.asIntN(64, offset));
      if (count >= 0) return count;
      if (count !== -machine.os.errno.EINTR) return ioError(machine, count);
    }
  }

  setSize(size: bigint): FileErrorCode | undefined {
    return this.#context.code(this.#context.calls.truncate(this.#fd, BigInt.asIntN(64, size)));
  }

  advise(offset: bigint, length: bigint, advice: Advice): FileErrorCode | undefined {
    const [from, count] = [BigInt.asIntN(64, offset), BigInt.asIntN(64, length)];
    return this.#context.code(this.#context.calls.advise(this.#fd, from, count, advice));
  }

  close(): void {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    if (this.stream !== undefined) {
      this.#context.selector.forget(this.stream.source);
      this.stream.source.id = -1;
    }
    this.#context.calls.close(fd);
  }
}

/** Returns whether the file can be read and written at an offset. A FIFO cannot, nor can a terminal. */
function hasPositions({ calls }: FileContext, fd: number, type: DescriptorType): boolean {
  return type !== "fifo" && (type !== "character-device" || calls.seekable(fd));
}
