import type { PosixContext } from "../libc/context.ts";
import type { Block } from "../libc/ffi.ts";
import type { Pointer } from "../libc/symbols.ts";

// struct msghdr { void *name; socklen_t name_length; struct iovec *pieces; size_t count; control, control_length, flags
// }, then the one struct iovec { void *base; size_t length } that it points to. Linux and macOS agree on the fields
// used here.
const NAME = 0;
const NAME_LENGTH = 8;
const PIECES = 16;
const COUNT = 24;
const BASE = 56;
const LENGTH = 64;
const SIZE = 72;

/**
 * The message for recvmsg(2) and sendmsg(2): one address and one buffer, made once. These calls take three arguments;
 * recvfrom(2) and sendto(2) take six, for which Node's FFI needs 2 us more.
 */
export class Message {
  readonly pointer: Pointer;
  readonly #view: DataView;
  readonly #name: bigint;

  constructor({ ffi, allocate }: Pick<PosixContext, "ffi" | "allocate">, name: Block, buffer: Block) {
    const { pointer, view } = allocate(SIZE);
    this.pointer = pointer;
    this.#view = view;
    this.#name = ffi.address(name.pointer);
    view.setBigUint64(PIECES, ffi.address(pointer) + BigInt(BASE), true);
    view.setBigUint64(COUNT, 1n, true);
    view.setBigUint64(BASE, ffi.address(buffer.pointer), true);
  }

  /** Sets the lengths of the address (0: none) and of the buffer. Set both before every call. */
  setLengths(name: number, buffer: number): void {
    this.#view.setBigUint64(NAME, name === 0 ? 0n : this.#name, true);
    this.#view.setUint32(NAME_LENGTH, name, true);
    this.#view.setUint32(LENGTH, buffer, true);
  }
}
