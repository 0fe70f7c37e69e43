/**
 * Received bytes that were not read yet, in order. It keeps the chunks themselves: they must not be written to any
 * more.
 */
export class ByteQueue {
  /** How many bytes it holds. */
  length = 0;
  #chunks: Uint8Array[] = [];
  /** The first chunk that is not used up, and how many of its bytes are. */
  #first = 0;
  #used = 0;

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  /** Moves up to `max` bytes to the start of `target`, which must have room for them. Returns how many. */
  take(target: Uint8Array, max: number): number {
    let taken = 0;
    while (taken < max && this.length > 0) {
      const chunk = this.#chunks[this.#first]!;
      const end = Math.min(this.#used + max - taken, chunk.length);
      target.set(this.#used === 0 && end === chunk.length ? chunk : chunk.subarray(this.#used, end), taken);
      taken += end - this.#used;
      this.length -= end - this.#used;
      this.#used = end;
      if (end === chunk.length) this.#drop();
    }
    return taken;
  }

  clear(): void {
    this.#chunks = [];
    this.#first = 0;
    this.#used = 0;
    this.length = 0;
  }

  #drop(): void {
    this.#used = 0;
    this.#first++;
    if (this.#first < this.#chunks.length) return;
    this.#chunks.length = 0;
    this.#first = 0;
  }
}
