/** Responses, whole and in pieces, as servers send them and as nobody would. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MAX_HEAD, ResponseHeadParser } from "../../../src/core/http/client/response-head.ts";
import { parseTranscript } from "../../e2e/http/transcript.ts";
import { readResponse } from "./read-response.ts";

const seeds = parseTranscript(readFileSync(join(import.meta.dirname, "../../e2e/http/responses.txt"), "utf8")).flatMap(
  ({ response }) => (response === undefined ? [] : [new Uint8Array(response.bytes)]),
);

/** A response of the tables, and where pieces of it begin. */
const split = fc.record({
  seed: fc.constantFrom(...seeds.filter(({ length }) => length < 10_000)),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
  most: fc.integer({ min: 1, max: 40 }),
  method: fc.constantFrom("GET", "HEAD", "CONNECT"),
});

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...cuts.map((part) => Math.floor(part * bytes.length)), bytes.length].sort((a, b) => a - b);
  return places.map((end, i) => bytes.subarray(places[i - 1] ?? 0, end));
}

/** Bytes that mean something in a response. */
const telling = fc.constantFrom(..."\r\n \t:;,0123456789abcdefHTP/.-\0\x7f\xff".split("").map((c) => c.charCodeAt(0)));

const mutation = fc.record({
  seed: fc.constantFrom(...seeds.filter(({ length }) => length < 2000)),
  edits: fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      drop: fc.nat(3),
      put: fc.array(fc.oneof(telling, fc.nat(255)), { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
});

describe("a response", () => {
  it("reads alike in whatever pieces it comes, and by whatever pieces its body is read", () => {
    fc.assert(
      fc.property(split, ({ seed, cuts, most, method }) => {
        assert.equal(readResponse(cut(seed, cuts), method, most), readResponse([seed], method, 65_536));
      }),
      { numRuns: 50_000 },
    );
  });

  it("byte by byte", () => {
    for (const seed of seeds.filter(({ length }) => length < 3000)) {
      const bytes = [...seed].map((byte) => Uint8Array.of(byte));
      assert.equal(readResponse(bytes, "GET", 65_536), readResponse([seed], "GET", 65_536));
    }
  });

  it("that nobody would send is read to some end, alike in all pieces, too", () => {
    fc.assert(
      fc.property(mutation, ({ seed, edits, cuts }) => {
        let bytes = [...seed];
        for (const { at, drop, put } of edits) bytes.splice(Math.floor(at * bytes.length), drop, ...put);
        bytes = bytes.map((byte) => byte & 255);
        const whole = Uint8Array.from(bytes);
        assert.equal(readResponse(cut(whole, cuts), "GET", 7), readResponse([whole], "GET", 65_536));
      }),
      { numRuns: 50_000 },
    );
  });

  it("holds no more of a head than its limit, however long the line", () => {
    const parser = new ResponseHeadParser();
    const status = new TextEncoder().encode("HTTP/1.1 200 OK\r\na: ");
    assert.equal(parser.push(status, 0, status.length), status.length);
    const piece = new Uint8Array(65_536).fill(0x62);
    let taken = status.length;
    while (parser.push(piece, 0, piece.length) !== undefined) taken += piece.length;
    assert.ok(taken <= MAX_HEAD);
  });
});
