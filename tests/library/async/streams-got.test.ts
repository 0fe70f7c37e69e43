/** Streams that a program gets from a component. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Trap } from "../../../src/index.ts";
import { buildGuest, hosted, type Point, skip, turns } from "./guest.ts";

async function collect<T>(stream: ReadableStream<T>, most = Number.POSITIVE_INFINITY): Promise<T[]> {
  const all: T[] = [];
  for await (const value of stream) {
    all.push(value);
    if (all.length >= most) break;
  }
  return all;
}

describe("a stream of a component's", { skip }, () => {
  buildGuest();

  it("of bytes comes in pieces, all of them", async () => {
    const pieces: Uint8Array[] = [];
    const take = async (bytes: ReadableStream<Uint8Array>) => {
      pieces.push(...(await collect(bytes)));
      return 0n;
    };
    await using app = await hosted({
      take: async (bytes) => {
        await take(bytes);
        return BigInt(pieces.reduce((sum, { length }) => sum + length, 0));
      },
    });
    assert.equal(await app.guest.give(200_000), 200_000n);
    assert.ok(pieces.every((piece) => piece instanceof Uint8Array && piece.length > 0 && piece.length <= 65536));
    const all = Buffer.concat(pieces);
    assert.ok(all.every((byte, i) => byte === (i & 255)));
  });

  it("of records, by an import whose promise is the future that it answers", async () => {
    const got: Point[] = [];
    const takePoints = async (points: ReadableStream<Point>) => {
      got.push(...(await collect(points)));
      return got.length;
    };
    await using app = await hosted({ takePoints });
    const points = Array.from({ length: 100 }, (_, x) => ({ x, y: x - 50, label: x % 2 === 0 ? `p${x}` : undefined }));
    assert.equal(await app.guest.givePoints(points), 100);
    assert.deepEqual(got, points);
  });

  it("without an end is made as far as it is read, and ends when its reader is done", async () => {
    await using app = await hosted();
    await using counter = await new app.guest.Counter(10);
    assert.deepEqual(await collect(await counter.all(), 5), [10, 11, 12, 13, 14]);
    const reader = (await counter.all()).getReader();
    assert.deepEqual(await reader.read(), { done: false, value: 10 });
    await reader.cancel();
    assert.equal(await counter.next(), 10);
  });

  it("is read while calls go on, and others are", async () => {
    await using app = await hosted();
    await using counter = await new app.guest.Counter(0);
    const streams = await Promise.all([counter.all(), counter.all(), counter.all()]);
    const all = await Promise.all([...streams.map((stream) => collect(stream, 200)), app.guest.double(4)]);
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    assert.deepEqual(all, [numbers, numbers, numbers, 8]);
  });

  it("that nobody reads keeps nobody waiting", async () => {
    await using app = await hosted();
    await using counter = await new app.guest.Counter(0);
    await counter.all();
    await turns();
    assert.equal(await app.guest.double(1), 2);
  });

  it("can be piped, with a signal that ends it", async () => {
    await using app = await hosted();
    await using counter = await new app.guest.Counter(0);
    const abort = new AbortController();
    const seen: number[] = [];
    const sink = new WritableStream<number>({
      write(n) {
        seen.push(n);
        if (n === 20) abort.abort("enough");
      },
    });
    const piped = (await counter.all()).pipeTo(sink, { signal: abort.signal });
    await assert.rejects(piped, (error) => error === "enough");
    assert.deepEqual(
      seen.slice(0, 21),
      Array.from({ length: 21 }, (_, i) => i),
    );
    assert.equal(await counter.next(), 0);
  });

  it("goes from one instance into another", async () => {
    await using from = await hosted();
    await using to = await hosted();
    const upper = await from.guest.upper(new Response("x".repeat(300_000)).body);
    assert.equal(await to.guest.length(await to.guest.upper(upper)), 300_000n);
  });

  it("that is the program's own comes back as it was given", async () => {
    await using app = await hosted();
    const points = [
      { x: 1, y: 2, label: "a" },
      { x: 3, y: 4, label: undefined },
    ];
    const n = Promise.withResolvers<number>();
    const through = await app.guest.through(new Blob(["x".repeat(200_000)]).stream(), points, n.promise);
    n.resolve(5);
    const pieces = await collect(through[0]);
    assert.equal(
      pieces.reduce((sum, { length }) => sum + length, 0),
      200_000,
    );
    assert.deepEqual(await collect(through[1]), points);
    assert.equal(await through[2], 5);
    assert.equal(await app.guest.double(1), 2);
  });

  it("that is the program's own and is dropped by it ends at once, though it has nothing to give", async () => {
    await using app = await hosted();
    let ended = 0;
    const silent = () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: async () => {
          ended++;
          return { done: true as const, value: undefined };
        },
      }),
    });
    const failure = new Error("no number");
    const n = Promise.withResolvers<number>();
    const [bytes, points, later] = await app.guest.through(silent(), silent(), n.promise);
    const readers = [bytes.getReader(), points.getReader()];
    const reads = readers.map((reader) => reader.read());
    await turns();
    assert.equal(ended, 0);
    for (const reader of readers) await reader.cancel();
    await Promise.all(reads);
    await turns();
    assert.equal(ended, 2);
    n.reject(failure);
    await assert.rejects(later, (error) => error === failure);
    assert.equal(await app.guest.double(1), 2);
  });

  it("fails when the component is ended, with that trap", async () => {
    await using app = await hosted();
    await using counter = await new app.guest.Counter(0);
    const reading = (await counter.all()).getReader();
    await reading.read();
    const silent = (await app.guest.upper(new ReadableStream())).getReader();
    const read = silent.read();
    const isTrap = (error: unknown) => error instanceof Trap && /unreachable/.test(error.message);
    await assert.rejects(app.guest.fail(), isTrap);
    await assert.rejects(read, isTrap);
    await assert.rejects(
      (async () => {
        // what it had taken ahead may still be read
        for (;;) await reading.read();
      })(),
      isTrap,
    );
  });

  it("fails when the instance is disposed of, as calls and futures do", async () => {
    const app = await hosted({ later: () => new Promise(() => {}) });
    const reader = (await app.guest.upper(new ReadableStream())).getReader();
    const read = reader.read();
    const [text] = await app.guest.text(new Promise(() => {}));
    const call = app.guest.double(1);
    await app[Symbol.asyncDispose]();
    for (const promise of [read, text, call])
      await assert.rejects(promise, { message: "the instance was disposed of" });
    await assert.rejects(app.guest.double(1), { message: "the instance was disposed of" });
    await app[Symbol.asyncDispose]();
  });
});

describe("what goes on when its call has returned", { skip }, () => {
  buildGuest();

  it("and fails is told, where nobody waits", async () => {
    const told: unknown[] = [];
    await using app = await hosted({}, { wasi: {}, onError: (error) => void told.push(error) });
    const failure = new Error("of the stream");
    let fail: ((error: unknown) => void) | undefined;
    const stream = new ReadableStream({
      start(controller) {
        fail = (error) => controller.error(error);
      },
    });
    await app.guest.upper(stream);
    await turns();
    fail?.(failure);
    await turns();
    assert.deepEqual(told, [failure]);
  });
});

describe("a future", { skip }, () => {
  buildGuest();

  it("is a promise, both ways", async () => {
    await using app = await hosted();
    const n = Promise.withResolvers<number>();
    const [text, there] = await app.guest.text(n.promise);
    assert.ok(text instanceof Promise && there);
    n.resolve(42);
    assert.equal(await text, "42");
  });

  it("is given as any thenable", async () => {
    await using app = await hosted();
    // biome-ignore lint/suspicious/noThenProperty: the point of it
    const [text] = await app.guest.text({ then: (resolve: (n: number) => void) => resolve(7) });
    assert.equal(await text, "7");
  });

  const refused: readonly (readonly [what: string, given: unknown, message: RegExp])[] = [
    ["a value", 5, /^`n` of .*#text: a future is given as a promise, not as 5$/],
    ["nothing", undefined, /not as undefined$/],
  ];
  for (const [what, given, message] of refused)
    it(`is not given as ${what}`, async () => {
      await using app = await hosted();
      await assert.rejects(app.guest.text(given), { name: "TypeError", message });
      assert.equal(await app.guest.double(1), 2);
    });

  it("of a value of another type ends the component, by a TypeError that names the place", async () => {
    await using app = await hosted({}, { wasi: {}, onError: () => {} });
    const message = /#text: an integer from 0 to 4294967295 was expected, not "7"$/;
    const n = Promise.withResolvers<unknown>();
    const [text] = await app.guest.text(n.promise);
    n.resolve("7");
    await assert.rejects(text, { name: "TypeError", message });
  });

  it("that is rejected ends the component that reads it, with its error", async () => {
    await using app = await hosted({}, { wasi: {}, onError: () => {} });
    const failure = new Error("no number");
    const n = Promise.withResolvers<unknown>();
    const [text] = await app.guest.text(n.promise);
    n.reject(failure);
    await assert.rejects(text, (error) => error === failure);
    await assert.rejects(app.guest.double(1), { cause: failure });
  });

  it("that is rejected when the component has dropped it changes nothing; it is disposed of", async () => {
    await using app = await hosted();
    let disposed = 0;
    const n = Promise.withResolvers<number>();
    await app.guest.ignore(Object.assign(n.promise, { [Symbol.dispose]: () => void disposed++ }));
    n.reject(new Error("nobody cares"));
    await turns();
    assert.equal(disposed, 1);
    assert.equal(await app.guest.double(1), 2);
  });
});
