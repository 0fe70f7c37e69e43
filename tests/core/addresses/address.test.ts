import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isRemote, isUnicast, matchesFamily } from "../../../src/core/addresses/address.ts";
import type { IpSocketAddress } from "../../../src/machine/address.ts";
import { parseIp } from "../../../src/machine/ip.ts";

function address(text: string, port: number): IpSocketAddress {
  const ip = parseIp(text);
  assert.ok(ip, text);
  return ip.tag === "ipv4"
    ? { tag: "ipv4", val: { port, address: ip.val } }
    : { tag: "ipv6", val: { port, flowInfo: 0, address: ip.val, scopeId: 0 } };
}

/** What may be done with an address: u: unicast, r: remote, f: usable by a socket of its own family. */
const cases: [string, number, string][] = [
  ["127.0.0.1", 80, "urf"],
  ["127.0.0.1", 0, "uf"],
  ["0.0.0.0", 80, "uf"],
  ["224.0.0.1", 80, "rf"],
  ["239.255.255.255", 80, "rf"],
  ["240.0.0.1", 80, "urf"],
  ["255.255.255.255", 80, "rf"],
  ["255.255.255.254", 80, "urf"],
  ["::1", 80, "urf"],
  ["::", 80, "uf"],
  ["::2", 80, "ur"],
  ["::1.2.3.4", 80, "ur"],
  ["::ffff:127.0.0.1", 80, "ur"],
  ["::ffff:0.0.0.0", 80, "u"],
  ["::ffff:224.0.0.1", 80, "r"],
  ["ff02::1", 80, "rf"],
  ["fe80::1", 80, "urf"],
  ["::1:0:0:0", 80, "urf"],
];

describe("address predicates", () => {
  for (const [text, port, expected] of cases) {
    it(`${text} port ${port} is ${expected}`, () => {
      const it = address(text, port);
      const actual = `${isUnicast(it) ? "u" : ""}${isRemote(it) ? "r" : ""}${matchesFamily(it, it.tag) ? "f" : ""}`;
      assert.equal(actual, expected);
      assert.equal(matchesFamily(it, it.tag === "ipv4" ? "ipv6" : "ipv4"), false);
    });
  }
});
