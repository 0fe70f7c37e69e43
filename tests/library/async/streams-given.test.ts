/** Streams that a program gives to a component: what may be given, when it is asked for, and how it ends. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import type { StreamSource } from "../../../src/index.ts";
import { buildGuest, hosted, skip, Thing, turns } from "./guest.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

async function* pieces<T>(...values: T[]): AsyncGenerator<T> {
  yield* values;
}

/** An endless stream that counts what becomes of it. */
class Counted implements AsyncIterable<string> {
  pulled = 0;
  returned = 0;

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return {
      next: async () => ({ done: false, value: `word ${this.pulled++}` }),
      return: async () => {
        this.returned++;
        return { done: true, value: undefined };
      },
    };
  }
}

describe("a stream of bytes is given", { skip }, () => {
  buildGuest();

  const given: readonly (readonly [what: string, make: () => StreamSource, length: bigint])[] = [
    ["as a ReadableStream", () => new Response("x".repeat(1_000_000)).body!, 1_000_000n],
    ["as a stream of bytes (BYOB)", () => new Blob(["x".repeat(100_000)]).stream(), 100_000n],
    ["as an async generator of pieces", () => pieces(bytes(1, 2, 3), bytes(), bytes(4)), 4n],
    ["as an iterable of pieces", () => [bytes(1, 2), bytes(3)], 3n],
    ["in pieces of other kinds", () => [new ArrayBuffer(5), [1, 2], 3, Buffer.from("four")], 12n],
    ["as the bytes themselves", () => bytes(1, 2, 3, 4), 4n],
    ["as a stream of Node's", () => Readable.from([bytes(1, 2), Buffer.from("three")]), 7n],
    ["empty", () => [], 0n],
    ["in one large piece", () => [new Uint8Array(3_000_000)], 3_000_000n],
  ];
  for (const [what, make, length] of given)
    it(what, async () => {
      await using app = await hosted();
      assert.equal(await app.guest.length(make()), length);
    });

  const refused: readonly (readonly [what: string, given: unknown, message: RegExp])[] = [
    [
      "a string",
      "text",
      /^`bytes` of pollux:library\/guest@1\.2\.0#length: a stream is given as a ReadableStream.*not as "text"$/,
    ],
    ["a number", 5, /not as 5$/],
    ["nothing", undefined, /not as undefined$/],
    ["an object", {}, /not as an object \(Object\)$/],
    ["pieces of text", ["text"], /#length: bytes were expected \(a Uint8Array\), not "text"$/],
    ["what is no byte", [256], /not 256$/],
    ["pieces of 16 bits", [new Uint16Array(2)], /not an object \(Uint16Array\)$/],
  ];
  for (const [what, value, message] of refused)
    it(`as ${what}: a TypeError that names the place`, async () => {
      await using app = await hosted();
      await assert.rejects(app.guest.length(value), { name: "TypeError", message });
    });

  it("that somebody else reads is refused", async () => {
    await using app = await hosted();
    const { body } = new Response("x");
    body!.getReader();
    await assert.rejects(app.guest.length(body), { name: "TypeError", message: /the stream is locked/ });
    assert.equal(await app.guest.length([bytes(1)]), 1n);
  });

  it("whose pieces come later", async () => {
    await using app = await hosted();
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const stream = new ReadableStream<Uint8Array>({
      start(given) {
        controller = given;
      },
    });
    const call = app.guest.length(stream);
    for (let i = 0; i < 3; i++) {
      await turns(1);
      controller?.enqueue(bytes(1, 2));
    }
    controller?.close();
    assert.equal(await call, 6n);
  });

  it("that fails ends the component, and the call with its error", async () => {
    await using app = await hosted();
    const failure = new Error("the disk is gone");
    const stream = new ReadableStream({
      pull(controller) {
        controller.error(failure);
      },
    });
    await assert.rejects(app.guest.length(stream), (error) => error === failure);
    await assert.rejects(app.guest.double(1), { message: /cannot enter component instance/, cause: failure });
  });

  it("and goes through the component to the program, each piece when it is read", async () => {
    await using app = await hosted();
    let asked = 0;
    async function* words() {
      for (const word of ["one ", "two ", "three"]) {
        asked++;
        yield new TextEncoder().encode(word);
      }
    }
    const upper = await app.guest.upper(words());
    assert.equal(await new Response(upper as ReadableStream<Uint8Array<ArrayBuffer>>).text(), "ONE TWO THREE");
    assert.equal(asked, 3);
  });

  it("by an import, with a future of how it ended", async () => {
    const open = (): readonly [StreamSource, PromiseLike<{ tag: "ok" }>] => [
      [bytes(1, 2)],
      Promise.resolve({ tag: "ok" }),
    ];
    await using app = await hosted({ open });
    assert.equal(await app.guest.relay(), 2n);
    await using failing = await hosted({
      open: () => [pieces(bytes(1)), Promise.resolve({ tag: "err", val: "cut off" })],
    });
    await assert.rejects(failing.guest.relay(), { payload: "cut off" });
  });
});

describe("a stream of values is given", { skip }, () => {
  buildGuest();

  it("of records, which are checked", async () => {
    await using app = await hosted();
    const points = [
      { x: 1, y: 2 },
      { x: 3, y: -4, label: "a" },
      { x: 5, y: 6 },
      { x: 7, y: 8, label: "b" },
    ];
    assert.deepEqual(await app.guest.sum(points), { x: 16, y: 12, label: "ab" });
    assert.deepEqual(await app.guest.sum(pieces(...points)), { x: 16, y: 12, label: "ab" });
  });

  const refused: readonly (readonly [what: string, given: unknown, message: RegExp])[] = [
    [
      "a field that is missing",
      [{ x: 1, y: 2 }, { x: 1 }],
      /^`points` of .*#sum, item 1: `y`: an integer from -2147483648 to 2147483647 was expected, not undefined$/,
    ],
    ["a field of another type", [{ x: "1", y: 2 }], /item 0: `x`: an integer .* not "1"$/],
    ["one that is out of range", [{ x: 2 ** 31, y: 2 }], /item 0: `x`: .* not 2147483648$/],
    ["an optional one of another type", [{ x: 1, y: 2, label: 3 }], /item 0: `label`: a string was expected, not 3$/],
    ["no object", ["point"], /item 0: an object was expected, not "point"$/],
  ];
  for (const [what, points, message] of refused)
    it(`with ${what}: a TypeError that names the place`, async () => {
      await using app = await hosted();
      await assert.rejects(app.guest.sum(points), { name: "TypeError", message });
      await assert.rejects(app.guest.sum([]), /cannot enter component instance/);
    });

  it("of resources, which are the component's then", async () => {
    const before = Thing.live;
    await using app = await hosted({ things: () => pieces(new Thing(1), new Thing(2), new Thing(3)) });
    assert.equal(await app.guest.things(), 6);
    assert.equal(Thing.live, before);
  });

  it("of what is no such resource: a TypeError that names the place", async () => {
    await using app = await hosted({ things: () => [{} as Thing] });
    await assert.rejects(app.guest.things(), {
      name: "TypeError",
      message: 'the result of pollux:library/host@1.2.0#things: not a "thing" resource',
    });
  });

  it("and is asked for no more than the component reads: one without an end is returned, once, when that drops it", async () => {
    await using app = await hosted();
    const words = new Counted();
    assert.deepEqual(await app.guest.first(words, 3), ["word 0", "word 1", "word 2"]);
    await turns();
    assert.deepEqual([words.pulled, words.returned], [3, 1]);
  });

  it("and is not begun before somebody reads", async () => {
    await using app = await hosted();
    const words = new Counted();
    assert.deepEqual(await app.guest.first(words, 0), []);
    await turns();
    assert.deepEqual([words.pulled, words.returned], [0, 1]);
  });

  it("and cancelled as a ReadableStream", async () => {
    await using app = await hosted();
    let cancelled = 0;
    const words = new ReadableStream<string>(
      {
        pull: (controller) => controller.enqueue("word"),
        cancel() {
          cancelled++;
        },
      },
      { highWaterMark: 0 },
    );
    assert.deepEqual(await app.guest.first(words, 2), ["word", "word"]);
    await turns();
    assert.equal(cancelled, 1);
  });

  it("and not returned when it has ended", async () => {
    await using app = await hosted();
    let ended = 0;
    async function* words() {
      try {
        yield "one";
      } finally {
        ended++;
      }
    }
    assert.deepEqual(await app.guest.first(words(), 5), ["one"]);
    assert.equal(ended, 1);
  });

  it("and what its end throws is told, not to the component", async () => {
    const told: unknown[] = [];
    await using app = await hosted({}, { wasi: {}, onError: (error) => void told.push(error) });
    const failure = new Error("cannot close");
    async function* words() {
      try {
        yield "one";
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: the point of it
        throw failure;
      }
    }
    assert.deepEqual(await app.guest.first(words(), 1), ["one"]);
    await turns();
    assert.deepEqual(told, [failure]);
    assert.equal(await app.guest.double(1), 2);
  });
});
