/** UDP and name look-up: guests that check each clause themselves (tests/guests/udp), and CPython's use of both. */
import assert from "node:assert/strict";
import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { describe, it } from "node:test";
import { assertError } from "./check.ts";
import { buildPythonGuest, guestFile, type Host, run, start } from "./host.ts";
import { assertChecks, knownLines } from "./known-lines.ts";

const flags = ["-Sinherit-network", "-Sallow-ip-name-lookup"];
const noPyudp = buildPythonGuest("pyudp");

const topics = [
  "bind",
  "options",
  "streams",
  "connected",
  "peer",
  "unreachable",
  "polled-then-reconnected",
  "names",
] as const;

/** What wasmtime 48.0.8 says. */
const traps: Readonly<Record<string, string>> = {
  "stream-twice": "UDP streams not dropped yet",
  "stream-beside-incoming": "UDP streams not dropped yet",
  "stream-beside-outgoing": "UDP streams not dropped yet",
  "send-unasked": "unpermitted: argument exceeds permitted size",
  "send-too-many": "unpermitted: argument exceeds permitted size",
  "send-twice": "unpermitted: argument exceeds permitted size",
  "socket-before-streams": "resource has children",
  "stream-before-pollable": "resource has children",
  "socket-before-pollable": "resource has children",
};

export function udpSuite(hosts: readonly Host[]): void {
  for (const host of hosts) {
    describe(`UDP and names on ${host.name}`, { skip: host.skip }, () => {
      for (const topic of topics) {
        const guest = `udp/${topic}`;
        it(knownLines(host, guest).length === 0 ? topic : `${topic} (known differences)`, async () => {
          assertChecks(host, guest, await run(host, guestFile(guest), { flags }));
        });
      }

      it("names that must not be looked up", async () => {
        const { status, stderr } = await run(host, guestFile("udp/names"), {
          flags: ["-Sinherit-network"],
          args: ["denied"],
        });
        assert.deepEqual([stderr, status], ["", 0]);
      });

      for (const [name, message] of Object.entries(traps)) {
        it(`${name}: ${message}`, async () => {
          const outcome = await run(host, guestFile("udp/traps"), { flags, args: [name] });
          assertError(outcome, 1, `\n    2: ${message}\n\n`);
        });
      }

      it("CPython: an asyncio datagram endpoint, and getaddrinfo", { skip: noPyudp }, () => pyudp(host));
    });
  }
}

async function pyudp(host: Host): Promise<void> {
  await using guest = start(host, guestFile("build/pyudp"), { flags });
  const [, port] = await guest.waitFor(/^listening on 127\.0\.0\.1:(\d+)\n/m);
  const [, addresses] = await guest.waitFor(/^localhost: (.*)\n/m);
  assert.match(addresses!, /127\.0\.0\.1|::1/);
  const client = createSocket("udp4");
  try {
    for (const text of ["one", "", "x".repeat(20_000)]) {
      const answer = once(client, "message") as Promise<[Buffer, RemoteInfo]>;
      client.send(text, Number(port), "127.0.0.1");
      const [bytes, from] = await answer;
      assert.deepEqual([bytes.toString(), from.port], [text, Number(port)]);
    }
    client.send("end", Number(port), "127.0.0.1");
    const { status, stderr, stdout } = await guest.outcome();
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout.toString(), /^3 datagrams echoed$/m);
  } finally {
    client.close();
  }
}
