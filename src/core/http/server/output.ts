import type { TcpHandle } from "../../../machine/sockets.ts";

/** Bytes that leave in one send at most: what a machine takes at once. */
const SIZE = 65_536;

/** The size of a block of bytes that wait for room: small, so that thousands of clients that read nothing cost little. */
const SMALL = 4096;

/** How many blocks of either size are kept for connections to come. */
const SPARES = 64;

/** So few bytes are copied one by one: a view for `set` costs more. */
const FEW = 64;

/**
 * Where the bytes of one connection are put together before they are sent, so that what is written in one turn leaves in one
 * send, and nothing is allocated for that. All connections of a server share it: when another one comes, what is there is
 * copied for its owner, to be sent later.
 */
export class Stage {
  readonly bytes = new Uint8Array(SIZE);
  length = 0;
  owner: Output | undefined;
  readonly #small: Block[] = [];
  readonly #large: Block[] = [];

  /** An empty block, for so many bytes and perhaps more. */
  take(length: number): Block {
    if (length > SMALL / 2) return this.#large.pop() ?? new Block(SIZE);
    return this.#small.pop() ?? new Block(SMALL);
  }

  /** Nobody needs the block any more. */
  give(block: Block): void {
    block.start = 0;
    block.end = 0;
    const spares = block.bytes.length === SMALL ? this.#small : this.#large;
    if (spares.length < SPARES) spares.push(block);
  }
}

/** Bytes that wait for room in the kernel, from `start` to `end`. */
class Block {
  readonly bytes: Uint8Array;
  start = 0;
  end = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }
}

/** Bytes on their way to one client, in their order. */
export class Output {
  readonly #handle: TcpHandle;
  readonly #stage: Stage;
  /** Bytes that were copied out of the staging buffer, or that the kernel had no room for. */
  readonly #pending: Block[] = [];
  #pendingSize = 0;
  /** The kernel had no room: nothing is sent until `retry`. */
  blocked = false;
  /** The client takes nothing any more. */
  broken = false;

  constructor(handle: TcpHandle, stage: Stage) {
    this.#handle = handle;
    this.#stage = stage;
  }

  /** Bytes that have not left for the kernel. */
  get queued(): number {
    return this.#pendingSize + (this.#stage.owner === this ? this.#stage.length : 0);
  }

  /** Takes these bytes; they are the caller's again. */
  put(bytes: Uint8Array, start = 0, end = bytes.length): void {
    if (this.broken) return;
    this.#own();
    const stage = this.#stage;
    let at = start;
    while (at < end && !this.broken) {
      if (this.blocked && stage.length + end - at > SIZE) {
        this.#unstage();
        this.#keep(bytes, at, end);
        return;
      }
      if (!this.blocked && stage.length === 0 && this.#pendingSize === 0 && end - at >= SIZE) {
        at += this.#send(bytes, at, at + SIZE);
        continue;
      }
      const count = Math.min(end - at, SIZE - stage.length);
      copy(bytes, at, at + count, stage.bytes, stage.length);
      stage.length += count;
      at += count;
      if (stage.length === SIZE) this.flush();
    }
  }

  /** Takes characters below 0x80. */
  text(text: string): void {
    if (this.broken) return;
    this.#own();
    const stage = this.#stage;
    if (stage.length + text.length > SIZE) this.#unstage();
    const { bytes } = stage;
    let at = stage.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    stage.length = at;
  }

  #own(): void {
    const stage = this.#stage;
    if (stage.owner === this) return;
    if (stage.owner !== undefined) stage.owner.#unstage();
    stage.owner = this;
  }

  #unstage(): void {
    const stage = this.#stage;
    if (stage.owner !== this || stage.length === 0) return;
    this.#keep(stage.bytes, 0, stage.length);
    stage.length = 0;
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) {
      let last = this.#pending.at(-1);
      if (last === undefined || last.end === last.bytes.length) {
        last = this.#stage.take(end - at);
        this.#pending.push(last);
      }
      const count = Math.min(end - at, last.bytes.length - last.end);
      copy(bytes, at, at + count, last.bytes, last.end);
      last.end += count;
      at += count;
    }
    this.#pendingSize += end - start;
  }

  /** Sends what there is room for. Returns whether nothing is left to send. */
  flush(): boolean {
    const stage = this.#stage;
    if (this.blocked || this.#pendingSize > 0) this.#unstage();
    if (this.#pendingSize > 0) return this.#flushPending();
    if (stage.owner !== this || stage.length === 0) return true;
    const { length } = stage;
    const sent = this.#send(stage.bytes, 0, length);
    stage.length = 0;
    if (sent < length && !this.broken) this.#keep(stage.bytes, sent, length);
    return this.#pendingSize === 0;
  }

  /** The kernel may have room again. Returns as `flush`. */
  retry(): boolean {
    this.blocked = false;
    return this.flush();
  }

  #flushPending(): boolean {
    if (this.blocked) return false;
    while (this.#pending.length > 0 && !this.broken) {
      const block = this.#pending[0]!;
      const sent = this.#send(block.bytes, block.start, block.end);
      if (this.broken) break;
      this.#pendingSize -= sent;
      block.start += sent;
      if (block.start < block.end) return false;
      this.#pending.shift();
      this.#stage.give(block);
    }
    return this.#pendingSize === 0;
  }

  /** Returns how many bytes the kernel has taken. */
  #send(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end) {
      const taken = this.#handle.send(bytes, at, end);
      if (taken === "would-block") {
        this.blocked = true;
        break;
      }
      if (typeof taken !== "number") {
        this.drop();
        break;
      }
      at += taken;
    }
    return at - start;
  }

  /** Nothing is sent any more. */
  drop(): void {
    this.broken = true;
    for (const block of this.#pending.splice(0)) this.#stage.give(block);
    this.#pendingSize = 0;
    if (this.#stage.owner !== this) return;
    this.#stage.owner = undefined;
    this.#stage.length = 0;
  }
}

function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > FEW) to.set(from.subarray(start, end), at);
  else for (let i = start; i < end; i++) to[at + i - start] = from[i]!;
}
