import assert from "node:assert/strict";
import { createServer, get } from "node:http";
import { describe, it } from "node:test";
import { run, Trap } from "../../src/index.ts";
import { ownLoopback } from "../backends/sockets.ts";
import { Client } from "../e2e/client.ts";
import { buildPyecho } from "../e2e/host.ts";

const file = (name: string): URL => new URL(`../guests/${name}.wasm`, import.meta.url);

interface EchoGuest {
  readonly file: URL;
  readonly args: readonly string[];
  /** What it is to listen on: 127.0.0.1 unless given. */
  readonly host?: string;
}

const tcpecho: EchoGuest = { file: file("tcpecho"), args: ["--no-ticks"] };
const noPyecho = buildPyecho();

/** An echo server in this process. */
class Echo implements AsyncDisposable {
  readonly ended: Promise<unknown>;
  readonly #abort = new AbortController();
  readonly #listening = Promise.withResolvers<number>();

  constructor(guest: EchoGuest = tcpecho, net?: "posix" | "evented") {
    let said = "";
    const decoder = new TextDecoder();
    this.ended = run(guest.file, {
      args: ["echo", `${guest.host ?? "127.0.0.1"}:0`, ...guest.args],
      network: "inherit",
      ...(net === undefined ? {} : { net }),
      signal: this.#abort.signal,
      stdout: (bytes) => {
        said += decoder.decode(bytes);
        const port = /^listening on [\d.]+:(\d+)$/m.exec(said)?.[1];
        if (port !== undefined) this.#listening.resolve(Number(port));
      },
    }).catch((error: unknown) => {
      this.#listening.reject(error);
      return error;
    });
  }

  get port(): Promise<number> {
    return this.#listening.promise;
  }

  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.abort(new Error("the test is over"));
    await this.ended;
  }
}

async function echo(port: number, text: string): Promise<string> {
  const client = await Client.dial(port);
  await client.send(text);
  client.end();
  const answer = await client.readToEnd();
  client.close();
  return answer.toString();
}

/** An HTTP server of the host, and what it answers. */
async function httpServer(): Promise<{ ask(n: number): Promise<string> } & AsyncDisposable> {
  const server = createServer((request, response) => response.end(`answer to ${request.url}`)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const { port } = address;
  return {
    ask: (n) =>
      new Promise((resolve, reject) => {
        get({ host: "127.0.0.1", port, path: `/${n}`, agent: false }, (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (piece: string) => {
            text += piece;
          });
          response.on("end", () => resolve(text));
        }).on("error", reject);
      }),
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Ten clients for each server, and twenty requests meanwhile. */
async function besideHttp(servers: readonly Echo[]): Promise<void> {
  await using http = await httpServer();
  const ports = await Promise.all(servers.map((server) => server.port));
  const texts = ports.flatMap((port) =>
    Array.from({ length: 10 }, (_, i) => [port, `client ${i} of ${port}`] as const),
  );
  const echoes = Promise.all(texts.map(([port, text]) => echo(port, text)));
  for (let n = 0; n < 20; n++) assert.equal(await http.ask(n), `answer to /${n}`);
  assert.deepEqual(
    await echoes,
    texts.map(([, text]) => text),
  );
  for (const server of servers) await server[Symbol.asyncDispose]();
}

describe("run, suspending", () => {
  for (const net of ["posix", "evented"] as const) {
    it(`ten echo servers in one process, ten clients each, beside an HTTP server that answers in order, ${net}`, async () => {
      await besideHttp(Array.from({ length: 10 }, () => new Echo(tcpecho, net)));
    });

    it(`CPython's echo server beside an HTTP server, ${net}`, { skip: noPyecho }, async () => {
      await besideHttp([new Echo({ file: file("build/pyecho"), args: [] }, net)]);
    });
  }

  it("timers go on while a guest waits for its input, which comes in pieces", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    let writer: ReadableStreamDefaultController<Uint8Array> | undefined;
    const stdin = new ReadableStream<Uint8Array>({
      start(controller) {
        writer = controller;
      },
    });
    let said = "";
    const heard = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const running = run(file("cat"), {
      stdin,
      stdout: (bytes) => {
        said += new TextDecoder().decode(bytes);
        heard[said.split("\n").length - 2]?.resolve();
      },
    });
    for (const [i, piece] of ["one\n", "two\n"].entries()) {
      writer?.enqueue(new TextEncoder().encode(piece));
      await heard[i]!.promise;
    }
    while (ticks < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    writer?.close();
    assert.deepEqual(await running, { exitCode: 0 });
    clearInterval(timer);
    assert.equal(said, "one\ntwo\n");
  });

  it("abort ends a guest that waits, closes its sockets, and rejects with the reason", async () => {
    // Nobody else listens on its port once it has given that back.
    const host = ownLoopback().val.address.join(".");
    await using server = new Echo({ ...tcpecho, host });
    const port = await server.port;
    const client = await Client.dial(port, host);
    await client.send("x");
    await client.read(1);
    const reason = { enough: true };
    server.abort(reason);
    assert.equal(await server.ended, reason);
    await client.readToEnd();
    client.close();
    await assert.rejects(Client.dial(port, host), { code: "ECONNREFUSED" });
  });

  for (const [title, count, net] of [
    ["a busy guest does not starve the host, posix", 1, "posix"],
    ["a busy guest does not starve the host, evented", 1, "evented"],
    ["six busy guests together do not starve the host, nor each other, posix", 6, "posix"],
    ["six busy guests together do not starve the host, nor each other, evented", 6, "evented"],
  ] as const) {
    it(title, async () => {
      await using http = await httpServer();
      await using servers = new AsyncDisposableStack();
      const block = new Uint8Array(65536);
      let over = false;
      const busy = Array.from({ length: count }, async () => {
        const client = await Client.dial(await servers.use(new Echo(tcpecho, net)).port);
        // Never lets it wait: there is always something to read or to write.
        const sent = (async () => {
          let sum = 0;
          for (; !over || sum === 0; sum += block.length) await client.send(block);
          client.end();
          return sum;
        })();
        const { length } = await client.readToEnd();
        client.close();
        return [length, await sent] as const;
      });
      for (let n = 0; n < 5; n++) assert.equal(await http.ask(n), `answer to /${n}`);
      over = true;
      for (const [received, sent] of await Promise.all(busy)) assert.equal(received, sent);
    });
  }

  for (const net of ["posix", "evented"] as const) {
    it(`a guest that goes round in calls that never wait leaves the host its turns, ${net}`, async () => {
      await using http = await httpServer();
      const server = new Echo({ file: file("behaviour/spinning"), args: [] }, net);
      const port = await server.port;
      for (let n = 0; n < 3; n++) assert.equal(await http.ask(n), `answer to /${n}`);
      const client = await Client.dial(port);
      // In accept, in read, in ready.
      await client.send("a");
      assert.equal(await http.ask(3), "answer to /3");
      await client.send("b");
      assert.equal((await client.read(2)).toString(), "ab");
      client.close();
      assert.deepEqual(await server.ended, { exitCode: 0 });
    });
  }

  it("abort ends a guest that never waits", async () => {
    const server = new Echo({ file: file("behaviour/spinning"), args: [] });
    await server.port;
    server.abort("enough");
    assert.equal(await server.ended, "enough");
  });

  it("exit, trap and a refused permit end as they do when the guest blocks", async () => {
    for (const wait of ["blocking", "suspending"] as const) {
      assert.deepEqual(
        await run(file("exit"), { args: ["exit", "7"], wait }),
        await run(file("exit"), { args: ["exit", "7"] }),
      );
      for (const [name, args, message] of [
        ["trap", ["trap", "unreachable"], "wasm trap: wasm `unreachable` instruction executed"],
        ["behaviour/tcp-traps", ["tcp-traps", "write-without-permit"], "not permitted to write 1 bytes"],
      ] as const) {
        await assert.rejects(
          run(file(name), { args, wait, network: "inherit" }),
          (error: unknown) => error instanceof Trap && error.message === message && error.frames.length > 0,
        );
      }
    }
  });
});
