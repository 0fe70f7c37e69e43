/**
 * Guests that replay the order of calls of the libraries that guests are built on (tests/guests/replay): client and server in
 * one.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventedHosts, guestFile, hosts, run } from "./host.ts";

const flags = ["-Sinherit-network", "-Sallow-ip-name-lookup"];

/** Runtimes' own sockets have no hop limit, which rust-std asks for. */
const noHopLimit = /^replay\/rust-std\.c:67: .*set_hop_limit.*$/m;

for (const host of [...hosts, ...eventedHosts]) {
  const evented = eventedHosts.includes(host);
  describe(`the calls of libraries on ${host.name}`, { skip: host.skip }, () => {
    for (const library of ["wasi-libc", "rust-std", "mio", "tokio", "wstd", "tinygo"]) {
      it(library, async () => {
        const { status, stdout, stderr } = await run(host, guestFile(`replay/${library}`), { flags });
        if (evented && library === "rust-std") {
          assert.match(stderr, noHopLimit);
          return;
        }
        assert.deepEqual([stderr, status], ["", 0]);
        assert.match(stdout.toString(), /^\d+ checks\n$/);
      });
    }
  });
}
