/** `serve --watch`: clients that ask without pause while the server's file is replaced, and what the old server has under way. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Client, freePort } from "../client.ts";
import { eventedHosts, type Guest, guestFile, type Host, hosts, hostsWithoutFfi } from "../host.ts";
import { HttpConnection } from "../serve/connection.ts";
import { get } from "../serve/server.ts";
import { times } from "../watched.ts";
import { ask, scratchFolder, serve } from "./hosts.ts";

const scratch = scratchFolder();
let made = 0;

/** A server's file, which is replaced as compilers do. */
class ServerFile {
  readonly path = join(scratch, `${made++}.wasm`);

  constructor() {
    this.build(0);
  }

  /** One that greets by that number. */
  build(version: number): void {
    const bytes = readFileSync(guestFile("http/serve"));
    bytes.write(greeting(version), bytes.indexOf("Hello, World!"), "latin1");
    this.replace(bytes);
  }

  replace(bytes: Uint8Array): void {
    writeFileSync(`${this.path}.new`, bytes);
    renameSync(`${this.path}.new`, this.path);
  }
}

/** As long as what it stands for. */
function greeting(version: number): string {
  return `Hello, build${version}`;
}

async function portOf(server: Guest): Promise<number> {
  const [, port] = await server.waitFor(/^Serving HTTP on http:\/\/127\.0\.0\.1:(\d+)\/$/m, "stderr");
  return Number(port);
}

/** Asks without pause, on one connection for as long as the server keeps it or on one for each request. */
class AskingClient {
  /** Each answer that is not the one before, as status and body. */
  readonly seen: string[] = [];
  readonly #port: number;
  readonly #keeps: boolean;
  readonly #done: Promise<void>;
  #stopped = false;
  #told = () => {};

  constructor(port: number, keeps: boolean) {
    this.#port = port;
    this.#keeps = keeps;
    this.#done = this.#run();
  }

  /** @throws what went wrong with it before */
  async sees(text: string): Promise<void> {
    const found = (async () => {
      while (this.seen.at(-1) !== text) await new Promise<void>((resolve) => (this.#told = resolve));
    })();
    await Promise.race([found, this.#done]);
    assert.equal(this.seen.at(-1), text);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await using connection = await HttpConnection.dial(this.#port);
      const request = get("/hello", this.#keeps ? "" : "Connection: close\r\n");
      for (let kept = true; kept && !this.#stopped; ) {
        const { status, body, headers } = await connection.exchange(request);
        const text = `${status} ${body.toString().trim()}`;
        if (this.seen.at(-1) !== text) this.seen.push(text);
        this.#told();
        kept = !headers.some(([name, value]) => name.toLowerCase() === "connection" && value === "close");
      }
    }
  }
}

function watched(host: Host): void {
  const watch = (file: ServerFile, ...options: readonly string[]) =>
    serve(host, ["--watch", ...options], { guest: file.path });

  it("five rebuilds: no request fails, and each is seen", async () => {
    const file = new ServerFile();
    await using server = watch(file, "--addr=127.0.0.1:0");
    const port = await portOf(server);
    const clients = [true, true, false].map((keeps) => new AskingClient(port, keeps));
    const sees = (version: number) =>
      server.during(Promise.all(clients.map((client) => client.sees(`200 ${greeting(version)}`))));
    await sees(0);
    for (let version = 1; version <= 5; version++) {
      file.build(version);
      await sees(version);
    }
    await Promise.all(clients.map((client) => client.stop()));
    const all = Array.from({ length: 6 }, (_, i) => `200 ${greeting(i)}`);
    for (const { seen } of clients)
      assert.deepEqual(
        seen.filter((text) => !all.includes(text)),
        [],
      );
    server.kill("SIGINT");
    const { status, stderr } = await server.outcome();
    assert.equal(status, 0, stderr);
    await assert.rejects(Client.dial(port), { code: "ECONNREFUSED" });
  });

  it("the old server finishes what is under way while the new one answers", async () => {
    const file = new ServerFile();
    await using server = watch(file, "--addr=127.0.0.1:0");
    const port = await portOf(server);
    await using connection = await HttpConnection.dial(port);
    await using idle = await HttpConnection.dial(port);
    assert.match((await server.during(idle.exchange(get("/hello")))).body.toString(), /build0/);
    connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
    await server.during(connection.head());
    file.build(1);
    const client = new AskingClient(port, false);
    await server.during(client.sees(`200 ${greeting(1)}`));
    await client.stop();
    connection.send("cd");
    assert.equal((await connection.bytes(19)).toString(), "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n");
    // One that was idle loses nothing: it is told that there is no next time.
    const last = await idle.exchange(get("/hello"));
    assert.match(last.body.toString(), /build0/);
    assert.ok(last.headers.some(([name, value]) => name === "connection" && value === "close"));
    server.kill("SIGTERM");
    assert.equal((await server.outcome()).status, 143);
  });

  it("one that cannot serve is told of, and that before it goes on", async () => {
    const file = new ServerFile();
    await using server = watch(file, "--addr=127.0.0.1:0");
    const port = await portOf(server);
    file.replace(readFileSync(guestFile("hello")));
    await server.waitFor(/^pollux: .* ended with status 1: waiting for it to change$/m, "stderr");
    assert.match((await ask(port, "/hello")).body.toString(), /build0/);
    file.replace(new TextEncoder().encode("no component"));
    await server.waitFor(/^Error: .*; waiting for .* to change$/m, "stderr");
    assert.match((await ask(port, "/hello")).body.toString(), /build0/);
    file.build(2);
    await server.waitFor(times(2, "Serving HTTP on .*"), "stderr");
    const client = new AskingClient(port, false);
    await server.during(client.sees(`200 ${greeting(2)}`));
    await client.stop();
  });

  it("a unix socket stays where it is, and goes at the end", async () => {
    const file = new ServerFile();
    const path = join(scratch, `${made++}.sock`);
    await using server = watch(file, `--addr=unix:${path}`);
    await server.waitFor(times(1, "Serving HTTP on unix:.*"), "stderr");
    file.build(1);
    await server.waitFor(times(2, "Serving HTTP on unix:.*"), "stderr");
    assert.equal((await ask({ path }, "/hello")).status, 200);
    server.kill("SIGINT");
    assert.equal((await server.outcome()).status, 0);
    assert.equal(existsSync(path), false);
  });

  it("--shutdown-addr ends it, after a rebuild too", async () => {
    const file = new ServerFile();
    const port = await freePort();
    await using server = watch(file, "--addr=127.0.0.1:0", `--shutdown-addr=127.0.0.1:${port}`);
    await server.waitFor(times(1, "Serving HTTP on .*"), "stderr");
    file.build(1);
    await server.waitFor(times(2, "Serving HTTP on .*"), "stderr");
    const client = await Client.dial(port);
    assert.equal((await server.outcome()).status, 0);
    client.close();
  });
}

for (const host of hosts) describe(`serve --watch on ${host.name}`, { skip: host.skip }, () => watched(host));

for (const host of [...eventedHosts, ...hostsWithoutFfi.filter(({ name }) => !name.includes("only"))]) {
  it(`serve --watch on ${host.name}: in one sentence, not`, { skip: host.skip }, async () => {
    await using server = serve(host, ["--watch", "--addr=127.0.0.1:0"]);
    assert.equal(
      (await server.outcome()).stderr,
      "Error: --watch of a server needs --net=posix: the runtime cannot hand its sockets on\n",
    );
  });
}
