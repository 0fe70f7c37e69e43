import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type ErrorCode,
  type IpAddress,
  type LookupHandle,
  type Machine,
  READABLE,
} from "../../src/adapters/contract.ts";
import { close, encode, look, ok, pair, sendAll, wait } from "./sockets.ts";

/** A name that getaddrinfo refuses without asking anybody: its label is too long (RFC 1035, 2.3.4). */
const IMPOSSIBLE = `${"a".repeat(64)}.example`;

/** What every machine's look-ups must do: the contract of LookupHandle. */
export function testLookup(name: string, machine: Machine): void {
  function answer(handle: LookupHandle): readonly IpAddress[] | ErrorCode {
    wait(machine, handle.source, READABLE);
    return handle.addresses();
  }

  function resolve(host: string): readonly IpAddress[] | ErrorCode {
    const handle = ok(machine.net.lookup(host));
    const addresses = answer(handle);
    close(machine, handle);
    return addresses;
  }

  describe(`look-up on ${name}`, () => {
    it("finds localhost on the loopback, each address once", () => {
      const addresses = ok(resolve("localhost"));
      const texts = addresses.map(({ val }) => val.join("."));
      assert.equal(new Set(texts).size, texts.length);
      assert.ok(texts.includes("127.0.0.1") || texts.includes("0.0.0.0.0.0.0.1"), texts.join(" "));
    });

    const literals: readonly (readonly [string, IpAddress])[] = [
      ["127.0.0.2", { tag: "ipv4", val: [127, 0, 0, 2] }],
      ["2001:db8::ffff:1", { tag: "ipv6", val: [0x2001, 0xdb8, 0, 0, 0, 0, 0xffff, 1] }],
      ["::ffff:10.20.30.40", { tag: "ipv4", val: [10, 20, 30, 40] }],
    ];
    for (const [text, address] of literals) {
      it(`reads ${text}`, () => assert.deepEqual(resolve(text), [address]));
    }

    for (const impossible of [IMPOSSIBLE, "a".repeat(5000), ""]) {
      it(`says that a name of ${impossible.length} letters cannot be resolved`, () => {
        const handle = machine.net.lookup(impossible);
        assert.equal(typeof handle === "string" ? handle : answer(handle), "name-unresolvable");
        if (typeof handle !== "string") close(machine, handle);
      });
    }

    it("keeps its answer, and stays ready", () => {
      const handle = ok(machine.net.lookup("127.0.0.1"));
      assert.deepEqual(answer(handle), answer(handle));
      assert.equal(look(machine, handle.source, READABLE), READABLE);
      close(machine, handle);
    });

    it("runs many at once, and mixes no answers up", () => {
      const handles = Array.from({ length: 100 }, (_, i) => ok(machine.net.lookup(`10.0.0.${i}`)));
      handles.forEach((handle, i) => {
        assert.deepEqual(answer(handle), [{ tag: "ipv4", val: [10, 0, 0, i] }]);
        close(machine, handle);
      });
    });

    it("drops the answers of look-ups that were closed", () => {
      for (let i = 0; i < 100; i++) close(machine, ok(machine.net.lookup(i % 2 === 0 ? "localhost" : IMPOSSIBLE)));
      assert.deepEqual(resolve("127.0.0.1"), [{ tag: "ipv4", val: [127, 0, 0, 1] }]);
    });

    it("leaves no descriptors behind", () => {
      const ids = Array.from({ length: 200 }, () => {
        const handle = ok(machine.net.lookup("localhost"));
        assert.notEqual(answer(handle), "would-block");
        close(machine, handle);
        return handle.source.id;
      });
      assert.ok(Math.max(...ids) - Math.min(...ids) < 20, `${Math.min(...ids)} to ${Math.max(...ids)}`);
    });

    it("is waited for beside a socket", () => {
      const { client, server, close: closePair } = pair(machine);
      const handle = ok(machine.net.lookup("localhost"));
      sendAll(machine, client, encode("x"));
      machine.selector.setInterest(server.source, READABLE);
      wait(machine, handle.source, READABLE);
      wait(machine, server.source, READABLE);
      close(machine, handle);
      closePair();
    });
  });
}
