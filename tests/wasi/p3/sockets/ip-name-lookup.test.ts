import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseNetRule } from "../../../../src/core/policy/net-rule.ts";
import { networkPolicy } from "../../../../src/core/policy/network-policy.ts";
import type { Blocking } from "../../../../src/core/wait/poll.ts";
import type { IpAddress } from "../../../../src/machine/address.ts";
import { formatIp } from "../../../../src/machine/ip.ts";
import { socketsImports } from "../../../../src/wasi/p3/sockets/imports.ts";
import { callOf, eachSetting, hostOf, together } from "../host.ts";
import { outcome, socketsOf } from "./sockets.ts";

await eachSetting((setting) => {
  const { resolve } = socketsOf(setting);
  const start = (name: string) =>
    callOf(socketsImports(hostOf(setting)))("wasi:sockets/ip-name-lookup", "resolve-addresses", name) as Blocking<
      readonly IpAddress[]
    >;

  describe(`name look-up in 0.3 on ${setting.name}`, () => {
    const literals: readonly (readonly [string, string])[] = [
      ["127.0.0.1", "127.0.0.1"],
      ["::1", "::1"],
      ["[::1]", "::1"],
      ["0x7f.1", "127.0.0.1"],
      // Never an IPv4-mapped address.
      ["::ffff:1.2.3.4", "1.2.3.4"],
    ];
    for (const [name, address] of literals)
      it(`${name} is ${address}, at once`, () => {
        const step = start(name).next();
        assert.ok(step.done === true);
        assert.deepEqual(step.value.map(formatIp), [address]);
      });

    it("localhost has an address, and many look-ups at once have theirs", async () => {
      const answers = await together(setting, ...Array.from({ length: 20 }, () => start("localhost")));
      for (const answer of answers) {
        assert.ok(answer.length > 0);
        assert.ok(answer.every((address) => ["127.0.0.1", "::1"].includes(formatIp(address))));
      }
    });

    const failures: readonly (readonly [string, string])[] = [
      ["a b", "invalid-argument"],
      ["", "invalid-argument"],
      ["a:1", "invalid-argument"],
      // Its label is too long (RFC 1035, 2.3.4): no name server is asked, which might be out of reach.
      [`${"a".repeat(64)}.example`, "name-unresolvable"],
    ];
    for (const [name, code] of failures)
      it(`${JSON.stringify(name.slice(0, 10))} is ${code}`, async () => {
        assert.equal(await outcome(() => resolve(name)), code);
      });

    it("one that is cancelled is forgotten", async () => {
      for (let i = 0; i < 5; i++) {
        const lookup = start("localhost");
        lookup.next();
        lookup.return([]);
      }
      await resolve("localhost");
    });

    it("must be allowed, even for addresses; by rule, too", async () => {
      const none = { inheritNetwork: true, tcp: undefined, udp: undefined, allowIpNameLookup: false };
      const guest = socketsOf(setting, { policy: networkPolicy(none) });
      for (const name of ["127.0.0.1", "localhost"])
        assert.equal(await outcome(() => guest.resolve(name)), "permanent-resolver-failure");
      const rules = { allow: [parseNetRule("dns:localhost")], deny: [] };
      const ruled = socketsOf(setting, { policy: networkPolicy(none, rules) });
      await ruled.resolve("localhost");
      assert.equal(await outcome(() => ruled.resolve("other.example")), "permanent-resolver-failure");
    });
  });
});
