import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseHost } from "../../../src/core/addresses/host.ts";
import { formatIp } from "../../../src/machine/ip.ts";

describe("what a guest may look up", () => {
  const cases: [string, string | undefined][] = [
    ["127.0.0.1", "127.0.0.1"],
    ["127.1", "127.0.0.1"],
    ["0x7f.1", "127.0.0.1"],
    ["2130706433", "127.0.0.1"],
    ["[::1]", "::1"],
    ["::1", "::1"],
    ["::ffff:1.2.3.4", "::ffff:102:304"],
    ["localhost", "localhost"],
    ["EXAMPLE.com", "example.com"],
    ["münchen.de", "xn--mnchen-3ya.de"],
    ["a%62c.de", "abc.de"],
    ["xn--mnchen-3ya.de", "xn--mnchen-3ya.de"],
    ["XN--LS8H.la", "xn--ls8h.la"],
    ["xn--xn---epa.x", "xn--xn---epa.x"],
    ["xn--a", undefined],
    ["a.xn--zzzzzz-", undefined],
    ["xn--ss", undefined],
    ["", undefined],
    [" ", undefined],
    ["a.b<&>", undefined],
    ["127.0.0.1:80", undefined],
    ["[::]:80", undefined],
    ["http://example.com/", undefined],
    ["1.2.3.4.5", undefined],
    ["256.1.1.1", undefined],
    ["a b", undefined],
    ["a/b", undefined],
    ["a@b", undefined],
    ["a%2Fb", undefined],
    ["[127.0.0.1]", undefined],
    ["fe80::1%eth0", undefined],
    ["a\tb", undefined],
  ];
  for (const [text, expected] of cases)
    it(`${JSON.stringify(text)} is ${expected ?? "invalid-argument"}`, () => {
      const host = parseHost(text);
      assert.equal(
        host === undefined ? undefined : host.tag === "domain" ? host.name : formatIp(host.address),
        expected,
      );
    });
});
