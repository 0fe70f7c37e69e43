import type { RuntimeStdin } from "../runtime.ts";

const READ_BYTES = 16384;

type Piece = Uint8Array | undefined;

interface Waiter {
  resolve(piece: Piece): void;
  reject(error: unknown): void;
}

const buffer = new Uint8Array(READ_BYTES);
const waiting: Waiter[] = [];
/** A piece that arrived when no one waited any more: a read in progress cannot be cancelled. */
let left: Uint8Array | undefined;
let reading = false;

async function readOn(): Promise<void> {
  reading = true;
  while (waiting.length > 0) {
    try {
      const count = await Deno.stdin.read(buffer);
      const piece = count === null ? undefined : buffer.slice(0, count);
      const next = waiting.shift();
      if (next === undefined) left = piece;
      else next.resolve(piece);
    } catch (error) {
      waiting.shift()?.reject(error);
    }
  }
  reading = false;
}

/** Deno.stdin for one guest. Other guests may use it before, during or after that. */
export function denoStdin(): RuntimeStdin {
  let own: Waiter | undefined;
  return {
    async read() {
      const piece = left;
      left = undefined;
      if (piece !== undefined) return piece;
      const { promise, resolve, reject } = Promise.withResolvers<Piece>();
      own = { resolve, reject };
      waiting.push(own);
      if (!reading) void readOn();
      return promise;
    },
    close() {
      const index = own === undefined ? -1 : waiting.indexOf(own);
      if (index >= 0) waiting.splice(index, 1);
    },
  };
}
