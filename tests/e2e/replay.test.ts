/**
 * Guests that replay the order of calls of the libraries that guests are built on
 * (tests/guests/replay): client and server in one.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventedHosts, guestFile, hosts, run } from "./host.ts";

const flags = ["-Sinherit-network", "-Sallow-ip-name-lookup"];

/** Runtimes' own sockets have no hop limit, and a closed listener of Deno's resets a peer or two before its port is free. */
const noHopLimit = /^replay\/rust-std\.c:67: .*set_hop_limit.*$/m;
const resets = /^replay\/\S+\.c:\d+: .*(connection-reset, expected connection-refused|== expected)$/m;
const different: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  "bun, evented": { "rust-std": noHopLimit },
  "binary, evented": { "rust-std": noHopLimit },
  "node, evented": { "rust-std": noHopLimit },
  "deno, evented": { "rust-std": noHopLimit, "wasi-libc": resets, mio: resets, wstd: resets, tinygo: resets },
};

for (const host of [...hosts, ...eventedHosts]) {
  describe(`the calls of libraries on ${host.name}`, { skip: host.skip }, () => {
    for (const library of ["wasi-libc", "rust-std", "mio", "tokio", "wstd", "tinygo"]) {
      it(library, async () => {
        const { status, stdout, stderr } = await run(host, guestFile(`replay/${library}`), { flags });
        const difference = different[host.name]?.[library];
        if (difference !== undefined) {
          assert.match(stderr, difference);
          return;
        }
        assert.deepEqual([stderr, status], ["", 0]);
        assert.match(stdout.toString(), /^\d+ checks\n$/);
      });
    }
  });
}
