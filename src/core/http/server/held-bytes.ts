const nothing: Uint8Array = new Uint8Array();

/** The least memory that is allocated, bytes. */
const LEAST = 256;

/** Bytes of a connection that were received and not read yet. While there are none, it holds no memory. */
export class HeldBytes {
  bytes = nothing;
  start = 0;
  end = 0;

  get length(): number {
    return this.end - this.start;
  }

  /** Adds a copy of the bytes. */
  push(bytes: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (this.end + count > this.bytes.length) this.#makeRoom(count);
    this.bytes.set(bytes.subarray(start, end), this.end);
    this.end += count;
  }

  #makeRoom(count: number): void {
    const { length } = this;
    const room = new Uint8Array(Math.max(LEAST, 2 * (length + count)));
    room.set(this.bytes.subarray(this.start, this.end));
    this.bytes = room;
    this.start = 0;
    this.end = length;
  }

  /** Replaces all bytes. The given array must not be changed any more. */
  replace(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.start = 0;
    this.end = bytes.length;
  }

  clear(): void {
    this.replace(nothing);
  }

  /** Returns all bytes and forgets them. */
  take(): Uint8Array {
    const bytes = this.bytes.subarray(this.start, this.end);
    this.clear();
    return bytes;
  }
}
