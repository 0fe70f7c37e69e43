import { Trap } from "../../../core/wait/errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the trap for a call of a guest that exports no memory, in wasmtime's words. */
export function missingMemory(): Trap {
  return new Trap("missing required memory export");
}

/**
 * The module's exported memory. Checks every pointer before use: a misaligned one, or one out of bounds, ends the guest
 * with a trap (witx-docs.md, "Pointers") in wasmtime's words.
 */
export class Preview1Memory {
  #memory: WebAssembly.Memory | undefined;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  /**
   * Sets the memory. Calls before this one trap: a start function runs before the host can see the module's exports.
   */
  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
    this.#refresh();
  }

  /**
   * The whole memory; valid until the guest runs again. Growing a memory detaches its old buffer, which empties the
   * views of it.
   */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#refresh();
    return this.#bytes;
  }

  get view(): DataView {
    if (this.#bytes.length === 0) this.#refresh();
    return this.#view;
  }

  #refresh(): void {
    if (this.#memory === undefined) throw missingMemory();
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
  }

  /**
   * Returns `ptr` as an unsigned number.
   *
   * @param ptr as core wasm passes it: a signed i32
   * @param length unsigned, bytes
   * @param align a power of two, bytes
   * @throws Trap unless `[ptr, ptr + length)` lies in memory and `ptr` is a multiple of `align`
   */
  check(ptr: number, length: number, align: number): number {
    const start = ptr >>> 0;
    if (start + length > this.bytes.length && start + length > this.#size())
      throw new Trap(`Pointer out of bounds: Region { start: ${start}, len: ${length} }`);
    if ((start & (align - 1)) !== 0)
      throw new Trap(`Pointer not aligned to ${align}: Region { start: ${start}, len: ${length} }`);
    return start;
  }

  /**
   * Returns the memory's current size, bytes. A shared memory grows without detaching its buffer, so the view may be
   * too short.
   */
  #size(): number {
    this.#refresh();
    return this.#bytes.length;
  }

  setU8(ptr: number, value: number): void {
    this.view.setUint8(this.check(ptr, 1, 1), value);
  }

  setU16(ptr: number, value: number): void {
    this.view.setUint16(this.check(ptr, 2, 2), value, true);
  }

  setU32(ptr: number, value: number): void {
    this.view.setUint32(this.check(ptr, 4, 4), value, true);
  }

  /** Stores a u64 that a number holds exactly: 0 to 2^53. */
  setCount(ptr: number, value: number): void {
    const start = this.check(ptr, 8, 8);
    this.view.setUint32(start, value, true);
    this.view.setUint32(start + 4, Math.floor(value / 2 ** 32), true);
  }

  setU64(ptr: number, value: bigint): void {
    this.view.setBigUint64(this.check(ptr, 8, 8), value, true);
  }

  /** Copies bytes to `ptr`, which may be any address if there are none. @throws Trap if they do not fit */
  write(ptr: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.bytes.set(bytes, this.check(ptr, bytes.length, 1));
  }

  /** Returns the string at `ptr`, or undefined if it is not UTF-8. */
  string(ptr: number, length: number): string | undefined {
    const start = this.check(ptr, length >>> 0, 1);
    try {
      return utf8.decode(this.bytes.subarray(start, start + (length >>> 0)));
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  }
}
