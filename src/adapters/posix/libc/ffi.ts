import type { CSignature, Functions, Pointer } from "./symbols.ts";

/** The functions that the posix family needs of a runtime's FFI. */
export interface Ffi {
  /**
   * Resolves every symbol of a table in the first of `libraries` that can be loaded.
   *
   * @throws UnsupportedRuntime if this runtime has no FFI or may not use it
   */
  open<Table extends Readonly<Record<string, CSignature>>>(
    libraries: readonly string[],
    table: Table,
  ): Functions<Table>;
  /** Whether a call costs more from its fourth parameter on. */
  readonly fewParameters: boolean;
  /** NULL. */
  readonly null: Pointer;
  /** Converts an address to a number, and `pointer` back: for structs that hold addresses. */
  address(pointer: Pointer): bigint;
  pointer(address: bigint): Pointer;
  /** Returns the address of a non-empty buffer of the runtime's or a guest's. */
  pointerTo(buffer: ArrayBufferLike): Pointer;
  /** Returns the address `by` bytes after another. */
  offset(pointer: Pointer, by: number): Pointer;
  /** Returns a view of native memory, which the runtime neither owns nor frees. */
  view(pointer: Pointer, length: number): ArrayBuffer;
}

/**
 * Native memory that never moves, for libc to hold pointers to. It comes from calloc, not from the JS heap, because its
 * address must stay valid for ever. It is never freed: blocks live as long as the process, and move from a closed
 * machine to the next one (`PosixContext.allocate`).
 */
export class Block {
  readonly pointer: Pointer;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;

  constructor(ffi: Ffi, pointer: Pointer, size: number) {
    const memory = ffi.view(pointer, size);
    this.pointer = pointer;
    this.bytes = new Uint8Array(memory);
    this.view = new DataView(memory);
  }
}

/**
 * From this many bytes on, the kernel gets the address of the bytes themselves. Fewer are copied faster than the
 * runtime returns that address.
 */
export const MIN_DIRECT_BYTES = 4096;

/**
 * Finds the address of bytes of the runtime or a guest: a pointer that is valid for the next call only. Memory does not
 * move until its buffer is detached, which empties that, so the address of the last buffer is kept (asking takes 30 ns
 * on Bun, 140 ns on Node, 860 ns on Deno).
 */
export class MemoryAddress {
  readonly #ffi: Ffi;
  #buffer: ArrayBufferLike | undefined;
  #start: Pointer = null;

  constructor(ffi: Ffi) {
    this.#ffi = ffi;
  }

  /**
   * @param bytes at least `MIN_DIRECT_BYTES`, so that they cannot lie among the runtime's objects
   * @param at the offset in them
   */
  of(bytes: Uint8Array, at: number): Pointer {
    const { buffer } = bytes;
    if (buffer !== this.#buffer) {
      this.#start = this.#ffi.pointerTo(buffer);
      this.#buffer = buffer;
    }
    return this.#ffi.offset(this.#start, bytes.byteOffset + at);
  }
}
