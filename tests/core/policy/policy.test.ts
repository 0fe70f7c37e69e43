import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { refusalLog } from "../../../src/cli/report/refusal.ts";
import { destinationOf } from "../../../src/core/http/authority.ts";
import { MOST_LEARNED } from "../../../src/core/policy/learned-addresses.ts";
import { parseNetRule } from "../../../src/core/policy/net-rule.ts";
import type { NetworkOptions, NetworkPolicy } from "../../../src/core/policy/network.ts";
import { networkPolicy } from "../../../src/core/policy/network-policy.ts";
import type { AddressUse } from "../../../src/core/policy/refusal.ts";
import type { IpSocketAddress } from "../../../src/machine/address.ts";
import { parseIp, socketAddressOf } from "../../../src/machine/ip.ts";

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
  };
  const policy = networkPolicy(
    options,
    rules,
    refusalLog((text) => refusals.push(text)),
  );
  return { policy, refusals };
}

describe("the policy of the -S options", () => {
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
      const { tcp, udp, allows } = networkPolicy(options);
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
      // Who is let listen takes every peer, save for rules about them.
      [nothing, ["127.0.0.1:80"], [], "tcp-accept", "9.9.9.9:1234", true],
      [everything, [], [], "tcp-accept", "9.9.9.9:1234", true],
      [nothing, ["*", "accept:10.0.0.0/8"], [], "tcp-accept", "10.1.2.3:1234", true],
      [nothing, ["*", "accept:10.0.0.0/8"], [], "tcp-accept", "9.9.9.9:1234", false],
      [everything, [], ["10.0.0.0/8"], "tcp-accept", "10.1.2.3:1234", false],
      [everything, [], ["accept:10.0.0.0/8"], "tcp-accept", "10.1.2.3:1234", false],
      [everything, [], ["accept:10.0.0.0/8"], "tcp-connect", "10.1.2.3:1234", true],
      [everything, [], ["listen:10.0.0.0/8", "connect:10.0.0.0/8"], "tcp-accept", "10.1.2.3:1234", true],
      // A rule for udp is for all of it.
      [nothing, ["udp:10.0.0.0/8"], [], "udp-receive", "10.1.2.3:1234", true],
      [nothing, ["udp:10.0.0.0/8"], [], "udp-receive", "9.9.9.9:1234", false],
      [everything, [], ["udp:10.0.0.0/8"], "udp-receive", "10.1.2.3:1234", false],
      [everything, [], ["accept:10.0.0.0/8"], "udp-receive", "10.1.2.3:1234", true],
    ];
  for (const [options, allow, deny, use, to, ok] of cases) {
    const given = [...allow.map((rule) => `allow ${rule}`), ...deny.map((rule) => `deny ${rule}`)].join(", ");
    it(`${given}${options.inheritNetwork ? ", inherit-network" : ""}: ${use} ${to} is ${ok ? "allowed" : "denied"}`, () => {
      assert.equal(policy(options, allow, deny).policy.allows(v4(to), use), ok);
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
    [[], ["example.com"], "example.com.:80", false],
    // IPv4 in IPv6's clothes is what it is; what is no host's address is refused with every rule.
    [["[::]/0"], ["127.0.0.0/8"], "[::ffff:127.0.0.1]:80", false],
    [["[::]/0"], [], "[::ffff:127.0.0.1]:80", false],
    [["127.0.0.0/8"], [], "[::ffff:127.0.0.1]:80", true],
    [[], ["127.0.0.0/8:*"], "[::ffff:7f00:1]:80", false],
    [["[::]/0"], [], "[::127.0.0.1]:80", false],
    [["0.0.0.0/0"], ["127.0.0.0/8"], "0.0.0.0:80", false],
    [["*"], [], "0.0.0.0:80", false],
    [["*"], [], "[::]:80", false],
    [["*"], [], "[::ffff:0.0.0.0]:80", false],
    [[], [], "0.0.0.0:80", true],
  ];
  for (const [allow, deny, text, ok] of requests) {
    const given = [...allow.map((rule) => `allow ${rule}`), ...deny.map((rule) => `deny ${rule}`)].join(", ");
    it(`${given}: a request to ${text} is ${ok ? "allowed" : "denied"}`, () => {
      const to = destinationOf(text, false);
      assert.ok(to !== undefined);
      const { policy: judge } = policy(nothing, allow, deny);
      const allowed =
        to.host.tag === "domain"
          ? judge.allowsRequest(to.host.name, to.port) &&
            judge.allowsRequestTo(to.host.name, v4(`192.0.2.1:${to.port}`))
          : judge.allowsRequestTo(undefined, socketAddressOf(to.host.address, to.port));
      assert.equal(allowed, ok);
    });
  }

  it("a request to a name is judged by its address too", () => {
    const cases: [allow: string[], deny: string[], name: string, address: string, ok: boolean][] = [
      [[], ["10.0.0.0/8"], "example.com", "10.1.2.3:80", false],
      [[], ["10.0.0.0/8"], "example.com", "11.1.2.3:80", true],
      [[], ["listen:10.0.0.0/8", "udp:10.0.0.0/8", "10.0.0.0/8:81"], "example.com", "10.1.2.3:80", true],
      [["example.com"], [], "example.com", "10.1.2.3:80", true],
      [["example.com"], ["10.0.0.0/8"], "example.com", "10.1.2.3:80", false],
      [["10.0.0.0/8", "dns:*"], [], "example.com", "10.1.2.3:80", true],
      [["10.0.0.0/8", "dns:*"], [], "example.com", "11.1.2.3:80", false],
      [["example.com:81"], [], "example.com", "10.1.2.3:80", false],
      // The name that is denied has this address, whatever else has it, too.
      [[], ["denied.example"], "other.example", "10.9.9.9:80", false],
      [["other.example"], ["denied.example"], "other.example", "10.9.9.9:80", false],
      [["*"], [], "example.com", "0.0.0.0:80", false],
    ];
    for (const [allow, deny, name, address, ok] of cases) {
      const { policy: judge } = policy(nothing, allow, deny);
      judge.learn("denied.example", parseIp("10.9.9.9")!);
      assert.equal(judge.allowsRequestTo(name, v4(address)), ok, `${allow} ${deny}: ${name} at ${address}`);
    }
  });

  const lookups: [allow: string[], deny: string[], name: string, ok: boolean][] = [
    [["*.example.com:443"], [], "api.example.com", true],
    [["*.example.com:443"], [], "example.org", false],
    [["dns:*"], ["bad.example.com"], "bad.example.com", false],
    [["dns:*"], ["dns:bad.example.com"], "bad.example.com", false],
    [["*"], [], "example.com", true],
    [["*:443", "connect:*", "10.0.0.0/8"], [], "example.com", false],
    [["*"], ["dns:*"], "example.com", false],
    [["dns:*"], ["*"], "example.com", false],
    [["dns:*"], ["*:*"], "example.com", false],
    // A rule for a port or a use says nothing of look-ups.
    [["dns:*"], ["*:25"], "example.com", true],
    [["dns:*"], ["example.com:25", "udp:example.com", "connect:*", "10.0.0.0/8"], "example.com", true],
  ];
  for (const [allow, deny, name, ok] of lookups) {
    it(`allow [${allow.join(", ")}], deny [${deny.join(", ")}]: the look-up of ${name} is ${ok ? "allowed" : "denied"}`, () => {
      assert.equal(policy(nothing, allow, deny).policy.allowsLookup(name), ok);
    });
  }

  it("says which rule refused, or which option is missing", () => {
    const ruled = policy(nothing, ["10.0.0.0/8"], ["*:22"]);
    ruled.policy.allows(v4("10.0.0.1:22"), "tcp-connect");
    ruled.policy.allows(v4("11.0.0.1:80"), "tcp-connect");
    ruled.policy.allowsLookup("example.com");
    ruled.policy.allowsRequestTo(undefined, v4("0.0.0.0:80"));
    assert.deepEqual(ruled.refusals, [
      "tcp-connect 10.0.0.1:22: --deny-net *:22",
      "tcp-connect 11.0.0.1:80: no --allow-net rule allows it",
      "look-up of example.com: neither -Sallow-ip-name-lookup nor an --allow-net rule allows it",
      "request to 0.0.0.0:80: not the address of a host",
    ]);
    const bare = policy({ ...nothing, udp: false }, [], ["*:22"]);
    assert.deepEqual([bare.policy.tcp, bare.policy.udp], [false, false]);
    bare.policy.allows(v4("11.0.0.1:80"), "tcp-bind");
    bare.policy.allowsLookup(undefined);
    assert.deepEqual(bare.refusals, [
      "create-tcp-socket: neither -Stcp, -Sinherit-network nor an --allow-net rule allows it",
      "create-udp-socket: -Sudp=n",
      "tcp-bind 11.0.0.1:80: neither -Sinherit-network nor an --allow-net rule allows it",
      "look-up of names: neither -Sallow-ip-name-lookup nor an --allow-net rule allows it",
    ]);
  });

  it("tells of the same refusal once in a row, whatever the peer's port", () => {
    const { policy: denying, refusals } = policy(everything, [], ["10.0.0.0/8"]);
    for (const to of ["10.0.0.1:1", "10.0.0.1:2", "10.0.0.2:1"]) denying.allows(v4(to), "tcp-accept");
    assert.deepEqual(refusals, [
      "tcp-accept 10.0.0.1: --deny-net 10.0.0.0/8",
      "tcp-accept 10.0.0.2: --deny-net 10.0.0.0/8",
    ]);
  });

  it("need not be asked about peers where no rule is about them", () => {
    const screens = (options: NetworkOptions, allow: string[], deny: string[]) => {
      const { screensAccept, screensReceive } = policy(options, allow, deny).policy;
      return [screensAccept, screensReceive];
    };
    assert.deepEqual(screens(everything, [], []), [false, false]);
    assert.deepEqual(screens(everything, [], ["connect:*", "listen:*", "dns:*"]), [false, false]);
    assert.deepEqual(screens(everything, [], ["accept:10.0.0.1"]), [true, false]);
    assert.deepEqual(screens(everything, [], ["udp:10.0.0.1"]), [false, true]);
    assert.deepEqual(screens(nothing, ["127.0.0.1:80"], []), [false, true]);
    assert.deepEqual(screens(nothing, ["accept:127.0.0.1"], []), [true, true]);
  });

  it("a rule by name applies to the addresses that the look-up gave, and to no others", () => {
    const { policy: named } = policy(nothing, ["*.example.com:443"], []);
    assert.equal(named.allows(v4("9.9.9.9:443"), "tcp-connect"), false);
    named.learn("api.example.com", { tag: "ipv4", val: [9, 9, 9, 9] });
    assert.equal(named.allows(v4("9.9.9.9:443"), "tcp-connect"), true);
    assert.equal(named.allows(v4("9.9.9.9:80"), "tcp-connect"), false);
    assert.equal(named.allows(v4("9.9.9.8:443"), "tcp-connect"), false);
  });

  it("a denied name is denied by its addresses, and says which are to be learned", () => {
    const rules = [
      "bad.example.com",
      "connect:worse.example.com:80",
      "dns:fine.example.com",
      "*.example.org",
      "10.0.0.0/8",
    ];
    const { policy: denying } = policy(nothing, ["*"], rules);
    assert.deepEqual(denying.deniedNames, ["bad.example.com", "worse.example.com"]);
    denying.learn("bad.example.com", { tag: "ipv4", val: [9, 9, 9, 9] });
    denying.learn("worse.example.com", { tag: "ipv4", val: [8, 8, 8, 8] });
    assert.equal(denying.allows(v4("9.9.9.9:443"), "tcp-connect"), false);
    assert.equal(denying.allows(v4("9.9.9.9:443"), "udp-send"), false);
    assert.equal(denying.allows(v4("8.8.8.8:80"), "tcp-connect"), false);
    assert.equal(denying.allows(v4("8.8.8.8:443"), "tcp-connect"), true);
    assert.equal(denying.allowsRequestTo(undefined, v4("9.9.9.9:80")), false);
  });

  it("a dns rule allows the look-up alone", () => {
    const { policy: named } = policy(nothing, ["dns:*.internal"], []);
    assert.equal(named.allowsLookup("db.internal"), true);
    named.learn("db.internal", { tag: "ipv4", val: [9, 9, 9, 9] });
    assert.equal(named.allows(v4("9.9.9.9:443"), "tcp-connect"), false);
  });

  const address = (i: number) => `1.1.${i >> 8}.${i & 0xff}:80`;
  const learnMany = (from: NetworkPolicy, count: number) => {
    for (let i = 0; i < count; i++) from.learn(`n${i}.example.com`, { tag: "ipv4", val: [1, 1, i >> 8, i & 0xff] });
  };

  it("keeps a bounded number of addresses for an allowed name: the oldest makes room", () => {
    const { policy: named } = policy(nothing, ["*.example.com:80", "*.example.org:80"], []);
    named.learn("a.example.org", { tag: "ipv4", val: [9, 9, 9, 9] });
    learnMany(named, MOST_LEARNED);
    assert.equal(named.allows(v4(address(0)), "tcp-connect"), true);
    named.learn("again.example.com", { tag: "ipv4", val: [1, 1, 0, 0] });
    learnMany(named, 1);
    named.learn("new.example.com", { tag: "ipv4", val: [2, 2, 2, 2] });
    assert.equal(named.allows(v4(address(0)), "tcp-connect"), true, "asked for again, it is new");
    assert.equal(named.allows(v4(address(1)), "tcp-connect"), false);
    assert.equal(named.allows(v4("9.9.9.9:80"), "tcp-connect"), true, "each rule has its own");
  });

  it("forgets no denied address: a rule that can learn no more lets no such name be looked up", () => {
    const { policy: denying } = policy({ ...everything, allowIpNameLookup: true }, [], ["*.example.com:80"]);
    learnMany(denying, MOST_LEARNED - 1);
    assert.equal(denying.allowsLookup("a.example.com"), true);
    learnMany(denying, MOST_LEARNED + 5);
    assert.equal(denying.allowsLookup("a.example.com"), false);
    assert.equal(denying.allowsLookup("a.example.org"), true);
    for (const i of [0, MOST_LEARNED + 4]) assert.equal(denying.allows(v4(address(i)), "tcp-connect"), false);
  });

  it("-S tcp=n wins over allow rules", () => {
    assert.equal(policy({ ...nothing, tcp: false }, ["*"], []).policy.tcp, false);
    assert.equal(policy(nothing, ["*"], []).policy.tcp, true);
    assert.equal(policy(nothing, [], ["*"]).policy.tcp, false);
  });
});
