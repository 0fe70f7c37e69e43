import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { linux } from "../../../src/adapters/posix/libc/linux.ts";
import { macos } from "../../../src/adapters/posix/libc/macos.ts";
import { decodeAddress, encodeAddress } from "../../../src/adapters/posix/net/address.ts";
import type { IpSocketAddress } from "../../../src/machine/address.ts";

const port = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const octets = fc.array(fc.integer({ min: 0, max: 0xff }), { minLength: 4, maxLength: 4 });
const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });

const anyAddress: fc.Arbitrary<IpSocketAddress> = fc.oneof(
  fc.record({
    tag: fc.constant("ipv4" as const),
    val: fc.record({ port, address: octets }, { noNullPrototype: true }),
  }),
  fc.record({
    tag: fc.constant("ipv6" as const),
    val: fc.record({ port, flowInfo: u32, address: groups, scopeId: u32 }, { noNullPrototype: true }),
  }),
);

describe("struct sockaddr", () => {
  for (const [name, os] of Object.entries({ linux: linux("x64"), macos })) {
    it(`gives back what went in, on ${name}, whatever was there before`, () => {
      fc.assert(
        fc.property(anyAddress, fc.integer({ min: 0, max: 255 }), (address, dirt) => {
          const bytes = new Uint8Array(128).fill(dirt);
          const view = new DataView(bytes.buffer);
          const length = encodeAddress(address, view, os);
          assert.equal(length, address.tag === "ipv4" ? 16 : 28);
          assert.deepEqual({ ...decodeAddress(view, os) }, { ...address });
        }),
      );
    });
  }

  it("lies in memory as ip(7) says", () => {
    const bytes = new Uint8Array(16).fill(0xee);
    encodeAddress(
      { tag: "ipv4", val: { port: 0x1234, address: [127, 0, 0, 1] } },
      new DataView(bytes.buffer),
      linux("x64"),
    );
    assert.deepEqual([...bytes], [2, 0, 0x12, 0x34, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it("is no internet address for another family", () => {
    assert.equal(decodeAddress(new DataView(new ArrayBuffer(128)), linux("x64")), undefined);
  });
});
