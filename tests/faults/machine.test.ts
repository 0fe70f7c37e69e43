/** A machine that fails: out of descriptors, signals, a network that goes away and comes back; and calls that are wrong. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Temporary } from "../core/files/tree.ts";
import { Client } from "../e2e/client.ts";
import { commandComponent } from "../e2e/command-component.ts";
import { Guest, guestFile, type Host, hosts, NETWORK, portOf, run, start, waitingHosts } from "../e2e/host.ts";
import { HttpServer } from "../e2e/http-server.ts";

const built = new Temporary();
after(() => built[Symbol.dispose]());
const manyFiles = join(built.path, "many-files.wasm");
before(async () => writeFileSync(manyFiles, await commandComponent(guestFile("p1/many-files"))));

function readPem(part: string): string {
  return readFileSync(new URL(`../e2e/localhost-${part}.pem`, import.meta.url), "utf8");
}

/** Enough for every runtime's own files, few enough to run out of soon. */
const FILES = 96;

const noNamespace =
  spawnSync("unshare", ["--map-root-user", "--net", "ip", "link", "set", "lo", "up"]).status === 0
    ? false
    : "this machine gives no network namespace";

/** A link on which nobody answers who 10.9.0.2 is: what is sent there waits, for the answer to one of so many questions, 1 s each. */
const NEIGHBOURS =
  "ip link add v0 type veth peer name v1 && echo 60 >/proc/sys/net/ipv4/neigh/v0/mcast_solicit && " +
  "ip addr add 10.9.0.1/24 dev v0 && ip link set v0 up && ip link set v1 up";

const noNeighbours =
  spawnSync("unshare", ["--map-root-user", "--net", "sh", "-c", NEIGHBOURS]).status === 0
    ? false
    : "this machine gives no network namespace with a veth(4) pair";

/** Runs the file with a shell command before it in the same process: limits, namespaces. */
function startAfter(host: Host, prefix: readonly string[], shell: string, ...file: readonly string[]): Guest {
  const command = [...host.command, "run", ...(host.flags ?? []), ...NETWORK, ...file];
  return new Guest([...prefix, "sh", "-c", `${shell} && exec "$@"`, "sh", ...command], {});
}

for (const host of waitingHosts) {
  describe(`out of descriptors on ${host.name}`, { skip: host.skip }, () => {
    it("new-socket-limit, the open connection goes on, and a queued one is not lost", async () => {
      await using guest = startAfter(host, [], `ulimit -n ${FILES}`, guestFile("faults/descriptors"));
      const { status, stdout, stderr } = await guest.outcome();
      assert.deepEqual([stderr, status], ["", 0]);
      assert.match(stdout.toString(), /^new-socket-limit\n\d+ checks\n$/);
    });

    it("a request with TLS, whose thread has not started", async () => {
      const { server } = await HttpServer.start();
      await using _ = server;
      const authority = `127.0.0.1:${await server.startTls(readPem("key"), readPem("cert"))}`;
      const guest = ["-Shttp", guestFile("http/requests"), "crowded", authority];
      await using running = startAfter(host, [], `ulimit -n ${FILES}`, ...guest);
      const { status, stdout, stderr } = await running.outcome();
      assert.deepEqual([stderr, status], ["", 0]);
      assert.match(stdout.toString(), /^\d+ checks\n$/);
    });

    for (const [version, words] of [
      ["wasip1", "No file descriptors available"],
      ["0.2", "Out of memory"],
    ] as const) {
      it(`files of ${version}: ${words}, and it opens them again when others are closed`, async () => {
        using given = new Temporary();
        writeFileSync(join(given.path, "file"), "");
        const file = version === "wasip1" ? guestFile("p1/many-files") : manyFiles;
        await using guest = startAfter(host, [], `ulimit -n ${FILES}`, "--dir", `${given.path}::/`, file);
        const { status, stdout, stderr } = await guest.outcome();
        assert.deepEqual([stderr, status], ["", 0]);
        assert.equal(stdout.toString(), `${words}\nagain\n`);
      });
    }
  });
}

for (const host of hosts) {
  describe(`faults of the machine on ${host.name}`, { skip: host.skip }, () => {
    it("signals that interrupt system calls are not seen", async () => {
      await using guest = start(host, guestFile("tcpecho"), { flags: NETWORK, args: ["127.0.0.1:0"] });
      const client = await Client.dial(await portOf(guest));
      for (let i = 0; i < 30; i++) {
        for (const signal of ["SIGSTOP", "SIGCONT", "SIGWINCH"] as const) guest.kill(signal);
        await client.send(`${i};`);
        assert.equal((await client.read(`${i};`.length)).toString(), `${i};`);
      }
      await guest.waitFor(/^tick 2$/m);
      client.close();
      guest.kill("SIGTERM");
      const { signal, stderr } = await guest.outcome();
      assert.deepEqual([signal, stderr], ["SIGTERM", ""]);
    });

    it("a network that goes away and comes back, with a peer that keep-alive finds silent", {
      skip: noNamespace,
    }, async () => {
      const prefix = ["unshare", "--map-root-user", "--net"];
      await using guest = startAfter(host, prefix, "ip link set lo up", guestFile("faults/network-down"));
      await guest.waitFor(/^up$/m);
      inNamespaceOf(guest, "addr", "flush", "dev", "lo");
      guest.send("down\n");
      await guest.waitFor(/^down$/m);
      inNamespaceOf(guest, "addr", "add", "127.0.0.1/8", "dev", "lo");
      guest.send("up\n");
      const { status, stdout, stderr } = await guest.outcome();
      assert.deepEqual([stderr, status], ["", 0]);
      const lines = stdout.toString().trimEnd().split("\n");
      assert.deepEqual(lines.slice(0, -1), [
        "up",
        "connect: remote-unreachable",
        "send: remote-unreachable",
        "keep-alive: timeout (error 5)",
        "down",
        "connect: ok",
        "send: ok",
      ]);
    });

    it("UDP sends that would block: check-send says 0, the pollable is not ready, a drop waits", {
      skip: noNeighbours,
    }, async () => {
      const prefix = ["unshare", "--map-root-user", "--net"];
      await using guest = startAfter(host, prefix, NEIGHBOURS, guestFile("faults/udp-full"), "10.9.0.2:9");
      await guest.waitFor(/^full$/m);
      inNamespaceOf(guest, "neigh", "replace", "10.9.0.2", "lladdr", "02:00:00:00:00:02", "dev", "v0");
      const { status, stdout, stderr } = await guest.outcome();
      assert.deepEqual([stderr, status], ["", 0]);
      assert.match(stdout.toString(), /^full\n\d+ checks\n$/);
    });

    it("wrong families, wrong states, reused handles and oversized lists leave an open connection alone", async () => {
      const { status, stdout, stderr } = await run(host, guestFile("faults/misuse"), { flags: NETWORK });
      assert.deepEqual([stderr, status], ["", 0]);
      assert.match(stdout.toString(), /^\d+ checks\n$/);
    });
  });
}

function inNamespaceOf({ pid }: Guest, ...args: readonly string[]): void {
  const nsenter = ["--target", String(pid), "--user", "--preserve-credentials", "--net", "ip", ...args];
  const { status, stderr } = spawnSync("nsenter", nsenter, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
}
