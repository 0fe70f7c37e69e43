/** Streams through a component by chance: pieces of any size and kind, read to the end or not, many at once. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { buildGuest, hosted, skip, turns } from "./guest.ts";

interface Piece {
  readonly size: number;
  readonly kind: "bytes" | "buffer" | "numbers";
  /** Whether it comes in a later turn of the event loop. */
  readonly later: boolean;
}

const pieces = fc.array(
  fc.record<Piece>({
    size: fc.oneof(fc.nat(20), fc.nat(100_000)),
    kind: fc.constantFrom("bytes", "buffer", "numbers"),
    later: fc.boolean(),
  }),
  { maxLength: 8 },
);

/** `most`: bytes after which its reader stops. */
const streams = fc.array(fc.record({ pieces, most: fc.option(fc.nat(100_000)), web: fc.boolean() }), {
  minLength: 1,
  maxLength: 4,
});

type Stream = typeof streams extends fc.Arbitrary<(infer S)[]> ? S : never;

/** A stream of bytes that count up, which counts its ends. */
function source({ pieces, web }: Stream, ends: { count: number }): ReadableStream | AsyncIterable<unknown> {
  async function* made() {
    let at = 0;
    try {
      for (const { size, kind, later } of pieces) {
        if (later) await turns(1);
        const bytes = Uint8Array.from({ length: size }, () => at++);
        yield kind === "bytes" ? bytes : kind === "buffer" ? bytes.buffer : [...bytes];
      }
    } finally {
      ends.count++;
    }
  }
  const iterator = made();
  if (!web) return iterator;
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return();
      },
    },
    { highWaterMark: 0 },
  );
}

/** It is the same in upper case. */
function upper(byte: number): number {
  return byte >= 97 && byte <= 122 ? byte - 32 : byte;
}

describe("streams through a component", { skip }, () => {
  buildGuest();

  it("come whole and in order, as far as they are read, and end once", async () => {
    await using app = await hosted({}, { wasi: {} });
    const through = async (stream: Stream) => {
      const ends = { count: 0 };
      const all: Uint8Array[] = [];
      let length = 0;
      const given = source(stream, ends);
      for await (const piece of await app.guest.upper(given)) {
        all.push(piece);
        length += piece.length;
        if (stream.most !== null && length > stream.most) break;
      }
      const total = stream.pieces.reduce((sum, { size }) => sum + size, 0);
      if (stream.most === null || stream.most >= total) assert.equal(length, total);
      else assert.ok(length > stream.most && length <= total);
      for (const [i, byte] of Buffer.concat(all).entries())
        if (byte !== upper(i & 255)) assert.fail(`byte ${i}: ${byte}`);
      return ends;
    };
    await fc.assert(
      fc.asyncProperty(streams, async (each) => {
        const done = await Promise.all([...each.map(through), app.guest.double(1)]);
        assert.equal(done.at(-1), 2);
        for (const outcome of done) {
          if (typeof outcome !== "object") continue;
          while (outcome.count === 0) await turns(1);
          assert.equal(outcome.count, 1);
        }
      }),
      { numRuns: 40 },
    );
    assert.equal(await app.guest.length([]), 0n);
  });
});
