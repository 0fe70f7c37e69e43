/** The behaviour guests on libc's sockets, and those that somebody has to talk to. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { describe, it } from "node:test";
import { behaviourSuite } from "./behaviour-suite.ts";
import { assertError } from "./check.ts";
import { Client } from "./client.ts";
import { eventedHosts, guestFile, NETWORK, portOf, run, start, waitingHosts } from "./host.ts";

const FULL = "/dev/full";

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

behaviourSuite(waitingHosts);

for (const host of [...waitingHosts, ...eventedHosts]) {
  describe(`behaviour on ${host.name}: what ends early, or late`, { skip: host.skip }, () => {
    it("scope", { skip: linkLocal === undefined && "this machine has no link-local address" }, async () => {
      assert.ok(linkLocal !== undefined);
      const args = [`[${linkLocal.address}]:0`, String(linkLocal.scopeid)];
      const { status, stdout, stderr } = await run(host, guestFile("behaviour/scope"), { flags: NETWORK, args });
      if (host.evented === true) {
        assert.match(stderr, /^behaviour\/scope\.c:17: .*: invalid-argument, expected address-not-bindable\nError: /);
        return;
      }
      assert.deepEqual([stderr, status], ["", 0]);
      assert.match(stdout.toString(), /^\d+ checks\n$/);
    });

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
      const client = await Client.dial(await portOf(guest));
      await client.send("x");
      assert.equal((await client.read(1)).toString(), "x");
      client.reset();
      const { status, stdout, stderr } = await guest.outcome();
      assert.equal(stderr, "");
      assert.match(stdout.toString(), /^\d+ checks$/m);
      assert.equal(status, 0);
    });

    it("stream-ends: a stderr without room fails once, then is closed", { skip: !existsSync(FULL) }, () => {
      const [program = "", ...args] = [...host.command, "run", ...(host.flags ?? [])];
      const full = openSync(FULL, "w");
      const { status, stdout } = spawnSync(program, [...args, guestFile("behaviour/stream-ends"), "stderr"], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", full],
      });
      closeSync(full);
      assert.deepEqual({ status, stdout }, { status: 0, stdout: "40 checks\n" });
    });

    for (const [name, message] of Object.entries(traps)) {
      it(`${name} ends the guest`, async () => {
        const outcome = await run(host, guestFile("behaviour/tcp-traps"), { flags: NETWORK, args: [name] });
        assertError(outcome, 1, `\n    2: ${message}\n\n`);
      });
    }
  });
}
