/** Hostile calls (tests/guests/forge.c): each ends the guest with the message that wasmtime 48.0.8 gives, and status 1. */
import { describe, it } from "node:test";
import { assertError } from "./check.ts";
import { guestFile, hosts, NETWORK, run } from "./host.ts";

const messages: Readonly<Record<string, string>> = {
  "unknown-handle": "unknown handle index 12345",
  "zero-handle": "unknown handle index 0",
  "negative-handle": "unknown handle index 4294967295",
  "wrong-type":
    "handle index 1 used with the wrong type, expected guest-defined resource but found a different guest-defined resource",
  "dropped-handle": "unknown handle index 1",
  "double-drop": "unknown handle index 1",
  "forged-in-list": "unknown handle index 4711",
  "parent-before-child": "resource has children",
  "list-out-of-bounds": "list pointer/length out of bounds of memory",
  "list-straddles-end": "list pointer/length out of bounds of memory",
  "list-unaligned": "list pointer is not aligned",
  "list-length-wraps": "list pointer/length out of bounds of memory",
  "bytes-out-of-bounds": "list pointer/length out of bounds of memory",
  "bytes-negative": "list pointer/length out of bounds of memory",
  "bytes-length": "list pointer/length out of bounds of memory",
  "result-out-of-bounds": "pointer out of bounds",
  "result-unaligned": "pointer not aligned",
  "string-out-of-bounds": "string pointer/length out of bounds of memory",
  "string-not-utf8": "invalid utf-8 sequence of 1 bytes from index 1",
  "result-discriminant": "invalid expected discriminant",
  "enum-discriminant": "unexpected discriminant: 2",
  "variant-discriminant": "unexpected discriminant: 9",
  "method-enum-discriminant": "unexpected discriminant: 3",
  "realloc-out-of-bounds": "realloc return: beyond end of memory",
  "realloc-unaligned": "realloc return: result not aligned",
  "empty-poll": "empty poll list",
  "too-many-zeroes": "Buffer too large for blocking-write-zeroes-and-flush (expected at most 4096)",
  "too-long-write": "Buffer too large for blocking-write-and-flush (expected at most 4096)",
};

for (const host of hosts) {
  describe(`forge on ${host.name}`, { skip: host.skip }, () => {
    for (const [name, message] of Object.entries(messages)) {
      it(`${name}: ${message}`, async () => {
        const outcome = await run(host, guestFile("forge"), { flags: NETWORK, args: [name] });
        assertError(outcome, 1, `\n    2: ${message}\n\n`);
      });
    }
  });
}
