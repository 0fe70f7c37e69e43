import { describe, isObject } from "./check.ts";

/**
 * A stream as a program gives it to a component: of bytes in pieces (`Uint8Array`), or of any size of pieces where it carries numbers;
 * else of its values. It is the component's from then on.
 */
export type StreamSource<T = unknown> = ReadableStream<T> | AsyncIterable<T> | Iterable<T>;

/** What such a stream gives, one after another. */
export interface Pieces {
  next(): Promise<{ readonly done?: boolean; readonly value?: unknown }>;
  /** Nobody wants the rest. */
  cancel(): unknown;
}

/** @throws TypeError for what is no stream, or is somebody's already */
export function piecesOf(given: unknown, place: string): Pieces {
  if (given instanceof ReadableStream) {
    if (given.locked) throw new TypeError(`${place}: the stream is locked: somebody else reads it`);
    const reader: ReadableStreamDefaultReader<unknown> = given.getReader();
    return { next: () => reader.read(), cancel: () => reader.cancel() };
  }
  if (isObject(given)) {
    if (Symbol.asyncIterator in given) {
      const iterator = (given as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      return { next: () => iterator.next(), cancel: () => iterator.return?.() };
    }
    if (Symbol.iterator in given) {
      const iterator = (given as Iterable<unknown>)[Symbol.iterator]();
      return { next: async () => iterator.next(), cancel: () => iterator.return?.() };
    }
  }
  throw new TypeError(
    `${place}: a stream is given as a ReadableStream, an AsyncIterable or an Iterable, not as ${describe(given)}`,
  );
}
