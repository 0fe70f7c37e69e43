import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  matchesAddress,
  matchesName,
  matchesPort,
  normalizeName,
  parseNetRule,
} from "../../../src/core/policy/net-rule.ts";
import type { IpAddress } from "../../../src/machine/address.ts";
import { formatIp, parseIp } from "../../../src/machine/ip.ts";

const ipv4 = fc.tuple(...Array.from({ length: 4 }, () => fc.nat(255))).map((val): IpAddress => ({ tag: "ipv4", val }));
const ipv6 = fc
  .tuple(...Array.from({ length: 8 }, () => fc.nat(0xffff)))
  .map((val): IpAddress => ({ tag: "ipv6", val }));

/** The address as one number: what a prefix is about. */
function integer(ip: IpAddress): bigint {
  const width = ip.tag === "ipv4" ? 8n : 16n;
  return ip.val.reduce((sum, part) => (sum << width) | BigInt(part), 0n);
}

describe("net rules", () => {
  const refused: [string, RegExp][] = [
    ["", /neither an address nor a name: ''/],
    ["127.0.0.1:", /not a port/],
    ["127.0.0.1:65536", /not a port.*'65536'/],
    ["127.0.0.1:9-1", /not a port.*'9-1'/],
    ["127.0.0.1:http", /not a port.*'http'/],
    ["10.0.0.0/33", /a prefix has 0 to 32 bits: '\/33'/],
    ["[::1]/129", /a prefix has 0 to 128 bits/],
    ["[127.0.0.1]:80", /brackets are for IPv6/],
    ["10.0.0.0/x", /0 to 32 bits/],
    ["a b:80", /neither an address nor a name: 'a b'/],
    ["*.*.com", /neither an address nor a name/],
    ["dns:10.0.0.1", /a dns rule names a name/],
    ["dns:example.com:53", /a dns rule has no port/],
    ["lisen:127.0.0.1:9999", /^Error: unknown use 'lisen': did you mean 'listen'\?$/],
    ["http://example.com", /^Error: a rule has no scheme: write example\.com:80$/],
    ["https://example.com/path", /write example\.com:443$/],
    ["http://example.com:8080/", /write example\.com:8080$/],
    ["::1:80", /write \[::1\]:80$/],
    ["listen:fd00::1:9999", /write listen:\[fd00::1\]:9999$/],
    ["9999", /^Error: for a port everywhere: '\*:9999'$/],
    ["app.wasm", /^Error: the rule is missing$/],
    ["exa_mple..com", /neither an address nor a name/],
  ];
  for (const [text, error] of refused) it(`refuses '${text}'`, () => assert.throws(() => parseNetRule(text), error));

  const matched: [rule: string, address: string, port: number, expected: boolean][] = [
    ["127.0.0.1:9999", "127.0.0.1", 9999, true],
    ["127.0.0.1:9999", "127.0.0.1", 9998, false],
    ["127.0.0.1:9999", "127.0.0.2", 9999, false],
    ["127.0.0.1", "127.0.0.1", 1, true],
    ["10.0.0.0/8", "10.255.3.4", 80, true],
    ["10.0.0.0/8", "11.0.0.0", 80, false],
    ["10.0.0.0/8:443", "10.1.2.3", 80, false],
    ["0.0.0.0/0", "1.2.3.4", 5, true],
    ["0.0.0.0/0", "::1", 5, false],
    ["[::1]:*", "::1", 80, true],
    ["[::1]:*", "::2", 80, false],
    ["::1", "::1", 80, true],
    ["fd00::1", "fd00::1", 80, true],
    ["1:2:3:4:5:6:7:80", "1:2:3:4:5:6:7:80", 1, true],
    ["[fe80::]/10:22", "fe81::1", 22, true],
    ["[fe80::]/10:22", "fec0::1", 22, false],
    ["*:443", "1.2.3.4", 443, true],
    ["*:443", "::1", 443, true],
    ["*:443", "::1", 444, false],
    ["127.0.0.1:0-65535", "127.0.0.1", 65535, true],
    ["127.0.0.1:80-90", "127.0.0.1", 91, false],
    ["listen:127.0.0.1:80", "127.0.0.1", 80, true],
  ];
  for (const [text, ip, port, expected] of matched)
    it(`${text} ${expected ? "matches" : "does not match"} ${ip} port ${port}`, () => {
      const rule = parseNetRule(text);
      assert.equal(matchesAddress(rule.host, parseIp(ip)!) && matchesPort(rule, port), expected);
    });

  const named: [rule: string, name: string, expected: boolean][] = [
    ["*.example.com:443", "api.example.com", true],
    ["*.example.com", "a.b.example.com", true],
    ["*.example.com", "example.com", false],
    ["*.example.com", "notexample.com", false],
    ["example.com", "example.com", true],
    ["EXAMPLE.com.", "example.com", true],
    ["dns:*.internal", "db.internal", true],
    ["dns:*", "anything.at.all", true],
    ["münchen.de", "xn--mnchen-3ya.de", true],
    ["10.0.0.1", "10.0.0.1", false],
  ];
  for (const [text, name, expected] of named)
    it(`${text} ${expected ? "matches" : "does not match"} the name ${name}`, () =>
      assert.equal(matchesName(parseNetRule(text).host, name), expected));

  it("a prefix matches exactly the addresses that share its bits", () => {
    const pair = fc.oneof(fc.tuple(ipv4, ipv4, fc.nat(32)), fc.tuple(ipv6, ipv6, fc.nat(128)));
    fc.assert(
      fc.property(pair, ([network, other, bits]) => {
        const width = network.tag === "ipv4" ? 32 : 128;
        const { host } = parseNetRule(
          `${network.tag === "ipv4" ? formatIp(network) : `[${formatIp(network)}]`}/${bits}`,
        );
        const shift = BigInt(width - bits);
        assert.equal(matchesAddress(host, other), integer(network) >> shift === integer(other) >> shift);
        assert.equal(matchesAddress(host, network), true);
      }),
    );
  });

  it("no address is within a network of the other family", () => {
    fc.assert(
      fc.property(ipv4, ipv6, (four, six) => {
        assert.equal(matchesAddress(parseNetRule("0.0.0.0/0").host, six), false);
        assert.equal(matchesAddress(parseNetRule("[::]/0").host, four), false);
      }),
    );
  });

  it("a suffix rule matches a name exactly when it ends in .SUFFIX", () => {
    const part = fc.stringMatching(/^[a-z]{1,8}$/);
    const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("."));
    fc.assert(
      fc.property(name, name, part, (suffix, other, prefix) => {
        const { host } = parseNetRule(`*.${suffix}`);
        assert.equal(matchesName(host, `${prefix}.${suffix}`), true);
        assert.equal(matchesName(host, other), other.endsWith(`.${suffix}`));
      }),
    );
  });

  it("normalizeName refuses what is an address or no name", () => {
    for (const text of ["127.0.0.1", "0x7f.1", "2130706433", "[::1]", "a b", "a/b", "user@host", "a:80", "", "."])
      assert.equal(normalizeName(text), undefined, text);
  });
});
