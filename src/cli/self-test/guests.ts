/** The guests of the self-test, which stand in the program: all of them in one piece, compressed. */
import { readFileSync } from "node:fs";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import { type PackedGuests, packed } from "./packed-guests.ts";

/** By their names, which are their paths in tests/guests without the ending. */
export type Guests = ReadonlyMap<string, Uint8Array>;

export function readGuests(names: readonly string[]): Guests {
  return packed === undefined ? readFiles(names) : unpack(packed);
}

function readFiles(names: readonly string[]): Guests {
  const folder = new URL("../../../tests/guests/", import.meta.url);
  return new Map(names.map((name) => [name, readFileSync(new URL(`${name}.wasm`, folder))]));
}

export function unpack({ sizes, bytes }: PackedGuests): Guests {
  const whole = brotliDecompressSync(Buffer.from(bytes, "base64"));
  let at = 0;
  const next = (size: number) => {
    at += size;
    return whole.subarray(at - size, at);
  };
  return new Map(Object.entries(sizes).map(([name, size]) => [name, next(size)]));
}

/** For build.ts. */
export function packGuests(names: readonly string[]): PackedGuests {
  const guests = readFiles(names);
  const whole = Buffer.concat([...guests.values()]);
  // What they have in common lies up to half a megabyte apart.
  const params = { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS };
  return {
    sizes: Object.fromEntries([...guests].map(([name, { length }]) => [name, length])),
    bytes: brotliCompressSync(whole, { params }).toString("base64"),
  };
}
