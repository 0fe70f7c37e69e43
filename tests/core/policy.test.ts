import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { IpSocketAddress } from "../../src/adapters/contract.ts";
import { parseIp } from "../../src/adapters/ip.ts";
import { parseAuthority } from "../../src/core/http-authority.ts";
import { parseNetRule } from "../../src/core/net-rule.ts";
import {
  type AddressUse,
  type NetworkOptions,
  optionsPolicy,
  rulesPolicy,
  unseenByRequests,
} from "../../src/core/network.ts";

const nothing: NetworkOptions = { inheritNetwork: false, tcp: undefined, udp: undefined, allowIpNameLookup: false };
const everything: NetworkOptions = { ...nothing, inheritNetwork: true };

function v4(text: string): IpSocketAddress {
  const [host, port] = text.split(":");
  const ip = parseIp(host!);
  assert.ok(ip?.tag === "ipv4");
  return { tag: "ipv4", val: { port: Number(port), address: ip.val } };
}

function policy(options: NetworkOptions, allow: string[], deny: string[]) {
  const refusals: string[] = [];
  const rules = {
    allow: allow.map(parseNetRule),
    deny: deny.map(parseNetRule),
    onRefusal: (reason: string) => refusals.push(reason),
  };
  return { ...rulesPolicy(options, rules), refusals };
}

describe("the policy of the -S options (section B.4)", () => {
  const cases: [NetworkOptions, { tcp: boolean; udp: boolean; addresses: boolean }][] = [
    [nothing, { tcp: false, udp: false, addresses: false }],
    [
      { ...nothing, tcp: true },
      { tcp: true, udp: false, addresses: false },
    ],
    [
      { ...nothing, udp: true },
      { tcp: false, udp: true, addresses: false },
    ],
    [everything, { tcp: true, udp: true, addresses: true }],
    [
      { ...everything, tcp: false },
      { tcp: false, udp: true, addresses: true },
    ],
  ];
  for (const [options, expected] of cases)
    it(JSON.stringify(options), () => {
      const { tcp, udp, allows } = optionsPolicy(options);
      assert.deepEqual({ tcp, udp, addresses: allows(v4("127.0.0.1:80"), "tcp-bind") }, expected);
    });
});

describe("the policy of --allow-net and --deny-net", () => {
  const cases: [options: NetworkOptions, allow: string[], deny: string[], use: AddressUse, to: string, ok: boolean][] =
    [
      [nothing, ["127.0.0.1:80"], [], "tcp-connect", "127.0.0.1:80", true],
      [nothing, ["127.0.0.1:80"], [], "tcp-bind", "127.0.0.1:80", true],
      [nothing, ["127.0.0.1:80"], [], "tcp-connect", "127.0.0.1:81", false],
      [everything, ["127.0.0.1:80"], [], "tcp-connect", "127.0.0.1:81", false],
      [nothing, ["listen:127.0.0.1"], [], "tcp-connect", "127.0.0.1:80", false],
      [nothing, ["listen:127.0.0.1"], [], "tcp-listen", "127.0.0.1:80", true],
      [nothing, ["udp:*"], [], "udp-send", "127.0.0.1:80", true],
      [nothing, ["udp:*"], [], "tcp-connect", "127.0.0.1:80", false],
      [everything, [], ["10.0.0.0/8"], "tcp-connect", "10.1.2.3:80", false],
      [everything, [], ["10.0.0.0/8"], "tcp-connect", "11.1.2.3:80", true],
      [nothing, [], ["10.0.0.0/8"], "tcp-connect", "11.1.2.3:80", false],
      [nothing, ["*"], ["*:22"], "tcp-connect", "1.2.3.4:22", false],
      [nothing, ["*"], ["*:22"], "tcp-connect", "1.2.3.4:23", true],
    ];
  for (const [options, allow, deny, use, to, ok] of cases) {
    const given = [...allow.map((rule) => `allow ${rule}`), ...deny.map((rule) => `deny ${rule}`)].join(", ");
    it(`${given}${options.inheritNetwork ? ", inherit-network" : ""}: ${use} ${to} is ${ok ? "allowed" : "denied"}`, () => {
      assert.equal(policy(options, allow, deny).allows(v4(to), use), ok);
    });
  }

  const requests: [allow: string[], deny: string[], authority: string, ok: boolean][] = [
    [[], [], "example.com:443", true],
    [["example.com"], [], "example.com:443", true],
    [["example.com:443"], [], "example.com:80", false],
    [["*.example.com"], [], "a.b.example.com:80", true],
    [["*.example.com"], [], "example.com:80", false],
    [["connect:example.com"], [], "example.com:80", true],
    [["listen:example.com", "udp:*", "dns:example.com"], [], "example.com:80", false],
    [["*:443"], [], "example.com:443", true],
    [["*:443"], [], "10.1.2.3:443", true],
    [["10.0.0.0/8"], [], "10.1.2.3:80", true],
    [["10.0.0.0/8"], [], "11.1.2.3:80", false],
    [["10.0.0.0/8"], [], "example.com:80", false],
    [["127.0.0.1"], [], "127.1:80", true],
    [["[::1]:80"], [], "[0:0::1]:80", true],
    [[], ["127.0.0.1"], "0x7f.1:80", false],
    [[], ["example.com"], "EXAMPLE.com:80", false],
    [[], ["example.com"], "example.org:80", true],
    [[], ["dns:example.com"], "example.com:80", false],
    [[], ["udp:example.com"], "example.com:80", true],
    [["*"], ["*:22"], "example.com:22", false],
  ];
  for (const [allow, deny, text, ok] of requests) {
    const given = [...allow.map((rule) => `allow ${rule}`), ...deny.map((rule) => `deny ${rule}`)].join(", ");
    it(`${given}: a request to ${text} is ${ok ? "allowed" : "denied"}`, () => {
      const authority = parseAuthority(text);
      assert.ok(authority?.port !== undefined);
      assert.equal(policy(nothing, allow, deny).allowsRequest(authority.host, authority.port), ok);
    });
  }

  const unseen: [allow: string[], deny: string[], rule: string | undefined][] = [
    [[], ["10.0.0.0/8"], "10.0.0.0/8"],
    [["example.com"], ["*:22", "10.0.0.0/8:80"], "10.0.0.0/8:80"],
    [["*"], ["connect:[::1]"], "connect:[::1]"],
    [["10.0.0.0/8", "127.0.0.1"], ["10.1.0.0/16"], undefined],
    [[], ["listen:10.0.0.0/8", "udp:127.0.0.1"], undefined],
    [[], ["example.com", "*:22"], undefined],
  ];
  for (const [allow, deny, rule] of unseen) {
    it(`allow [${allow.join(", ")}], deny [${deny.join(", ")}]: ${rule ?? "no rule"} cannot be kept for requests`, () => {
      const rules = { allow: allow.map(parseNetRule), deny: deny.map(parseNetRule) };
      assert.equal(unseenByRequests(rules)?.split(" ")[0], rule);
    });
  }

  it("says which rule refused", () => {
    const { allows, refusals } = policy(nothing, ["10.0.0.0/8"], ["*:22"]);
    allows(v4("10.0.0.1:22"), "tcp-connect");
    allows(v4("11.0.0.1:80"), "tcp-connect");
    assert.deepEqual(refusals, [
      "tcp-connect 10.0.0.1:22: --deny-net *:22",
      "tcp-connect 11.0.0.1:80: no --allow-net rule allows it",
    ]);
  });

  it("a rule by name applies to the addresses that the look-up gave, and to no others", () => {
    const { allows, allowsLookup, learn } = policy(nothing, ["*.example.com:443"], []);
    assert.equal(allowsLookup("api.example.com"), true);
    assert.equal(allowsLookup("example.org"), false);
    assert.equal(allows(v4("9.9.9.9:443"), "tcp-connect"), false);
    learn("api.example.com", { tag: "ipv4", val: [9, 9, 9, 9] });
    assert.equal(allows(v4("9.9.9.9:443"), "tcp-connect"), true);
    assert.equal(allows(v4("9.9.9.9:80"), "tcp-connect"), false);
    assert.equal(allows(v4("9.9.9.8:443"), "tcp-connect"), false);
  });

  it("a denied name is not looked up, and what another name gave is not reached through it", () => {
    const { allows, allowsLookup, learn } = policy(nothing, ["*"], ["bad.example.com"]);
    assert.equal(allowsLookup("bad.example.com"), false);
    learn("bad.example.com", { tag: "ipv4", val: [9, 9, 9, 9] });
    assert.equal(allows(v4("9.9.9.9:443"), "tcp-connect"), false);
  });

  it("a dns rule allows the look-up alone", () => {
    const { allows, allowsLookup, learn } = policy(nothing, ["dns:*.internal"], []);
    assert.equal(allowsLookup("db.internal"), true);
    learn("db.internal", { tag: "ipv4", val: [9, 9, 9, 9] });
    assert.equal(allows(v4("9.9.9.9:443"), "tcp-connect"), false);
  });

  it("-S tcp=n wins over allow rules", () => {
    assert.equal(policy({ ...nothing, tcp: false }, ["*"], []).tcp, false);
    assert.equal(policy(nothing, ["*"], []).tcp, true);
    assert.equal(policy(nothing, [], ["*"]).tcp, false);
  });
});
