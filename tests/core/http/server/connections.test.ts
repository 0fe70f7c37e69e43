/** How connections live and end: requests in a row, clients that wait, leave, or take their time. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { byteString } from "../../../../src/core/http/fields.ts";
import type { ServerExchange } from "../../../../src/core/http/server/exchange.ts";
import type { ServerLimits } from "../../../../src/core/http/server/limits.ts";
import { Condition } from "../../../../src/core/wait/condition.ts";
import { createSuspendingMachine } from "../../../../src/library/machine.ts";
import { suspending } from "../../../backends/backend.ts";
import { connect, encode, loopback, sendAll } from "../../../backends/sockets.ts";
import {
  answer,
  BodyCollector,
  Client,
  echo,
  exchange,
  holds,
  Inbox,
  machines,
  type Running,
  responsesIn,
  type Serve,
  silent,
  start,
} from "./harness.ts";

const get = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
const post = (length: number, more = "") => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n${more}\r\n`;
const expecting = "Expect: 100-continue\r\n";
const continued = "HTTP/1.1 100 Continue\r\n\r\n";

/** Shorter than whoever waits for its end minds, ns. */
const SOON = 50e6;

const bodies = (text: string) => responsesIn(text).map(({ body }) => body);
const statuses = (text: string) => responsesIn(text).map(({ status }) => status);

for (const family of machines) {
  async function withServer(
    serve: Serve,
    use: (running: Running) => Promise<void>,
    limits: Partial<ServerLimits> = {},
  ): Promise<void> {
    const running = await start(family, serve, limits);
    try {
      await use(running);
    } finally {
      await running.stop();
    }
  }

  async function withInbox(
    use: (running: Running, next: () => Promise<ServerExchange>) => Promise<void>,
    limits: Partial<ServerLimits> = {},
  ): Promise<void> {
    const inbox = new Inbox();
    await withServer(inbox.serve, (running) => use(running, () => inbox.next()), limits);
  }

  describe(`connections, ${family}: requests in a row`, () => {
    it("are served one after another, in their order", () =>
      withInbox(async ({ port }, next) => {
        const client = await Client.to(port);
        client.send(get("/1") + get("/2") + get("/3"));
        for (const path of ["/1", "/2", "/3"]) {
          const request = await next();
          assert.equal(request.head.path, path);
          answer(request, path);
        }
        await client.until((text) => text.endsWith("/3"));
        assert.deepEqual(bodies(client.received), ["/1", "/2", "/3"]);
        client.close();
      }));

    it("are held while one is under way, no more than may be", () =>
      withInbox(
        async ({ port }, next) => {
          const client = await Client.to(port);
          const count = 2000;
          client.send(get("/").repeat(count));
          for (let i = 0; i < count; i++) answer(await next(), `${i}`);
          await client.until((text) => text.endsWith(`\r\n${count - 1}`));
          assert.deepEqual(
            bodies(client.received),
            Array.from({ length: count }, (_, i) => `${i}`),
          );
          client.close();
        },
        { maxPipelined: 1000 },
      ));

    it("a small response leaves in one send, whether it is finished at once or in the same turn of the event loop", async () => {
      let sends = 0;
      const running = await start(
        family,
        (exchange) => {
          if (exchange.head.path === "/now") answer(exchange, "abc");
          else {
            exchange.respond(200, [], silent);
            exchange.write(byteString("a"), 0, 1);
            void (async () => {
              for (let i = 0; i < 20; i++) await undefined;
              exchange.write(byteString("b"), 0, 1);
              exchange.finish([]);
            })();
          }
        },
        {},
        (listener) => {
          const accept = listener.accept.bind(listener);
          listener.accept = () => {
            const handle = accept();
            if (typeof handle === "string") return handle;
            const send = handle.send.bind(handle);
            handle.send = (...args) => {
              const sent = send(...args);
              if (sent !== "would-block") sends++;
              return sent;
            };
            return handle;
          };
        },
      );
      const client = await Client.to(running.port);
      client.send(get("/now"));
      await client.until((text) => text.endsWith("abc"));
      assert.equal(sends, 1);
      client.send(get("/now").repeat(5));
      await client.until((text) => responsesIn(text).length === 6);
      assert.equal(sends, 2);
      client.send(get("/soon"));
      await client.until((text) => text.endsWith("0\r\n\r\n"));
      assert.equal(sends, 3);
      client.close();
      await running.stop();
    });
  });

  describe(`connections, ${family}: 100-continue`, () => {
    it("is sent when the body is read, once", () =>
      withInbox(async ({ port, server }, next) => {
        const client = await Client.to(port);
        client.send(post(3, expecting));
        const request = await next();
        assert.equal(client.received, "");
        const body = new Promise<string>((resolve) => new BodyCollector(request, server, resolve));
        await client.until((text) => text === continued);
        client.send("abc");
        assert.equal(await body, "abc");
        answer(request, "done");
        await client.until((text) => text.endsWith("done"));
        assert.deepEqual(statuses(client.received), [100, 200]);
        client.close();
      }));

    it("is not, when the response comes first: then the connection ends", () =>
      withServer(
        (request) => answer(request, "no", 403),
        async ({ port }) => {
          const [response, ...more] = responsesIn(await exchange(port, post(3, expecting)));
          assert.deepEqual([response?.status, response?.body, more.length], [403, "no", 0]);
        },
      ));

    it("is sent, too, when the body is there already, but not of 1.0", () =>
      withServer(echo, async ({ port }) => {
        const text = await exchange(port, `${post(3, `${expecting}Connection: close\r\n`)}abc`);
        assert.deepEqual(statuses(text), [100, 200]);
        const old = await exchange(port, `POST / HTTP/1.0\r\nContent-Length: 3\r\n${expecting}\r\nabc`);
        assert.deepEqual(statuses(old), [200]);
      }));
  });

  describe(`connections, ${family}: request bodies`, () => {
    it("that nobody reads are passed over, if they are small", () =>
      withServer(
        (request) => answer(request, request.head.method),
        async ({ port }) => {
          const client = await Client.to(port);
          client.send(post(30_000));
          client.send("x".repeat(30_000) + get("/"));
          await client.until((text) => text.endsWith("GET"));
          assert.deepEqual(bodies(client.received), ["POST", "GET"]);
          client.close();
        },
      ));

    it("that nobody reads end the connection, if they are large; the response gets through", () =>
      withServer(
        (request) => answer(request, "y".repeat(100_000)),
        async ({ port }) => {
          const client = await Client.to(port);
          client.send(post(300_000) + "x".repeat(300_000) + get("/"));
          assert.deepEqual(bodies(await client.end()), ["y".repeat(100_000)]);
        },
      ));

    it("are still read when the response is over", () =>
      withInbox(async ({ port, server }, next) => {
        const client = await Client.to(port);
        client.send(post(6));
        const request = await next();
        const body = new Promise<string>((resolve) => new BodyCollector(request, server, resolve));
        answer(request, "early");
        await client.until((text) => text.endsWith("early"));
        client.send(`abcdef${get("/2")}`);
        assert.equal(await body, "abcdef");
        answer(await next(), "second");
        await client.until((text) => text.endsWith("second"));
        client.close();
      }));

    it("may be discarded for their trailers, or given up", () =>
      withInbox(async (running, next) => {
        const client = await Client.to(running.port);
        client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab");
        const request = await next();
        request.discard();
        client.send("c\r\n0\r\nX: y\r\n\r\n");
        await holds(running, request.finished);
        assert.deepEqual(request.trailers, [["x", byteString("y")]]);
        answer(request, "done");
        client.send(`${post(3)}abc`);
        const second = await next();
        second.cancel();
        assert.equal(second.over, true);
        answer(second, "again");
        await client.until((text) => text.endsWith("again"));
        client.close();
      }));

    it("of any size come through, and no faster than they are read", () =>
      withInbox(async ({ port, server }, next) => {
        const size = 32 << 20;
        const client = await Client.to(port);
        client.send(post(size, "Connection: close\r\n"));
        const request = await next();
        client.socket.write(Buffer.alloc(size, "x"));
        const other = exchange(port, get("/", "Connection: close\r\n"));
        answer(await next(), "other");
        await other;
        // No kernel holds so much for two.
        assert.ok(client.socket.writableLength > 0);
        const body: BodyCollector = new BodyCollector(request, server, () => answer(request, `${body.length}`), 10_000);
        await client.end();
        assert.equal(client.received.slice(-8), `${size}`);
      }));

    it("that are cut: the guest is told, and may answer", () =>
      withInbox(async (running, next) => {
        const client = await Client.to(running.port);
        client.send(`${post(10)}abc`);
        const request = await next();
        const readable = Condition.ready();
        request.read(readable);
        assert.equal(request.receive(100), 3);
        client.socket.end();
        await holds(running, readable);
        assert.equal(request.receive(100), 0);
        assert.deepEqual(request.error, { tag: "HTTP-protocol-error" });
        answer(request, "cut", 422);
        assert.deepEqual(statuses(await client.end()), [422]);
      }));
  });

  describe(`connections, ${family}: clients that leave`, () => {
    it("by a shutdown of their sending side get their response", () =>
      withInbox(async ({ port }, next) => {
        const client = await Client.to(port);
        client.send(get("/"));
        const request = await next();
        client.socket.end();
        await exchangeWith(port, next);
        answer(request, "late");
        assert.deepEqual(bodies(await client.end()), ["late"]);
      }));

    it("by a reset are gone: nobody reads the response", () =>
      withInbox(async (running, next) => {
        // Not every runtime's own sockets can reset.
        const machine = await createSuspendingMachine("posix");
        const waiter = suspending("posix", machine);
        const socket = await connect(waiter, loopback("ipv4", running.port));
        await sendAll(waiter, socket, encode(get("/")));
        const request = await next();
        machine.selector.forget(socket.source);
        socket.reset();
        await holds(running, request.gone);
        let stopped = 0;
        request.respond(200, [], { sent() {}, stop: () => stopped++ });
        request.write(byteString("a"), 0, 1);
        request.finish([]);
        assert.equal(stopped, 1);
        assert.equal(running.server.connections, 0);
        machine.selector.close();
      }));

    it("while a response is written stop it", () =>
      withInbox(async (running, next) => {
        const client = await Client.to(running.port);
        client.send(get("/"));
        const request = await next();
        const writer = new Flood(request);
        writer.sent();
        await client.until((text) => text.length > 100_000);
        client.close();
        await holds(running, request.gone);
        assert.equal(writer.stopped, true);
      }));
  });

  describe(`connections, ${family}: clients that take their time`, () => {
    it("with a head are answered 408; without a byte of it the connection just ends", () =>
      withServer(
        echo,
        async ({ port }) => {
          assert.deepEqual(statuses(await exchange(port, "GET / HT")), [408]);
          assert.equal(await exchange(port, ""), "");
        },
        { headTimeout: SOON },
      ));

    it("between two requests", () =>
      withServer(
        echo,
        async ({ port }) => {
          assert.deepEqual(statuses(await exchange(port, get("/"))), [200]);
          assert.deepEqual(statuses(await exchange(port, `${get("/")}GET`)), [200, 408]);
        },
        { idleTimeout: SOON, headTimeout: SOON },
      ));

    it("with a body that somebody waits for", () =>
      withInbox(
        async (running, next) => {
          const client = await Client.to(running.port);
          client.send(`${post(10)}abc`);
          const request = await next();
          new BodyCollector(request, running.server, () => {});
          assert.deepEqual(statuses(await client.end()), [408]);
          assert.deepEqual(request.error, { tag: "connection-read-timeout" });
        },
        { bodyTimeout: SOON },
      ));

    it("with taking what is sent", () =>
      withInbox(
        async (running, next) => {
          const client = await Client.to(running.port);
          client.socket.pause();
          client.send(get("/"));
          const request = await next();
          const writer = new Flood(request);
          writer.sent();
          await holds(running, request.gone);
          assert.equal(writer.stopped, true);
          assert.ok(writer.most <= 2 * PIECE, `${writer.most} bytes were queued`);
          client.close();
        },
        { writeTimeout: SOON },
      ));
  });

  describe(`connections, ${family}: responses of any size`, () => {
    it("come through, and no more is queued than is written at once", () =>
      withInbox(async ({ port }, next) => {
        const client = await Client.to(port);
        client.send(get("/", "Connection: close\r\n"));
        const writer = new Flood(await next(), 64);
        writer.sent();
        const [response] = responsesIn(await client.end());
        assert.equal(response?.body.length, 64 * PIECE);
        assert.ok(writer.most <= 2 * PIECE);
      }));
  });

  describe(`connections, ${family}: limits and the end`, () => {
    it("no more are accepted than may be, until one goes", () =>
      withInbox(
        async ({ port, server }, next) => {
          const [first, second, third] = [await Client.to(port), await Client.to(port), await Client.to(port)];
          for (const client of [first, second, third]) client.send(get("/", "Connection: close\r\n"));
          const requests = [await next(), await next()];
          assert.equal(server.connections, 2);
          answer(requests[0]!, "1");
          answer(await next(), "3");
          answer(requests[1]!, "2");
          const all = await Promise.all([first, second, third].map((client) => client.end()));
          assert.deepEqual(all.flatMap(bodies).sort(), ["1", "2", "3"]);
        },
        { maxConnections: 2 },
      ));

    it("when the process has no descriptor left, the next is accepted when a connection goes", async () => {
      const inbox = new Inbox();
      let refusals = 0;
      const running = await start(family, inbox.serve, {}, (listener) => {
        const accept = listener.accept.bind(listener);
        listener.accept = () => (running?.server.connections === 1 && refusals++ < 1 ? "new-socket-limit" : accept());
      });
      const first = await Client.to(running.port);
      first.send(get("/"));
      const request = await inbox.next();
      const second = await Client.to(running.port);
      second.send(get("/2"));
      await holds(running, Condition.timer(running.machine.now() + SOON));
      first.close();
      answer(request, "1");
      answer(await inbox.next(), "2");
      await second.until((text) => text.endsWith("2"));
      assert.ok(refusals > 0);
      assert.deepEqual([...new Set(running.log)], ["cannot accept a connection: new-socket-limit"]);
      second.close();
      await running.stop();
    });

    it("closing lets what is under way come to its end, and nothing else", async () => {
      const inbox = new Inbox();
      const running = await start(family, inbox.serve);
      const [idle, busy] = [await Client.to(running.port), await Client.to(running.port)];
      idle.send(get("/"));
      answer(await inbox.next(), "idle");
      await idle.until((text) => text.endsWith("idle"));
      busy.send(get("/") + get("/2"));
      const request = await inbox.next();
      const closed = running.server.close(Number.POSITIVE_INFINITY);
      await idle.end();
      answer(request, "busy");
      const [response, ...more] = responsesIn(await busy.end());
      await closed;
      assert.deepEqual([response?.body, response?.headers.get("connection"), more.length], ["busy", "close", 0]);
      await assert.rejects(Client.to(running.port));
      await running.stop();
    });

    it("closing waits no longer than its grace", async () => {
      const inbox = new Inbox();
      const running = await start(family, inbox.serve);
      const client = await Client.to(running.port);
      client.send(get("/"));
      const request = await inbox.next();
      await running.server.close(SOON);
      assert.equal(await client.end(), "");
      assert.equal(request.gone.kind, Condition.ready().kind);
      await running.stop();
    });
  });

  /** A round trip on another connection: what came before it has been seen. */
  async function exchangeWith(port: number, next: () => Promise<ServerExchange>): Promise<void> {
    const other = exchange(port, get("/", "Connection: close\r\n"));
    answer(await next(), "other");
    await other;
  }
}

const PIECE = 65_536;
const piece = new Uint8Array(PIECE).fill(0x78);

/** Writes as long as it is told that all has left. */
class Flood {
  readonly #exchange: ServerExchange;
  #left: number;
  #writing = false;
  #again = false;
  stopped = false;
  /** The most bytes that were queued. */
  most = 0;

  constructor(exchange: ServerExchange, pieces = Number.POSITIVE_INFINITY) {
    this.#exchange = exchange;
    this.#left = pieces;
    exchange.respond(200, [], this);
  }

  sent(): void {
    this.#again = true;
    if (this.#writing) return;
    this.#writing = true;
    // A few at a time: a client that takes everything must not keep the thread.
    for (let i = 0; i < 8 && this.#again && !this.stopped && this.#left > 0; i++) {
      this.#again = false;
      this.#left--;
      this.#exchange.write(piece, 0, PIECE);
      this.most = Math.max(this.most, this.#exchange.queued);
    }
    this.#writing = false;
    if (this.stopped) return;
    if (this.#left === 0) this.#exchange.finish([]);
    else if (this.#again) setTimeout(() => this.sent(), 0);
  }

  stop(): void {
    this.stopped = true;
  }
}
