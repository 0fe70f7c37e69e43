/** What -S allows a guest that tries everything (tests/guests/policy.c), as wasmtime 48.0.8 answers it. */
import assert from "node:assert/strict";
import type { Server } from "node:net";
import { after, before, describe, it } from "node:test";
import { listen } from "./client.ts";
import { eventedHosts, guestFile, hosts, run } from "./host.ts";

const tcpAllowed = [
  "create-tcp-socket: ok",
  "tcp start-bind: ok",
  "tcp finish-bind: ok",
  "tcp start-listen: ok",
  "tcp finish-listen: ok",
  "tcp start-connect: ok",
  "tcp finish-connect: ok",
];
const tcpDenied = ["create-tcp-socket: access-denied"];
const udpAllowed = ["create-udp-socket: ok", "udp start-bind: ok", "udp finish-bind: ok"];
const udpDenied = ["create-udp-socket: access-denied"];
const noLookup = ["resolve-addresses: permanent-resolver-failure"];

const policies: readonly (readonly [readonly string[], readonly string[]])[] = [
  [[], [...tcpDenied, ...udpDenied, ...noLookup]],
  [
    ["-Stcp"],
    [
      "create-tcp-socket: ok",
      "tcp start-bind: access-denied",
      "tcp start-connect: ok",
      "tcp finish-connect: access-denied",
      ...udpDenied,
      ...noLookup,
    ],
  ],
  [["-Sudp"], [...tcpDenied, "create-udp-socket: ok", "udp start-bind: access-denied", ...noLookup]],
  [["-Sinherit-network"], [...tcpAllowed, ...udpAllowed, ...noLookup]],
  [["-Sinherit-network,tcp=n"], [...tcpDenied, ...udpAllowed, ...noLookup]],
  [["-Sinherit-network,udp=n"], [...tcpAllowed, ...udpDenied, ...noLookup]],
  [["-Sinherit-network,allow-ip-name-lookup"], [...tcpAllowed, ...udpAllowed, "resolve-addresses: ok"]],
];

/** The guest does not wait, and a UDP bind of Bun's takes a turn of the event loop, which may or may not come between. */
const bindsLater = new Set(["bun, evented", "binary, evented"]);

for (const host of [...hosts, ...eventedHosts]) {
  describe(`policy on ${host.name}`, { skip: host.skip }, () => {
    let server: Server;
    let port: number;
    before(async () => {
      ({ server, port } = await listen());
    });
    after(() => server.close());

    for (const [flags, expected] of policies) {
      it(flags.join(" ") || "no flags", async () => {
        const { status, stdout, stderr } = await run(host, guestFile("policy"), { flags, args: [`127.0.0.1:${port}`] });
        const said = stdout.toString();
        const lines = bindsLater.has(host.name)
          ? said.replace("udp finish-bind: would-block", "udp finish-bind: ok")
          : said;
        assert.deepEqual([lines.trimEnd().split("\n"), stderr, status], [expected, "", 0]);
      });
    }
  });
}
