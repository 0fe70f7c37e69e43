/** --allow-net and --deny-net as a guest and a user see them (tests/guests/policy.c tries everything once). */
import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Server } from "node:net";
import { after, before, describe, it } from "node:test";
import { Client, listen } from "../e2e/client.ts";
import { eventedHosts, guestFile, hosts, portOf, run, start } from "../e2e/host.ts";

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
const unasked = (option: string) => `neither ${option} nor an --allow-net rule allows it`;
const noLookup = new RegExp(`^pollux: info: refused look-up of names: ${unasked("-Sallow-ip-name-lookup")}$`);

const cases: readonly Case[] = [
  {
    flags: ["--allow-net", "PEER"],
    stdout: [tcp, ...noBind, ...connect, ...noUdp, ...noNames],
    refused: [
      new RegExp(`^pollux: info: refused tcp-bind 127\\.0\\.0\\.1:0: ${none}$`),
      new RegExp(`^pollux: info: refused udp-bind 127\\.0\\.0\\.1:0: ${none}$`),
      noLookup,
    ],
  },
  {
    flags: ["--allow-net=listen:127.0.0.1", "--allow-net=udp:127.0.0.0/8:0-65535"],
    stdout: [tcp, ...bind, ...noConnect, ...udp, ...noNames],
    refused: [new RegExp(`^pollux: info: refused tcp-connect 127\\.0\\.0\\.1:\\d+: ${none}$`), noLookup],
  },
  {
    flags: ["-Sinherit-network", "--deny-net", "connect:127.0.0.0/8"],
    stdout: [tcp, ...bind, ...noConnect, ...udp, ...noNames],
    refused: [/^pollux: info: refused tcp-connect 127\.0\.0\.1:\d+: --deny-net connect:127\.0\.0\.0\/8$/, noLookup],
  },
  {
    flags: ["--allow-net", "*:*", "--deny-net", "PEER", "--deny-net=udp:*"],
    stdout: [tcp, ...bind, ...noConnect, ...noUdp, "resolve-addresses: ok"],
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
    stdout: ["create-tcp-socket: access-denied", ...udp, "resolve-addresses: ok"],
    refused: [/^pollux: info: refused create-tcp-socket: -Stcp=n$/],
  },
  {
    flags: [],
    stdout: ["create-tcp-socket: access-denied", "create-udp-socket: access-denied", ...noNames],
    refused: [
      new RegExp(`^pollux: info: refused create-tcp-socket: ${unasked("-Stcp, -Sinherit-network")}$`),
      new RegExp(`^pollux: info: refused create-udp-socket: ${unasked("-Sudp, -Sinherit-network")}$`),
      noLookup,
    ],
  },
  {
    // A guest that knows a denied name's address does not reach it.
    flags: ["-Sinherit-network,allow-ip-name-lookup", "--deny-net", "localhost"],
    stdout: [tcp, ...noBind, ...noConnect, ...noUdp, "resolve-addresses: ok"],
    refused: [
      /^pollux: info: refused tcp-bind 127\.0\.0\.1:0: --deny-net localhost$/,
      /^pollux: info: refused tcp-connect 127\.0\.0\.1:\d+: --deny-net localhost$/,
      /^pollux: info: refused udp-bind 127\.0\.0\.1:0: --deny-net localhost$/,
    ],
  },
  {
    flags: ["-Sinherit-network", "--deny-net", "connect:localhost"],
    stdout: [tcp, ...bind, ...noConnect, ...udp, ...noNames],
    refused: [/^pollux: info: refused tcp-connect 127\.0\.0\.1:\d+: --deny-net connect:localhost$/, noLookup],
  },
];

for (const host of [...hosts, ...eventedHosts]) {
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
      it(flags.join(" ") || "no flags", async () => {
        const given = flags.map((flag) => flag.replace("PEER", peer));
        const quiet = await run(host, guestFile("policy"), { flags: given, args: [peer] });
        const said = quiet.stdout.toString();
        assert.deepEqual([said.trimEnd().split("\n"), quiet.stderr, quiet.status], [stdout, "", 0]);

        const { stderr } = await run(host, guestFile("policy"), { flags: ["-v", ...given], args: [peer] });
        const lines = stderr.split("\n").filter((line) => line.includes("refused"));
        assert.equal(lines.length, refused.length, stderr);
        for (const [i, line] of lines.entries()) assert.match(line, refused[i]!);
      });
    }

    it("a connection of a peer that is denied is reset, and others are served", async () => {
      const flags = ["-v", "-Sinherit-network", "--deny-net=accept:127.0.0.2"];
      await using guest = start(host, guestFile("tcpecho"), { flags, args: ["127.0.0.1:0"] });
      const port = await portOf(guest);
      // The reset may come before the connect is told of.
      const denied = Client.dial(port, "127.0.0.1", "127.0.0.2").then((client) => client.readToEnd());
      // Deno's sockets know none: there the peer reads the end.
      if (host.name === "deno, evented") assert.equal((await denied).length, 0);
      else await assert.rejects(denied, { code: "ECONNRESET" });
      const allowed = await Client.dial(port);
      await allowed.send("hello");
      assert.equal((await allowed.read(5)).toString(), "hello");
      await guest.waitFor(/^pollux: info: refused tcp-accept 127\.0\.0\.2: --deny-net accept:127\.0\.0\.2$/m, "stderr");
      allowed.close();
    });

    it("a datagram of a peer that is denied is dropped, and others are answered", async () => {
      const flags = ["-v", "-Sinherit-network", "--deny-net=udp:127.0.0.2"];
      await using guest = start(host, guestFile("udpecho"), { flags, args: ["127.0.0.1:0"] });
      const port = await portOf(guest);
      const sockets = [createSocket("udp4"), createSocket("udp4")];
      const [denied, allowed] = sockets as [Socket, Socket];
      try {
        denied.bind(0, "127.0.0.2");
        await once(denied, "listening");
        denied.send("denied", port, "127.0.0.1");
        await guest.waitFor(/^pollux: info: refused udp-receive 127\.0\.0\.2: --deny-net udp:127\.0\.0\.2$/m, "stderr");
        allowed.send("hello", port, "127.0.0.1");
        const [answer] = (await once(allowed, "message")) as [Buffer];
        assert.equal(answer.toString(), "hello");
      } finally {
        for (const socket of sockets) socket.close();
      }
    });

    it("a rule that is none", async () => {
      const { status, stdout, stderr } = await run(host, guestFile("policy"), {
        flags: ["--allow-net", "10.0.0.0/33"],
      });
      const [first, ...more] = stderr.split("\n\n");
      const text = "error: invalid value '10.0.0.0/33' for '--allow-net <RULE>': a prefix has 0 to 32 bits: '/33'";
      assert.deepEqual([first, stdout.toString(), status], [text, "", 2]);
      assert.match(more[0]!, /^A RULE is \[USE:\]HOST\[:PORTS\], such as /);
      assert.equal(more[1], "For more information, try '--help'.\n");
    });
  });
}
