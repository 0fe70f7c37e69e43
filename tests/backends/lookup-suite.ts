import assert from "node:assert/strict";
import { describe } from "node:test";
import { Condition } from "../../src/core/wait/condition.ts";
import type { IpAddress } from "../../src/machine/address.ts";
import type { ErrorCode } from "../../src/machine/error-code.ts";
import { READABLE } from "../../src/machine/selector.ts";
import type { LookupHandle } from "../../src/machine/sockets.ts";
import type { Backend } from "./backend.ts";
import { close, encode, look, ok, pair, sendAll, wait } from "./sockets.ts";

/** A name that getaddrinfo refuses without asking anybody: its label is too long (RFC 1035, 2.3.4). */
const IMPOSSIBLE = `${"a".repeat(64)}.example`;

/** What every machine's look-ups must do: the contract of LookupHandle. */
export function testLookup(backend: Backend): void {
  const { name, machine, poll, it } = backend;
  async function answer(handle: LookupHandle): Promise<readonly IpAddress[] | ErrorCode> {
    await wait(backend, handle.source, READABLE);
    return handle.addresses();
  }

  async function resolve(host: string): Promise<readonly IpAddress[] | ErrorCode> {
    const handle = ok(machine.net.lookup(host));
    const addresses = await answer(handle);
    close(backend, handle);
    return addresses;
  }

  describe(`look-up on ${name}`, () => {
    it("finds localhost on the loopback, each address once", async () => {
      const addresses = ok(await resolve("localhost"));
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
      it(`reads ${text}`, async () => assert.deepEqual(await resolve(text), [address]));
    }

    for (const impossible of [IMPOSSIBLE, "a".repeat(5000), ""]) {
      it(`says that a name of ${impossible.length} letters cannot be resolved`, async () => {
        const handle = machine.net.lookup(impossible);
        assert.equal(typeof handle === "string" ? handle : await answer(handle), "name-unresolvable");
        if (typeof handle !== "string") close(backend, handle);
      });
    }

    it("keeps its answer, and stays ready", async () => {
      const handle = ok(machine.net.lookup("127.0.0.1"));
      assert.deepEqual(await answer(handle), await answer(handle));
      assert.equal((await look(backend, handle.source, READABLE)) & READABLE, READABLE);
      close(backend, handle);
    });

    it("runs many at once, and mixes no answers up", async () => {
      const handles = Array.from({ length: 100 }, (_, i) => ok(machine.net.lookup(`10.0.0.${i}`)));
      for (const [i, handle] of handles.entries()) {
        assert.deepEqual(await answer(handle), [{ tag: "ipv4", val: [10, 0, 0, i] }]);
        close(backend, handle);
      }
    });

    it("drops the answers of look-ups that were closed", async () => {
      for (let i = 0; i < 100; i++) close(backend, ok(machine.net.lookup(i % 2 === 0 ? "localhost" : IMPOSSIBLE)));
      assert.deepEqual(await resolve("127.0.0.1"), [{ tag: "ipv4", val: [127, 0, 0, 1] }]);
    });

    for (const [what, keeps] of [
      ["the others are asked for nothing", true],
      ["the others are closed", false],
    ] as const) {
      it(`is waited for where ${what}, however many were begun before it`, async () => {
        for (let round = 0; round < 20; round++) {
          const others = Array.from({ length: 60 }, () => ok(machine.net.lookup("localhost")));
          const last = ok(machine.net.lookup("127.0.0.3"));
          if (!keeps) for (const other of others) close(backend, other);
          await poll.block(Condition.source(last.source, READABLE));
          assert.deepEqual(last.addresses(), [{ tag: "ipv4", val: [127, 0, 0, 3] }]);
          poll.close(last);
          if (keeps) for (const other of others) poll.close(other);
        }
      });
    }

    it("is waited for beside a socket", async () => {
      const { client, server, close: closePair } = await pair(backend);
      const handle = ok(machine.net.lookup("localhost"));
      await sendAll(backend, client, encode("x"));
      machine.selector.setInterest(server.source, READABLE);
      await wait(backend, handle.source, READABLE);
      await wait(backend, server.source, READABLE);
      close(backend, handle);
      closePair();
    });
  });
}
