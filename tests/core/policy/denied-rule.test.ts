/** The rule that comes with a refusal: it allows what was refused, and no other port. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type NetRule, parseNetRule } from "../../../src/core/policy/net-rule.ts";
import type { NetworkPolicy } from "../../../src/core/policy/network.ts";
import { guestPolicy } from "../../../src/core/policy/network-policy.ts";
import type { AddressUse } from "../../../src/core/policy/refusal.ts";
import { ruleFor } from "../../../src/core/policy/refusal.ts";
import type { IpSocketAddress } from "../../../src/machine/address.ts";
import { socketAddressOf } from "../../../src/machine/ip.ts";

const octet = fc.nat(255);
const word = fc.nat(0xffff);
const port = fc.integer({ min: 0, max: 65535 });
const address: fc.Arbitrary<IpSocketAddress> = fc.oneof(
  fc
    .tuple(fc.tuple(octet, octet, octet, octet), port)
    .map(([val, port]) => socketAddressOf({ tag: "ipv4", val }, port)),
  fc
    .tuple(fc.tuple(word, word, word, word, word, word, word, word), port)
    .map(([val, port]) => socketAddressOf({ tag: "ipv6", val }, port)),
);
const use = fc.constantFrom<AddressUse>("tcp-bind", "tcp-listen", "tcp-connect", "udp-bind", "udp-send");
const elsewhere = parseNetRule("nowhere.example:1");

function policy(allow: readonly NetRule[], onDenied?: (rule: string | undefined) => void): NetworkPolicy {
  return guestPolicy({
    inheritNetwork: false,
    tcp: true,
    udp: true,
    allowIpNameLookup: false,
    networkErrorCode: false,
    rules: { allow, deny: [] },
    ...(onDenied && { onRefusal: ({ use }) => onDenied(ruleFor(use)) }),
  });
}

/** Has it refused, and allowed by the rule that comes with that. */
function refusedThenAllowed(ask: (policy: NetworkPolicy) => boolean): NetRule {
  const told: (string | undefined)[] = [];
  assert.equal(ask(policy([elsewhere], (rule) => told.push(rule))), false);
  const [text] = told;
  assert.ok(text !== undefined);
  const rule = parseNetRule(text);
  assert.equal(ask(policy([rule])), true, text);
  return rule;
}

describe("the rule that would have allowed it", () => {
  it("of an address", () => {
    fc.assert(
      fc.property(address, use, (to, how) => {
        const { ports } = refusedThenAllowed((policy) => policy.allows(to, how));
        const all = to.val.port === 0;
        assert.deepEqual(ports, all ? { low: 0, high: 65535 } : { low: to.val.port, high: to.val.port });
      }),
    );
  });

  it("of a name", () => {
    refusedThenAllowed((policy) => policy.allowsLookup("example.com"));
    refusedThenAllowed((policy) => policy.allowsRequest("example.com", 443));
    refusedThenAllowed((policy) => policy.allowsRequest("example.com.", 443));
  });

  it("of the address of a request", () => {
    const to = socketAddressOf({ tag: "ipv4", val: [10, 0, 0, 1] }, 443);
    refusedThenAllowed((policy) => policy.allowsRequestTo(undefined, to));
    refusedThenAllowed((policy) => policy.allowsRequestTo("example.com", to));
  });

  it("is none for the look-up of any name, and for making a socket", () => {
    const told: (string | undefined)[] = [];
    policy([parseNetRule("10.0.0.1")], (rule) => told.push(rule)).allowsLookup(undefined);
    assert.deepEqual(told, [undefined]);
  });
});
