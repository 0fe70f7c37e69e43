/** --allow-net and --deny-net as a guest and a user see them (tests/guests/policy.c tries everything once). */
import assert from "node:assert/strict";
import type { Server } from "node:net";
import { after, before, describe, it } from "node:test";
import { listen } from "../e2e/client.ts";
import { guestFile, hosts, run } from "../e2e/host.ts";

const bind = ["tcp start-bind: ok", "tcp finish-bind: ok", "tcp start-listen: ok", "tcp finish-listen: ok"];
const noBind = ["tcp start-bind: access-denied"];
const connect = ["tcp start-connect: ok", "tcp finish-connect: ok"];
const noConnect = ["tcp start-connect: ok", "tcp finish-connect: access-denied"];
const udp = ["create-udp-socket: ok", "udp start-bind: ok", "udp finish-bind: ok"];
const noUdp = ["create-udp-socket: ok", "udp start-bind: access-denied"];
const noNames = ["resolve-addresses: permanent-resolver-failure"];
const tcp = "create-tcp-socket: ok";

interface Case {
  /** PEER stands for the address that the guest connects to. */
  readonly flags: readonly string[];
  readonly stdout: readonly string[];
  /** The lines of -v about what was refused. */
  readonly refused: readonly RegExp[];
}

const none = "no --allow-net rule allows it";

const cases: readonly Case[] = [
  {
    flags: ["--allow-net", "PEER"],
    stdout: [tcp, ...noBind, ...connect, ...noUdp, ...noNames],
    refused: [
      new RegExp(`^pollux: info: refused tcp-bind 127\\.0\\.0\\.1:0: ${none}$`),
      new RegExp(`^pollux: info: refused udp-bind 127\\.0\\.0\\.1:0: ${none}$`),
    ],
  },
  {
    flags: ["--allow-net=listen:127.0.0.1", "--allow-net=udp:127.0.0.0/8:0-65535"],
    stdout: [tcp, ...bind, ...noConnect, ...udp, ...noNames],
    refused: [new RegExp(`^pollux: info: refused tcp-connect 127\\.0\\.0\\.1:\\d+: ${none}$`)],
  },
  {
    flags: ["-Sinherit-network", "--deny-net", "connect:127.0.0.0/8"],
    stdout: [tcp, ...bind, ...noConnect, ...udp, ...noNames],
    refused: [/^pollux: info: refused tcp-connect 127\.0\.0\.1:\d+: --deny-net connect:127\.0\.0\.0\/8$/],
  },
  {
    flags: ["--allow-net", "*:*", "--deny-net", "PEER", "--deny-net=udp:*"],
    stdout: [tcp, ...bind, ...noConnect, ...noUdp, "resolve-addresses: permanent-resolver-failure"],
    refused: [
      /^pollux: info: refused tcp-connect 127\.0\.0\.1:\d+: --deny-net 127\.0\.0\.1:\d+$/,
      /^pollux: info: refused udp-bind 127\.0\.0\.1:0: --deny-net udp:\*$/,
    ],
  },
  {
    flags: ["--allow-net", "dns:*", "--allow-net", "[::1]:*"],
    stdout: [tcp, ...noBind, ...noConnect, ...noUdp, "resolve-addresses: ok"],
    refused: [
      new RegExp(`^pollux: info: refused tcp-bind 127\\.0\\.0\\.1:0: ${none}$`),
      new RegExp(`^pollux: info: refused tcp-connect 127\\.0\\.0\\.1:\\d+: ${none}$`),
      new RegExp(`^pollux: info: refused udp-bind 127\\.0\\.0\\.1:0: ${none}$`),
    ],
  },
  {
    flags: ["-Stcp=n", "--allow-net", "*"],
    stdout: ["create-tcp-socket: access-denied", ...udp, ...noNames],
    refused: [],
  },
];

for (const host of hosts) {
  describe(`rules of the network on ${host.name}`, { skip: host.skip }, () => {
    let server: Server;
    let peer: string;
    before(async () => {
      const listening = await listen();
      server = listening.server;
      peer = `127.0.0.1:${listening.port}`;
    });
    after(() => server.close());

    for (const { flags, stdout, refused } of cases) {
      it(flags.join(" "), async () => {
        const given = flags.map((flag) => flag.replace("PEER", peer));
        const quiet = await run(host, guestFile("policy"), { flags: given, args: [peer] });
        assert.deepEqual([quiet.stdout.toString().trimEnd().split("\n"), quiet.stderr, quiet.status], [stdout, "", 0]);

        const { stderr } = await run(host, guestFile("policy"), { flags: ["-v", ...given], args: [peer] });
        const lines = stderr.split("\n").filter((line) => line.includes("refused"));
        assert.equal(lines.length, refused.length, stderr);
        for (const [i, line] of lines.entries()) assert.match(line, refused[i]!);
      });
    }

    it("a rule that is none", async () => {
      const { status, stdout, stderr } = await run(host, guestFile("policy"), {
        flags: ["--allow-net", "10.0.0.0/33"],
      });
      const text =
        "error: invalid value '10.0.0.0/33' for '--allow-net <RULE>': a prefix has 0 to 32 bits: '/33'\n\n" +
        "For more information, try '--help'.\n";
      assert.deepEqual([stderr, stdout.toString(), status], [text, "", 2]);
    });
  });
}
