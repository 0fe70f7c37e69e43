import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Host } from "../../src/core/addresses/host.ts";
import { Address, type AddressLike, parseAddress } from "../../src/net/address.ts";
import { AddressError } from "../../src/net/errors.ts";

const ipv6Loopback: Host = { tag: "address", address: { tag: "ipv6", val: [0, 0, 0, 0, 0, 0, 0, 1] } };
const ipv4Loopback: Host = { tag: "address", address: { tag: "ipv4", val: [127, 0, 0, 1] } };

const good: readonly (readonly [AddressLike, Host, number])[] = [
  ["127.0.0.1:9999", ipv4Loopback, 9999],
  ["[::1]:0", ipv6Loopback, 0],
  ["localhost:80", { tag: "domain", name: "localhost" }, 80],
  ["EXAMPLE.com:65535", { tag: "domain", name: "example.com" }, 65535],
  [{ host: "::1", port: 80 }, ipv6Loopback, 80],
  [{ host: "[::1]", port: 80 }, ipv6Loopback, 80],
  [{ host: "127.0.0.1", port: 0 }, ipv4Loopback, 0],
  [{ host: "localhost", port: 1 }, { tag: "domain", name: "localhost" }, 1],
];

const bad: readonly (readonly [AddressLike, string])[] = [
  ["", "dial : no port (write HOST:PORT)"],
  ["127.0.0.1", "dial 127.0.0.1: no port (write HOST:PORT)"],
  ["[::1]", "dial [::1]: no port (write HOST:PORT)"],
  ["::1:80", "dial ::1:80: not HOST:PORT (an IPv6 address stands in brackets: [::1]:80)"],
  ["[::1:80", "dial [::1:80: not HOST:PORT (an IPv6 address stands in brackets: [::1]:80)"],
  [":80", "dial :80: no host (0.0.0.0 and [::] are all of this machine's addresses)"],
  ["localhost:", "dial localhost:: a port is a whole number from 0 to 65535"],
  ["localhost:http", "dial localhost:http: a port is a whole number from 0 to 65535"],
  ["localhost:65536", "dial localhost:65536: a port is a whole number from 0 to 65535"],
  ["localhost:-1", "dial localhost:-1: a port is a whole number from 0 to 65535"],
  ["a b:80", "dial a b:80: the host is neither an address nor a name"],
  ["[localhost]:80", "dial [localhost]:80: the host is neither an address nor a name"],
  ["[127.0.0.1]:80", "dial [127.0.0.1]:80: the host is neither an address nor a name"],
  [{ host: "localhost", port: 1.5 }, "dial localhost:1.5: a port is a whole number from 0 to 65535"],
  [{ host: "::1", port: Number.NaN }, "dial [::1]:NaN: a port is a whole number from 0 to 65535"],
];

describe("addresses", () => {
  for (const [given, host, port] of good) {
    it(`${JSON.stringify(given)} is one`, () => {
      const endpoint = parseAddress("dial", given);
      assert.deepEqual([endpoint.host, endpoint.port], [host, port]);
    });
  }

  for (const [given, message] of bad) {
    it(`${JSON.stringify(given)} is none`, () => {
      assert.throws(
        () => parseAddress("dial", given),
        (error) => {
          assert.ok(error instanceof AddressError);
          assert.equal(error.message, message);
          assert.equal(error.code, "invalid-argument");
          return true;
        },
      );
    });
  }

  it("of sockets are printed as they are written", () => {
    const v4 = new Address({ tag: "ipv4", val: { port: 80, address: [127, 0, 0, 1] } });
    const v6 = new Address({
      tag: "ipv6",
      val: { port: 80, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 },
    });
    assert.deepEqual([`${v4}`, v4.host, v4.port, v4.family], ["127.0.0.1:80", "127.0.0.1", 80, "ipv4"]);
    assert.deepEqual([`${v6}`, v6.host, v6.port, v6.family], ["[::1]:80", "::1", 80, "ipv6"]);
  });
});
