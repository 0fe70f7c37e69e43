/**
 * Guests that check their host from inside (tests/guests/behaviour). They pass on wasmtime 48.0.8 too, save for one check of
 * poll, which is exact here.
 */
import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { describe, it } from "node:test";
import { assertError } from "./check.ts";
import { Client } from "./client.ts";
import { eventedHosts, guestFile, NETWORK, run, start, waitingHosts } from "./host.ts";

/** Each prints `N checks`, and on stderr a line for each that failed. */
const topics: Readonly<Record<string, { readonly input?: string }>> = {
  "tcp-bind": {},
  "tcp-connect": {},
  "tcp-listen": {},
  "tcp-options": {},
  "tcp-streams": {},
  "tcp-shutdown": {},
  "tcp-queue": {},
  poll: {},
  clocks: {},
  stdio: { input: "0123456789" },
};

/** The cases of tcp-traps, each ended by its host with that message. */
const traps: Readonly<Record<string, string>> = {
  "write-without-permit": "not permitted to write 1 bytes",
  "write-beyond-permit": "not permitted to write 65537 bytes",
  "write-twice-on-one-permit": "not permitted to write 1 bytes",
  "write-while-writing": "not permitted to write 1 bytes",
  "write-nothing-while-writing": "not permitted to write 0 bytes",
  "zeroes-while-writing": "cannot write more zeroes than `check_write` allows",
  "write-while-closing": "not permitted to write 1 bytes",
  "zeroes-beyond-permit": "cannot write more zeroes than `check_write` allows",
  "socket-before-input": "resource has children",
  "socket-before-output": "resource has children",
  "input-before-pollable": "resource has children",
  "output-before-pollable": "resource has children",
};

/** An address of this machine's that needs a scope. */
const linkLocal = Object.values(networkInterfaces())
  .flat()
  .filter((each) => each?.family === "IPv6")
  .find(({ address }) => address.startsWith("fe80:"));

for (const host of waitingHosts) {
  describe(`behaviour on ${host.name}`, { skip: host.skip }, () => {
    for (const [topic, { input = "" }] of Object.entries(topics)) {
      it(topic, async () => {
        const { status, stdout, stderr } = await run(host, guestFile(`behaviour/${topic}`), { flags: NETWORK, input });
        assert.equal(stderr, "");
        assert.match(stdout.toString(), /^\d+ checks\n$/);
        assert.equal(status, 0);
      });
    }

    it("scope", { skip: linkLocal === undefined && "this machine has no link-local address" }, async () => {
      assert.ok(linkLocal !== undefined);
      const args = [`[${linkLocal.address}]:0`, String(linkLocal.scopeid)];
      const { status, stdout, stderr } = await run(host, guestFile("behaviour/scope"), { flags: NETWORK, args });
      assert.deepEqual([stderr, status], ["", 0]);
      assert.match(stdout.toString(), /^\d+ checks\n$/);
    });
  });
}

for (const host of [...waitingHosts, ...eventedHosts]) {
  describe(`behaviour on ${host.name}: what ends early, or late`, { skip: host.skip }, () => {
    it("poll-kinds: stdin, a socket, a timer and a look-up in one list", async () => {
      const flags = [...NETWORK, "-Sallow-ip-name-lookup"];
      await using guest = start(host, guestFile("behaviour/poll-kinds"), { flags });
      await guest.waitFor(/^stdin is left$/m);
      guest.input("x");
      const { status, stdout, stderr } = await guest.outcome();
      assert.deepEqual([stderr, status], ["", 0]);
      assert.match(stdout.toString(), /^\d+ checks$/m);
    });

    it("tcp-reset", async () => {
      await using guest = start(host, guestFile("behaviour/tcp-reset"), { flags: NETWORK });
      const [, port] = await guest.waitFor(/^listening on 127\.0\.0\.1:(\d+)$/m);
      const client = await Client.dial(Number(port));
      await client.send("x");
      assert.equal((await client.read(1)).toString(), "x");
      client.reset();
      const { status, stdout, stderr } = await guest.outcome();
      assert.equal(stderr, "");
      assert.match(stdout.toString(), /^\d+ checks$/m);
      assert.equal(status, 0);
    });

    for (const [name, message] of Object.entries(traps)) {
      it(`${name} ends the guest`, async () => {
        const outcome = await run(host, guestFile("behaviour/tcp-traps"), { flags: NETWORK, args: [name] });
        assertError(outcome, 1, `\n    2: ${message}\n\n`);
      });
    }
  });
}
