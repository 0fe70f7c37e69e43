import type { TcpHandle } from "../../../machine/sockets.ts";

/** The most bytes of one send: what a machine takes at once. */
const SIZE = 65_536;

/** The size of a block of bytes that wait for room. It is small, so that thousands of clients that read nothing cost little. */
const SMALL = 4096;

/** The number of blocks of either size that are kept for later connections. */
const SPARES = 64;

/** The most bytes that are copied one by one: a view for `set` costs more. */
const FEW = 64;

/**
 * A staging buffer for the bytes of one connection, so that all that is written in one turn leaves in one send, without an
 * allocation. All connections of a server share it. When another one takes it, its bytes are copied for their owner, to be sent
 * later.
 */
export class Stage {
  readonly bytes = new Uint8Array(SIZE);
  length = 0;
  owner: Output | undefined;
  readonly #small: Block[] = [];
  readonly #large: Block[] = [];

  /** Returns an empty block of at least `length` bytes. */
  take(length: number): Block {
    if (length > SMALL / 2) return this.#large.pop() ?? new Block(SIZE);
    return this.#small.pop() ?? new Block(SMALL);
  }

  /** Takes back a block that is no longer used. */
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

/** Bytes on their way to one client, in order. */
export class Output {
  readonly #handle: TcpHandle;
  readonly #stage: Stage;
  /** Bytes that were copied from the staging buffer, or that the kernel had no room for. */
  readonly #pending: Block[] = [];
  #pendingSize = 0;
  /** Whether the kernel had no room: nothing is sent until `retry`. */
  blocked = false;
  /** Whether the connection takes no more bytes. */
  broken = false;

  constructor(handle: TcpHandle, stage: Stage) {
    this.#handle = handle;
    this.#stage = stage;
  }

  /** The number of bytes that have not left for the kernel. */
  get queued(): number {
    return this.#pendingSize + (this.#stage.owner === this ? this.#stage.length : 0);
  }

  /** Takes a copy of the bytes. */
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

  /** Sends queued bytes. Returns whether none are left. */
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

  /** Sends again, as the kernel may have room. Returns as `flush`. */
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

  /** Returns the number of bytes that the kernel has taken. */
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

  /** Discards all bytes. */
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
