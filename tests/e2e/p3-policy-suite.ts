/** What -S and rules allow a guest of WASI 0.3 that tries everything (tests/guests/rust/p3/src/policy.rs). */
import assert from "node:assert/strict";
import type { Server } from "node:net";
import { after, before, describe, it } from "node:test";
import { Client, listen } from "./client.ts";
import { type Host, portOf } from "./host.ts";
import { p3, runTopic, startTopic } from "./p3.ts";

const tcp = ["tcp create", "tcp bind", "tcp listen", "tcp connect"];
const udp = ["udp create", "udp bind", "udp send", "udp connect"];
const all = [...tcp, ...udp];
const DENIED = "AccessDenied";

/** The lines: all is ok, but for those that are named with what they say. */
function lines(seen: readonly string[], otherwise: Readonly<Record<string, string>>): string {
  return [...seen, "lookup"].map((what) => `${what}: ${otherwise[what] ?? "ok"}\n`).join("");
}

const denied = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, DENIED]));
const noLookup = { lookup: "PermanentResolverFailure" };

interface Policy {
  readonly flags: readonly string[];
  readonly seen: readonly string[];
  readonly otherwise: Readonly<Record<string, string>>;
}

/** As wasmtime 48.0.8 says. */
const options: readonly Policy[] = [
  { flags: [], seen: ["tcp create", "udp create"], otherwise: { ...denied("tcp create", "udp create"), ...noLookup } },
  {
    flags: ["-Stcp"],
    seen: [...tcp, "udp create"],
    otherwise: { ...denied("tcp bind", "tcp listen", "tcp connect", "udp create"), ...noLookup },
  },
  {
    flags: ["-Sudp"],
    seen: ["tcp create", ...udp],
    otherwise: { ...denied("tcp create", "udp bind", "udp send", "udp connect"), ...noLookup },
  },
  { flags: ["-Sinherit-network"], seen: all, otherwise: noLookup },
  {
    flags: ["-Sinherit-network,tcp=n"],
    seen: ["tcp create", ...udp],
    otherwise: { ...denied("tcp create"), ...noLookup },
  },
  {
    flags: ["-Sinherit-network,udp=n"],
    seen: [...tcp, "udp create"],
    otherwise: { ...denied("udp create"), ...noLookup },
  },
  { flags: ["-Sinherit-network,allow-ip-name-lookup"], seen: all, otherwise: {} },
];

/** Pollux's own. `PORT` is the peer's. */
const rules: readonly Policy[] = [
  {
    flags: ["--allow-net=connect:127.0.0.1:PORT"],
    seen: all,
    otherwise: { ...denied("tcp bind", "tcp listen", "udp bind", "udp send", "udp connect"), ...noLookup },
  },
  {
    flags: ["--allow-net=listen:127.0.0.1:*", "--allow-net=udp:127.0.0.1:*"],
    seen: all,
    otherwise: { ...denied("tcp listen", "tcp connect"), ...noLookup },
  },
  {
    flags: ["-Sinherit-network", "--deny-net=127.0.0.1:PORT"],
    seen: all,
    otherwise: { ...denied("tcp connect", "udp send", "udp connect"), ...noLookup },
  },
  {
    flags: ["-Sinherit-network,allow-ip-name-lookup", "--deny-net=listen:*", "--deny-net=udp:0.0.0.0/0"],
    seen: all,
    otherwise: denied("tcp bind", "tcp listen", "udp bind", "udp send", "udp connect"),
  },
];

/** @param ownRules Whether the host has `--allow-net` and `--deny-net` */
export function p3PolicySuite(hosts: readonly Host[], { ownRules = true } = {}): void {
  for (const host of hosts) {
    describe(`policy of WASI 0.3 on ${host.name}`, { skip: host.skip || p3.skip }, () => {
      let server: Server;
      let port: number;
      before(async () => {
        ({ server, port } = await listen());
      });
      after(() => server.close());

      for (const { flags, seen, otherwise } of ownRules ? [...options, ...rules] : options) {
        it(flags.join(" ") || "no flags", async () => {
          const given = flags.map((flag) => flag.replace("PORT", String(port)));
          const outcome = await runTopic(host, ["policy", `127.0.0.1:${port}`], { flags: given });
          assert.deepEqual(
            [outcome.stdout.toString(), outcome.stderr, outcome.status],
            [lines(seen, otherwise), "", 0],
          );
        });
      }

      if (ownRules) it("resets a peer that is not let in, and accepts the next", () => refusedPeer(host));
    });
  }
}

async function refusedPeer(host: Host): Promise<void> {
  await using guest = startTopic(host, ["echo", "2"], ["-Sinherit-network", "--deny-net=accept:127.0.0.2"]);
  const port = await portOf(guest);
  for (let i = 0; i < 2; i++) {
    if (host.evented) await Promise.allSettled([refused(port)]);
    else await assert.rejects(refused(port), { code: "ECONNRESET" });
    const client = await Client.dial(port);
    await client.send("let in");
    client.end();
    assert.equal((await client.readToEnd()).toString(), "let in");
    client.close();
  }
  const { status, stderr } = await guest.outcome();
  assert.deepEqual([stderr, status], ["", 0]);
}

/** What a client that is not let in gets. @throws the error of its connection, which may be reset before it is known to be there */
async function refused(port: number): Promise<Buffer> {
  const client = await Client.dial(port, "127.0.0.1", "127.0.0.2");
  const got = client.readToEnd();
  return await got.finally(() => client.close());
}
