import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseNetRule } from "../../../../src/core/policy/net-rule.ts";
import { networkPolicy } from "../../../../src/core/policy/network-policy.ts";
import { Condition } from "../../../../src/core/wait/condition.ts";
import { PollList } from "../../../../src/core/wait/poll-list.ts";
import { formatIp } from "../../../../src/machine/ip.ts";
import { ResolveAddressStream } from "../../../../src/wasi/p2/sockets/resolve-address-stream.ts";
import { context, ok, until } from "../../../core/sockets/sockets.ts";
import { eachSelector } from "../../../machine.ts";
import { block } from "./sockets.ts";

await eachSelector((name, machine) => {
  const cx = context(machine);

  function all(stream: ResolveAddressStream): string[] {
    const found: string[] = [];
    for (;;) {
      block(cx, stream.subscribe());
      const next = ok(stream.resolveNextAddress());
      if (next === undefined) return found;
      found.push(formatIp(next));
    }
  }

  describe(`name look-up over ${name}`, () => {
    it("a literal is its own answer, at once", () => {
      const stream = ok(ResolveAddressStream.resolve(cx, "127.0.0.1"));
      assert.deepEqual(stream.resolveNextAddress(), { tag: "ipv4", val: [127, 0, 0, 1] });
      assert.equal(stream.resolveNextAddress(), undefined);
      assert.equal(stream.resolveNextAddress(), undefined);
      stream[Symbol.dispose]();
    });

    it("localhost resolves, while timers in the same wait go on", () => {
      const stream = ok(ResolveAddressStream.resolve(cx, "localhost"));
      cx.poll.poll(PollList.of(stream.subscribe().condition, Condition.timer(machine.now() + 1e6)));
      assert.ok(
        all(ok(ResolveAddressStream.resolve(cx, "localhost"))).some((ip) => ip === "127.0.0.1" || ip === "::1"),
      );
    });

    it("many have their answers in the end, though none is taken before", () => {
      const streams = Array.from({ length: 30 }, () => ok(ResolveAddressStream.resolve(cx, "localhost")));
      const list = PollList.of(...streams.map((stream) => stream.subscribe().condition));
      until(machine, () => cx.poll.poll(list) === streams.length);
      for (const stream of streams) assert.ok(all(stream).length > 0);
    });

    it("what cannot be resolved is name-unresolvable, every time", () => {
      // Its label is too long (RFC 1035, 2.3.4): no name server is asked, which might be out of reach.
      const stream = ok(ResolveAddressStream.resolve(cx, `${"a".repeat(64)}.example`));
      block(cx, stream.subscribe());
      assert.equal(stream.resolveNextAddress(), "name-unresolvable");
      assert.equal(stream.resolveNextAddress(), "name-unresolvable");
      stream[Symbol.dispose]();
    });

    it("one that is dropped before its answer is forgotten", () => {
      for (let i = 0; i < 5; i++) ok(ResolveAddressStream.resolve(cx, "localhost"))[Symbol.dispose]();
      assert.ok(all(ok(ResolveAddressStream.resolve(cx, "localhost"))).length > 0);
    });

    it("without permission nothing is looked up, not even a literal or what is no name", () => {
      const denied = networkPolicy({ inheritNetwork: true, tcp: undefined, udp: undefined, allowIpNameLookup: false });
      for (const text of ["127.0.0.1", "localhost", ""])
        assert.equal(ResolveAddressStream.resolve(context(machine, denied), text), "permanent-resolver-failure");
    });

    it("a rule by name opens what the look-up gave, and nothing before", () => {
      const options = { inheritNetwork: false, tcp: undefined, udp: undefined, allowIpNameLookup: false };
      const rules = { allow: [parseNetRule("localhost:80")], deny: [] };
      const ruled = context(machine, networkPolicy(options, rules));
      const address = { tag: "ipv4", val: { port: 80, address: [127, 0, 0, 1] } } as const;
      assert.equal(ruled.policy.allows(address, "tcp-connect"), false);
      assert.equal(ResolveAddressStream.resolve(ruled, "example.com"), "permanent-resolver-failure");
      const stream = ok(ResolveAddressStream.resolve(ruled, "localhost"));
      const found = all(stream);
      assert.equal(ruled.policy.allows(address, "tcp-connect"), found.includes("127.0.0.1"));
    });
  });
});
