/** How responses are framed, and what of a guest's fields gets into them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { HttpField } from "../../../../src/core/http/error-code.ts";
import { byteString } from "../../../../src/core/http/fields.ts";
import type { ServerExchange } from "../../../../src/core/http/server/exchange.ts";
import { Client, exchange, field, machines, type Running, responsesIn, type Serve, silent, start } from "./harness.ts";

interface Given {
  readonly status?: number;
  readonly headers?: readonly HttpField[];
  /** The pieces of the body; undefined: there is none. */
  readonly body?: readonly string[];
  readonly trailers?: readonly HttpField[];
}

interface Case extends Given {
  readonly title: string;
  readonly request?: string;
  /** All that comes, without `date`; then whether the connection stays. */
  readonly expected: string;
  readonly stays: boolean;
}

function respond(exchange: ServerExchange, { status = 200, headers = [], body, trailers = [] }: Given): void {
  exchange.respond(status, headers, body && silent);
  for (const piece of body ?? []) exchange.write(byteString(piece), 0, piece.length);
  if (body !== undefined) exchange.finish(trailers);
}

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const te = "GET / HTTP/1.1\r\nHost: a\r\nTE: x, Trailers\r\n\r\n";
const old = "GET / HTTP/1.0\r\n\r\n";
const oldKept = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
const headOf = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
const length = (value: string) => field("content-length", value);
const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = "transfer-encoding: chunked\r\n\r\n";

const cases: readonly Case[] = [
  { title: "no body", expected: `${OK}content-length: 0\r\n\r\n`, stays: true },
  { title: "no body, and a length", headers: [length("3")], expected: `${OK}content-length: 0\r\n\r\n`, stays: true },
  { title: "a body", body: ["ab", "c"], expected: `${OK}${CHUNKED}2\r\nab\r\n1\r\nc\r\n0\r\n\r\n`, stays: true },
  { title: "an empty body", body: [], expected: `${OK}${CHUNKED}0\r\n\r\n`, stays: true },
  {
    title: "a body of a length",
    headers: [length("3")],
    body: ["ab", "c"],
    expected: `${OK}content-length: 3\r\n\r\nabc`,
    stays: true,
  },
  {
    title: "more than its length",
    headers: [length("2")],
    body: ["ab", "c"],
    expected: `${OK}content-length: 2\r\n\r\nab`,
    stays: true,
  },
  {
    title: "less than its length",
    headers: [length("4")],
    body: ["ab", "c"],
    expected: `${OK}content-length: 4\r\n\r\nabc`,
    stays: false,
  },
  {
    title: "a length that is none",
    headers: [length("x")],
    body: ["a"],
    expected: `${OK}${CHUNKED}1\r\na\r\n0\r\n\r\n`,
    stays: true,
  },
  {
    title: "two lengths",
    headers: [length("1"), length("2")],
    body: ["a"],
    expected: `${OK}${CHUNKED}1\r\na\r\n0\r\n\r\n`,
    stays: true,
  },
  { title: "HEAD, no body", request: headOf, expected: `${OK}\r\n`, stays: true },
  { title: "HEAD, a body", request: headOf, body: ["a"], expected: `${OK}\r\n`, stays: true },
  {
    title: "HEAD, a length",
    request: headOf,
    headers: [length("3")],
    body: ["abc"],
    expected: `${OK}content-length: 3\r\n\r\n`,
    stays: true,
  },
  {
    title: "204",
    status: 204,
    headers: [length("1")],
    body: ["a"],
    expected: "HTTP/1.1 204 No Content\r\n\r\n",
    stays: true,
  },
  {
    title: "304",
    status: 304,
    headers: [length("5"), field("etag", '"x"')],
    body: ["a"],
    expected: 'HTTP/1.1 304 Not Modified\r\netag: "x"\r\ncontent-length: 5\r\n\r\n',
    stays: true,
  },
  { title: "a status above 599", status: 799, expected: "HTTP/1.1 799 \r\ncontent-length: 0\r\n\r\n", stays: true },
  {
    title: "an interim status at the end",
    status: 100,
    expected: "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
    stays: true,
  },
  {
    title: "switching protocols",
    status: 101,
    expected: "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
    stays: true,
  },
  {
    title: "1.0",
    request: old,
    body: ["abc"],
    expected: "HTTP/1.0 200 OK\r\n\r\nabc",
    stays: false,
  },
  {
    title: "1.0, kept, without a length",
    request: oldKept,
    body: ["abc"],
    expected: "HTTP/1.0 200 OK\r\n\r\nabc",
    stays: false,
  },
  {
    title: "1.0, kept",
    request: oldKept,
    headers: [length("3")],
    body: ["abc"],
    expected: "HTTP/1.0 200 OK\r\ncontent-length: 3\r\nconnection: keep-alive\r\n\r\nabc",
    stays: true,
  },
  {
    title: "fields that repeat, and bytes above 7F",
    headers: [field("set-cookie", "a=1"), field("set-cookie", "b=\xe9")],
    expected: `${OK}set-cookie: a=1\r\nset-cookie: b=\xe9\r\ncontent-length: 0\r\n\r\n`,
    stays: true,
  },
  {
    title: "the connection's own fields",
    headers: ["transfer-encoding", "connection", "keep-alive", "upgrade", "te"].map((name) => field(name, "x")),
    expected: `${OK}content-length: 0\r\n\r\n`,
    stays: true,
  },
  {
    title: "connection: close",
    headers: [field("connection", "close")],
    expected: `${OK}content-length: 0\r\nconnection: close\r\n\r\n`,
    stays: false,
  },
  ...["a\r\nb: c", "a\nb", "a\rb", "a\0b"].map((value) => ({
    title: `a value that splits: ${JSON.stringify(value)}`,
    headers: [field("x", value)],
    body: ["a"],
    expected: "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
    stays: true,
  })),
  ...["a: b\r\nc", "a b", "", "\xe9", "\u0141"].map((name) => ({
    title: `a name that splits: ${JSON.stringify(name)}`,
    headers: [[name, byteString("x")] as const],
    expected: "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
    stays: true,
  })),
  {
    title: "trailers that are announced and accepted",
    request: te,
    headers: [field("trailer", "X, y")],
    body: ["a"],
    trailers: [field("x", "1"), field("y", "2"), field("y", "3")],
    expected: `${OK}trailer: X, y\r\n${CHUNKED}1\r\na\r\n0\r\nx: 1\r\ny: 2\r\ny: 3\r\n\r\n`,
    stays: true,
  },
  {
    title: "trailers that nobody accepts",
    headers: [field("trailer", "x")],
    body: ["a"],
    trailers: [field("x", "1")],
    expected: `${OK}trailer: x\r\n${CHUNKED}1\r\na\r\n0\r\n\r\n`,
    stays: true,
  },
  {
    title: "trailers that are not announced",
    request: te,
    body: ["a"],
    trailers: [field("x", "1")],
    expected: `${OK}${CHUNKED}1\r\na\r\n0\r\nx: 1\r\n\r\n`,
    stays: true,
  },
  {
    title: "trailers that split, and that frame",
    request: te,
    headers: [field("trailer", "x, content-length")],
    body: ["a"],
    trailers: [field("x", "1\r\ny: 2"), field("content-length", "9")],
    expected: `${OK}trailer: x, content-length\r\n${CHUNKED}1\r\na\r\n0\r\n\r\n`,
    stays: true,
  },
  {
    title: "trailers behind a length",
    request: te,
    headers: [length("1"), field("trailer", "x")],
    body: ["a"],
    trailers: [field("x", "1")],
    expected: `${OK}content-length: 1\r\n\r\na`,
    stays: true,
  },
  {
    title: "Upgrade",
    request: "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    expected: `${OK}content-length: 0\r\n\r\n`,
    stays: true,
  },
];

const probe = "GET /probe HTTP/1.1\r\nHost: a\r\n\r\n";
const probed = `${OK}x-probe: 1\r\ncontent-length: 0\r\n\r\n`;
const undated = (text: string) => text.replace(/date: [^\r]*\r\n/g, "");

for (const family of machines) {
  describe(`responses, ${family}`, () => {
    let running: Running;
    let serve: Serve;
    before(async () => {
      running = await start(family, (exchange, server) => {
        if (exchange.head.path === "/probe") respond(exchange, { headers: [field("x-probe", "1")] });
        else serve(exchange, server);
      });
    });
    after(() => running.stop());

    for (const { title, request = get, expected, stays, ...given } of cases) {
      it(title, async () => {
        serve = (exchange) => respond(exchange, given);
        const client = await Client.to(running.port);
        client.send(request + probe);
        if (stays)
          await client.until((received) => received.includes("x-probe: 1\r\n") && received.endsWith("\r\n\r\n"));
        else await client.end();
        assert.equal(undated(client.received), expected + (stays ? probed : ""));
        client.close();
      });
    }

    it("has a date, once, as RFC 9110 writes it", async () => {
      serve = (exchange) => respond(exchange, {});
      const text = await exchange(running.port, "GET / HTTP/1.0\r\n\r\n");
      const date = responsesIn(text)[0]?.headers.get("date") ?? "";
      assert.match(date, /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
      assert.ok(Math.abs(Date.parse(date) - Date.now()) < 60_000);
    });

    it("leaves a date as it is", async () => {
      serve = (exchange) => respond(exchange, { headers: [field("date", "today")] });
      const text = await exchange(running.port, "GET / HTTP/1.0\r\n\r\n");
      assert.equal(responsesIn(text)[0]?.headers.get("date"), "today");
    });

    it("may be preceded by interim ones, of 1.1", async () => {
      serve = (exchange) => {
        exchange.inform(103, [field("link", "</a>"), field("connection", "close")]);
        exchange.inform(103, [field("link", "a\r\nb: c")]);
        exchange.inform(101, []);
        exchange.inform(200, []);
        respond(exchange, {});
        exchange.inform(103, []);
      };
      const closing = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
      assert.equal(
        undated(await exchange(running.port, closing)),
        `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}content-length: 0\r\nconnection: close\r\n\r\n`,
      );
      assert.deepEqual(
        responsesIn(await exchange(running.port, old)).map(({ status }) => status),
        [200],
      );
    });

    it("counts once: what comes behind its end gets nowhere", async () => {
      let stopped = 0;
      serve = (exchange) => {
        respond(exchange, { body: ["a"] });
        exchange.respond(500, [], { sent() {}, stop: () => stopped++ });
        exchange.write(byteString("b"), 0, 1);
        exchange.finish([]);
        exchange.abort();
      };
      const client = await Client.to(running.port);
      client.send(get + probe);
      await client.until((received) => received.includes("x-probe"));
      assert.deepEqual(
        responsesIn(client.received).map(({ body }) => body),
        ["a", ""],
      );
      assert.equal(stopped, 1);
      client.close();
    });

    it("that is broken off ends the connection without its end", async () => {
      serve = (exchange) => {
        exchange.respond(200, [], silent);
        exchange.write(byteString("a"), 0, 1);
        exchange.abort();
      };
      assert.equal(undated(await exchange(running.port, get)), `${OK}${CHUNKED}1\r\na\r\n`);
      serve = (exchange) => exchange.abort();
      assert.equal(await exchange(running.port, get), "");
    });
  });
}
