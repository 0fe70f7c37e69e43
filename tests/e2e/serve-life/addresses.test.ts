/** Where a server listens: several addresses, unix sockets, and sockets that it is started with. */
import assert from "node:assert/strict";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { TcpHandle } from "../../../src/machine/sockets.ts";
import { blockingWaiter, close, listen, ok, type Waiter } from "../../backends/sockets.ts";
import { createMachine } from "../../machine.ts";
import { eventedHosts, type Guest, type Host, hosts, hostsWithoutFfi } from "../host.ts";
import { ask, scratchFolder, serve } from "./hosts.ts";

const hello = "Hello, World!\n";
const scratch = scratchFolder();
let made = 0;
const socketPath = () => join(scratch, `${made++}.sock`);

async function ports(server: Guest, count: number): Promise<number[]> {
  const lines = new RegExp(`(?:[^]*?^Serving HTTP on http://.*:\\d+/$){${count}}`, "m");
  const [text] = await server.waitFor(lines, "stderr");
  return [...text.matchAll(/:(\d+)\/$/gm)].map(([, port]) => Number(port));
}

async function greets(to: Parameters<typeof ask>[0]): Promise<void> {
  assert.equal((await ask(to, "/hello")).body.toString(), hello);
}

async function endsWith0(server: Guest): Promise<void> {
  server.kill("SIGINT");
  const { status, stderr } = await server.outcome();
  assert.equal(status, 0, stderr);
}

for (const host of [...hosts, ...eventedHosts, ...hostsWithoutFfi]) {
  describe(`addresses on ${host.name}`, { skip: host.skip }, () => {
    it("two of IPv4 and one of IPv6, on ports that the kernel picks", async () => {
      await using server = serve(host, ["--addr=127.0.0.1:0", "--addr=[::1]:0", "--addr=127.0.0.2:0"]);
      const [first = 0, second = 0, third = 0] = await ports(server, 3);
      assert.equal(new Set([first, second, third]).size, 3);
      await greets({ host: "127.0.0.1", port: first });
      await greets({ host: "::1", port: second });
      await greets({ host: "127.0.0.2", port: third });
      await endsWith0(server);
    });

    it("one that somebody has ends it before it says anything of the others", async () => {
      await using server = serve(host, ["--addr=127.0.0.1:0"]);
      const [port] = await ports(server, 1);
      await using other = serve(host, ["--addr=127.0.0.1:0", `--addr=127.0.0.1:${port}`]);
      const { status, stderr } = await other.outcome();
      assert.equal(status, 1);
      assert.equal(
        stderr,
        `Error: failed to listen on 127.0.0.1:${port}\n\nCaused by:\n    Address already in use (os error 98)\n\nhint: another program has this port: --addr '127.0.0.1:0' takes one that is free, and says which\n`,
      );
    });
  });
}

for (const host of hosts) describe(`unix sockets on ${host.name}`, { skip: host.skip }, () => unixSockets(host));

/** With a umask of its own. */
function masked(host: Host, umask: string): Host {
  return { ...host, command: ["sh", "-c", `umask ${umask} && exec "$@"`, "sh", ...host.command] };
}

function unixSockets(host: Host): void {
  it("beside another address; its file goes with it, and its mode is the umask's", async () => {
    const path = socketPath();
    await using server = serve(masked(host, "0027"), [`--addr=unix:${path}`, "--addr=127.0.0.1:0"]);
    await server.waitFor(/^Serving HTTP on http:.*$/m, "stderr");
    await server.waitFor(new RegExp(`^Serving HTTP on unix:${path}$`, "m"), "stderr");
    assert.equal(statSync(path).mode & 0o777, 0o750);
    await greets({ path });
    await endsWith0(server);
    assert.equal(existsSync(path), false);
  });

  it("the file of one that was killed makes room; one that lives does not", async () => {
    const path = socketPath();
    {
      await using killed = serve(host, [`--addr=unix:${path}`]);
      await killed.waitFor(/^Serving HTTP/m, "stderr");
      killed.kill("SIGKILL");
      await killed.outcome();
    }
    assert.equal(existsSync(path), true);
    await using server = serve(host, [`--addr=unix:${path}`]);
    await server.waitFor(/^Serving HTTP/m, "stderr");
    await using other = serve(host, [`--addr=unix:${path}`]);
    const { status, stderr } = await other.outcome();
    assert.equal(status, 1);
    assert.equal(
      stderr,
      `Error: failed to listen on unix:${path}\n\nCaused by:\n    Address already in use (os error 98)\n\n`,
    );
    await greets({ path });
    await endsWith0(server);
  });

  it("a file that is no socket stays", async () => {
    const path = socketPath();
    writeFileSync(path, "mine");
    await using server = serve(host, [`--addr=unix:${path}`]);
    const { status, stderr } = await server.outcome();
    assert.equal(status, 1);
    assert.match(stderr, /Address already in use/);
    assert.equal(statSync(path).size, 4);
  });

  it("a folder that is not there, and an address that fails after it", async () => {
    await using lost = serve(host, [`--addr=unix:${join(scratch, "none", "a.sock")}`]);
    assert.match((await lost.outcome()).stderr, /Caused by:\n {4}No such file or directory \(os error 2\)/);
    const path = socketPath();
    await using failed = serve(host, [`--addr=unix:${path}`, `--addr=unix:${join(scratch, "none", "a.sock")}`]);
    assert.equal((await failed.outcome()).status, 1);
    assert.equal(existsSync(path), false);
  });
}

for (const host of [...eventedHosts, ...hostsWithoutFfi]) {
  it(`unix sockets on ${host.name}: in one sentence, not`, { skip: host.skip }, async () => {
    await using server = serve(host, [`--addr=unix:${socketPath()}`]);
    const { status, stderr } = await server.outcome();
    const refused = "Error: --addr unix:PATH needs --net=posix: the runtime's own sockets are of the internet alone\n";
    const denied = /^Error: listening on ".*" needs --allow-write of Deno \(or -A\)\n$/;
    assert.equal(status, 1);
    if (host.name.includes("only")) assert.match(stderr, denied);
    else assert.equal(stderr, refused);
  });
}

describe("sockets that a server is started with", () => {
  // Pollux's own sockets, for those of Node would accept their clients themselves.
  const path = socketPath();
  let waiter: Waiter;
  let tcp: TcpHandle;
  let unix: TcpHandle;
  before(async () => {
    waiter = blockingWaiter(await createMachine());
    tcp = await listen(waiter);
    const listener = waiter.machine.net.listenUnix?.(path, 16);
    assert.ok(typeof listener === "object" && "accept" in listener);
    unix = listener;
  });
  after(() => {
    close(waiter, tcp);
    close(waiter, unix);
  });

  /** As systemd starts it: with the sockets as its descriptors from 3 on. */
  function activate(host: Host, sockets: readonly number[], options: readonly string[]): Guest {
    const command = ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", ...host.command];
    return serve({ ...host, command }, options, { env: { LISTEN_FDS: `${sockets.length}` }, pass: sockets });
  }

  for (const host of hosts) {
    describe(`on ${host.name}`, { skip: host.skip }, () => {
      for (const option of ["--listenfd", "-Slistenfd"]) {
        it(`${option}: of the internet, and a unix one, and one of --addr`, async () => {
          await using server = activate(host, [tcp.source.id, unix.source.id], [option, "--addr=127.0.0.1:0"]);
          await server.waitFor(new RegExp(`^Serving HTTP on unix:${path}$`, "m"), "stderr");
          const [given = 0, own = 0] = await ports(server, 2);
          assert.equal(given, ok(tcp.localAddress()).val.port);
          await greets(given);
          await greets({ path });
          await greets(own);
          await endsWith0(server);
          // It is its maker's.
          assert.equal(existsSync(path), true);
        });
      }

      it("without --addr there is no default beside them", async () => {
        await using server = activate(host, [unix.source.id], ["--listenfd"]);
        await server.waitFor(/^Serving HTTP/m, "stderr");
        await greets({ path });
        server.kill("SIGINT");
        assert.equal((await server.outcome()).stderr, `Serving HTTP on unix:${path}\n`);
      });

      it("one that is none", async () => {
        await using server = activate(host, [1], ["--listenfd"]);
        const { status, stderr } = await server.outcome();
        assert.equal(status, 1);
        assert.equal(stderr, "Error: file descriptor 3 of LISTEN_FDS is no listening socket\n");
      });
    });
  }

  for (const host of eventedHosts) {
    it(`${host.name}: sockets of its own cannot be others'`, { skip: host.skip }, async () => {
      await using server = activate(host, [tcp.source.id], ["--listenfd"]);
      assert.equal(
        (await server.outcome()).stderr,
        "Error: --listenfd needs --net=posix: the runtime cannot take the sockets of LISTEN_FDS\n",
      );
    });
  }
});
