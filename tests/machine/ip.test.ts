import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { IpAddress } from "../../src/machine/address.ts";
import { formatIp, formatSocketAddress, parseIp } from "../../src/machine/ip.ts";

const ipv4 = fc.tuple(...Array.from({ length: 4 }, () => fc.nat(255))).map((val): IpAddress => ({ tag: "ipv4", val }));
/** Zero groups often, so that `::` is exercised at every place and length. */
const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
const ipv6 = fc.tuple(...Array.from({ length: 8 }, () => group)).map((val): IpAddress => ({ tag: "ipv6", val }));

describe("textual addresses", () => {
  it("what formatIp writes, parseIp reads", () => {
    fc.assert(fc.property(fc.oneof(ipv4, ipv6), (ip) => assert.deepEqual(parseIp(formatIp(ip)), ip)));
  });

  it("formatIp writes IPv6 as URL does (RFC 5952)", () => {
    fc.assert(
      fc.property(ipv6, (ip) => assert.equal(`[${formatIp(ip)}]`, new URL(`http://[${formatIp(ip)}]/`).hostname)),
    );
  });

  const read: [string, readonly number[] | undefined][] = [
    ["127.0.0.1", [127, 0, 0, 1]],
    ["255.255.255.255", [255, 255, 255, 255]],
    ["256.0.0.1", undefined],
    ["1.2.3", undefined],
    ["01.2.3.4", undefined],
    ["1.2.3.4.5", undefined],
    ["::", [0, 0, 0, 0, 0, 0, 0, 0]],
    ["::1", [0, 0, 0, 0, 0, 0, 0, 1]],
    ["fe80::", [0xfe80, 0, 0, 0, 0, 0, 0, 0]],
    ["1:2:3:4:5:6:7:8", [1, 2, 3, 4, 5, 6, 7, 8]],
    ["1:2:3:4:5:6:7::", [1, 2, 3, 4, 5, 6, 7, 0]],
    ["::ffff:1.2.3.4", [0, 0, 0, 0, 0, 0xffff, 0x102, 0x304]],
    ["1:2:3:4:5:6:1.2.3.4", [1, 2, 3, 4, 5, 6, 0x102, 0x304]],
    ["1.2.3.4::", undefined],
    ["1:2:3:4:5:6:7:8::", undefined],
    ["1:2:3:4:5:6:7", undefined],
    ["1::2::3", undefined],
    [":::", undefined],
    ["fe80::1%eth0", undefined],
    ["12345::", undefined],
    ["", undefined],
    ["localhost", undefined],
  ];
  for (const [text, expected] of read)
    it(`reads '${text}' as ${expected ?? "no address"}`, () => assert.deepEqual(parseIp(text)?.val, expected));

  it("puts an IPv6 address with a port in brackets", () => {
    const val = { port: 80, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 };
    assert.equal(formatSocketAddress({ tag: "ipv6", val }), "[::1]:80");
    assert.equal(formatSocketAddress({ tag: "ipv4", val: { port: 80, address: [1, 2, 3, 4] } }), "1.2.3.4:80");
  });
});
