/** Requests as nobody should send them, and as one may: what is answered, and whether the connection stays. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Client, echo, machines, type Running, responsesIn, start } from "./harness.ts";

const limits = { maxHeadSize: 4000, maxHeaderFields: 20, maxBodySize: 5000, maxPipelined: 4000 };

/** Sent behind each case: it is answered where the connection stays, and where no bytes of it were taken for a body. */
const probe = "GET /probe HTTP/1.1\r\nHost: probe\r\n\r\n";
const probed = "GET|/probe|probe|-|";

/** A case: what is sent, and the bodies of what is answered, or the status of an error, behind which the connection ends. */
type Case = readonly [title: string, text: string, expected: string | number | readonly (string | number)[]];

const get = (path: string) => `GET|${path}|a|-|`;
const head = (lines: string, first = "GET / HTTP/1.1") => `${first}\r\n${lines}\r\n`;
const chunked = (body: string, more = "") =>
  `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n${more}\r\n${body}`;
const post = (body: string) => `POST|/|a|-|${body}`;

const requestLines: readonly Case[] = [
  ["a plain request", head("Host: a\r\n"), get("/")],
  ["an empty line before it", `\r\n${head("Host: a\r\n")}`, get("/")],
  ["empty lines before it", `${"\r\n".repeat(100)}${head("Host: a\r\n")}`, get("/")],
  ["a bare LF before it", `\n${head("Host: a\r\n")}`, 400],
  ["a query, raw", head("Host: a\r\n", "GET /a%20b//../c?d=[]&e|f HTTP/1.1"), get("/a%20b//../c?d=[]&e|f")],
  ["UTF-8 in a path", head("Host: a\r\n", "GET /\xc3\xa9 HTTP/1.1"), get("/\xe9")],
  ["other bytes above 7F in a path", head("Host: a\r\n", "GET /\xe9\xff HTTP/1.1"), 400],
  ["a fragment", head("Host: a\r\n", "GET /a#b HTTP/1.1"), 400],
  ["angle brackets in a path", head("Host: a\r\n", "GET /<a> HTTP/1.1"), 400],
  ["a NUL in a path", head("Host: a\r\n", "GET /\0 HTTP/1.1"), 400],
  ["a DEL in a path", head("Host: a\r\n", "GET /\x7f HTTP/1.1"), 400],
  ["a tab in the request line", head("Host: a\r\n", "GET\t/ HTTP/1.1"), 400],
  ["two spaces before the target", head("Host: a\r\n", "GET  / HTTP/1.1"), 400],
  ["two spaces before the version", head("Host: a\r\n", "GET /  HTTP/1.1"), 400],
  ["a space behind the version", head("Host: a\r\n", "GET / HTTP/1.1 "), 400],
  ["a space in the target", head("Host: a\r\n", "GET /a b HTTP/1.1"), 400],
  ["a space before the method", head("Host: a\r\n", " GET / HTTP/1.1"), 400],
  ["a method of its own", head("Host: a\r\n", "M-SEARCH / HTTP/1.1"), "M-SEARCH|/|a|-|"],
  ["a method in lower case", head("Host: a\r\n", "get / HTTP/1.1"), "get|/|a|-|"],
  ["a method that is no token", head("Host: a\r\n", "G(T / HTTP/1.1"), 400],
  ["no target", head("Host: a\r\n", "GET HTTP/1.1"), 400],
  ["HTTP/0.9", "GET /\r\n", 400],
  ["HTTP/1.2", head("Host: a\r\n", "GET / HTTP/1.2"), 505],
  ["HTTP/2.0", head("Host: a\r\n", "GET / HTTP/2.0"), 505],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
  ["HTTP/1.10", head("Host: a\r\n", "GET / HTTP/1.10"), 400],
  ["http/1.1", head("Host: a\r\n", "GET / http/1.1"), 400],
  ["HTTP/11", head("Host: a\r\n", "GET / HTTP/11"), 400],
  ["the beginning of TLS", "\x16\x03\x01\x02\0\x01\0\x01\xfc", 400],
  ["a bare LF behind the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400],
  ["a bare CR behind the request line", "GET / HTTP/1.1\rHost: a\r\n\r\n", 400],
  ["a target that is too long", head("Host: a\r\n", `GET /${"a".repeat(4000)} HTTP/1.1`), 414],
  ["a method that never ends", "A".repeat(6000), 414],
];

const targets: readonly Case[] = [
  ["an absolute target", head("Host: b\r\n", "GET http://a/x?y HTTP/1.1"), "GET|/x?y|a|http|"],
  ["another scheme", head("Host: b\r\n", "GET HTTPS://a:1/x HTTP/1.1"), "GET|/x|a:1|https|"],
  ["an absolute target without a path", head("Host: b\r\n", "GET http://a HTTP/1.1"), "GET|/|a|http|"],
  ["an absolute target with a query alone", head("Host: b\r\n", "GET http://a?b HTTP/1.1"), "GET|/?b|a|http|"],
  ["user information", head("Host: b\r\n", "GET http://u@a/ HTTP/1.1"), 400],
  ["an absolute target without a host", head("Host: b\r\n", "GET http:///x HTTP/1.1"), 400],
  ["a scheme that begins with a digit", head("Host: b\r\n", "GET 1http://a/ HTTP/1.1"), 400],
  ["a target that is none", head("Host: a\r\n", "GET x HTTP/1.1"), 400],
  ["* of OPTIONS", head("Host: a\r\n", "OPTIONS * HTTP/1.1"), "OPTIONS|*|a|-|"],
  ["* of GET", head("Host: a\r\n", "GET * HTTP/1.1"), 400],
  ["CONNECT", head("Host: a:80\r\n", "CONNECT a:80 HTTP/1.1"), 501],
  ["CONNECT to a path", head("Host: a\r\n", "CONNECT / HTTP/1.1"), 501],
];

const hosts: readonly Case[] = [
  ["no Host", head(""), 400],
  ["no Host of 1.0", head("Connection: keep-alive\r\n", "GET / HTTP/1.0"), "GET|/|-|-|"],
  ["two Hosts", head("Host: a\r\nHost: b\r\n"), 400],
  ["twice the same Host", head("Host: a\r\nHost: a\r\n"), 400],
  ["no Host beside an absolute target", head("", "GET http://a/ HTTP/1.1"), 400],
  ["an empty Host", head("Host:\r\n"), "GET|/||-|"],
  ["a port", head("Host: a.b-c:8080\r\n"), "GET|/|a.b-c:8080|-|"],
  ["an IPv6 address", head("Host: [::1]:80\r\n"), "GET|/|[::1]:80|-|"],
  ["an IPv6 address that is none", head("Host: [::g]\r\n"), 400],
  ["an IPv6 address without brackets", head("Host: ::1\r\n"), 400],
  ["a port that is too large", head("Host: a:65536\r\n"), 400],
  ["two names", head("Host: a, b\r\n"), 400],
  ["a path in Host", head("Host: a/b\r\n"), 400],
  ["user information in Host", head("Host: u@a\r\n"), 400],
];

const fields: readonly Case[] = [
  ["a space before a colon", head("Host: a\r\nX : y\r\n"), 400],
  ["a tab before a colon", head("Host: a\r\nX\t: y\r\n"), 400],
  ["a folded field", head("Host: a\r\nX: y\r\n z\r\n"), 400],
  ["a field folded by a tab", head("Host: a\r\nX: y\r\n\tz\r\n"), 400],
  ["a space before the first field", head(" Host: a\r\n"), 400],
  ["a field without a colon", head("Host: a\r\nX\r\n"), 400],
  ["an empty name", head("Host: a\r\n: y\r\n"), 400],
  ["a name with a byte above 7F", head("Host: a\r\nX\xe9: y\r\n"), 400],
  ["a NUL in a value", head("Host: a\r\nX: a\0b\r\n"), 400],
  ["a bare CR in a value", head("Host: a\r\nX: a\rb\r\n"), 400],
  ["a bare LF behind a value", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400],
  ["a bare LF behind the head", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400],
  ["two CRs", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 400],
  ["bytes above 7F in a value", head("Host: a\r\nX: \xe9\x80\r\n"), get("/")],
  ["blanks around a value", head("Host: \t a \t\r\n"), get("/")],
  ["an empty value", head("Host: a\r\nX:\r\nY: \r\n"), get("/")],
  ["as many fields as may be", head(`Host: a\r\n${"X: y\r\n".repeat(19)}`), get("/")],
  ["a field too many", head(`Host: a\r\n${"X: y\r\n".repeat(20)}`), 431],
  ["a head that is too large", head(`Host: a\r\nX: ${"y".repeat(4000)}\r\n`), 431],
  ["a field that never ends", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(6000)}`, 431],
];

const framings: readonly Case[] = [
  ["a content-length", `${head("Host: a\r\nContent-Length: 3\r\n", "POST / HTTP/1.1")}abc`, post("abc")],
  ["a content-length of 0", head("Host: a\r\nContent-Length: 0\r\n", "POST / HTTP/1.1"), post("")],
  ["zeroes in front", `${head("Host: a\r\nContent-Length: 003\r\n", "POST / HTTP/1.1")}abc`, post("abc")],
  ["no content-length", head("Host: a\r\n", "POST / HTTP/1.1"), post("")],
  ["a body of GET", `${head("Host: a\r\nContent-Length: 3\r\n")}abc`, "GET|/|a|-|abc"],
  [
    "twice the same length",
    `${head("Host: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n", "POST / HTTP/1.1")}abc`,
    post("abc"),
  ],
  ["two lengths", `${head("Host: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n", "POST / HTTP/1.1")}abcd`, 400],
  ["a list of lengths", `${head("Host: a\r\nContent-Length: 3, 3\r\n", "POST / HTTP/1.1")}abc`, 400],
  ["an empty length", head("Host: a\r\nContent-Length:\r\n", "POST / HTTP/1.1"), 400],
  ["a signed length", `${head("Host: a\r\nContent-Length: +3\r\n", "POST / HTTP/1.1")}abc`, 400],
  ["a negative length", head("Host: a\r\nContent-Length: -1\r\n", "POST / HTTP/1.1"), 400],
  ["a length in hexadecimal", `${head("Host: a\r\nContent-Length: 0x3\r\n", "POST / HTTP/1.1")}abc`, 400],
  ["a length with a fraction", `${head("Host: a\r\nContent-Length: 3.0\r\n", "POST / HTTP/1.1")}abc`, 400],
  ["a no-break space before a length", `${head("Host: a\r\nContent-Length: \xa03\r\n", "POST / HTTP/1.1")}abc`, 400],
  ["a length above 2^64", `${head("Host: a\r\nContent-Length: 18446744073709551619\r\n", "POST / HTTP/1.1")}abc`, 413],
  ["a length that is too large", head("Host: a\r\nContent-Length: 5001\r\n", "POST / HTTP/1.1"), 413],
  ["a length and chunks", chunked("0\r\n\r\n", "Content-Length: 5\r\n"), 400],
  ["chunks and a length of 0", chunked("0\r\n\r\n", "Content-Length: 0\r\n"), 400],
  ["chunks of 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400],
  ["another coding", head("Host: a\r\nTransfer-Encoding: gzip\r\n", "POST / HTTP/1.1"), 400],
  ["identity", head("Host: a\r\nTransfer-Encoding: identity\r\n", "POST / HTTP/1.1"), 400],
  ["a coding before chunked", head("Host: a\r\nTransfer-Encoding: gzip, chunked\r\n", "POST / HTTP/1.1"), 501],
  ["a coding behind chunked", head("Host: a\r\nTransfer-Encoding: chunked, gzip\r\n", "POST / HTTP/1.1"), 400],
  ["chunked twice", head("Host: a\r\nTransfer-Encoding: chunked, chunked\r\n", "POST / HTTP/1.1"), 400],
  ["chunked in two fields", chunked("0\r\n\r\n", "Transfer-Encoding: chunked\r\n"), 400],
  ["another coding in a second field", chunked("0\r\n\r\n", "Transfer-Encoding: x\r\n"), 400],
  ["Chunked", `${head("Host: a\r\nTransfer-Encoding: Chunked\r\n", "POST / HTTP/1.1")}0\r\n\r\n`, post("")],
  ["xchunked", head("Host: a\r\nTransfer-Encoding: xchunked\r\n", "POST / HTTP/1.1"), 400],
  ["chunked in quotes", head('Host: a\r\nTransfer-Encoding: "chunked"\r\n', "POST / HTTP/1.1"), 400],
  ["a no-break space before chunked", head("Host: a\r\nTransfer-Encoding: \xa0chunked\r\n", "POST / HTTP/1.1"), 400],
  ["a vertical tab before chunked", head("Host: a\r\nTransfer-Encoding: \x0bchunked\r\n", "POST / HTTP/1.1"), 400],
  ["an empty coding", head("Host: a\r\nTransfer-Encoding:\r\n", "POST / HTTP/1.1"), 400],
  ["a comma before chunked", chunked("0\r\n\r\n").replace(" chunked", " , chunked"), 400],
  ["a comma behind chunked", head("Host: a\r\nTransfer-Encoding: chunked,\r\n", "POST / HTTP/1.1"), 400],
];

const chunks: readonly Case[] = [
  ["chunks", chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), post("abcde")],
  [
    "sizes in both cases",
    chunked(`a\r\n${"x".repeat(10)}\r\nB\r\n${"y".repeat(11)}\r\n0\r\n\r\n`),
    post("x".repeat(10) + "y".repeat(11)),
  ],
  ["zeroes before a size", chunked("0003\r\nabc\r\n000\r\n\r\n"), post("abc")],
  ["extensions", chunked('3;a=b;c="d"\r\nabc\r\n0;e\r\n\r\n'), post("abc")],
  ["a blank before an extension", chunked("3 ;a\r\nabc\r\n0\r\n\r\n"), post("abc")],
  ["trailers", chunked("3\r\nabc\r\n0\r\nX: y\r\nZ: w\r\n\r\n"), `${post("abc")}|x=y|z=w`],
  ["no size", chunked("\r\nabc\r\n0\r\n\r\n"), 400],
  ["a size that is none", chunked("g\r\nabc\r\n0\r\n\r\n"), 400],
  ["a size with a sign", chunked("+3\r\nabc\r\n0\r\n\r\n"), 400],
  ["a size with 0x", chunked("0x3\r\nabc\r\n0\r\n\r\n"), 400],
  ["a size of 17 digits", chunked("10000000000000003\r\nabc\r\n0\r\n\r\n"), 400],
  ["a blank behind a size", chunked("3 \r\nabc\r\n0\r\n\r\n"), 400],
  ["a blank before a size", chunked(" 3\r\nabc\r\n0\r\n\r\n"), 400],
  ["a bare LF behind a size", chunked("3\nabc\r\n0\r\n\r\n"), 400],
  ["a bare LF in an extension", chunked("3;a\nabc\r\n0\r\n\r\n"), 400],
  ["a control in an extension", chunked("3;a\0b\r\nabc\r\n0\r\n\r\n"), 400],
  ["a bare CR in an extension", chunked("3;a\rb\r\nabc\r\n0\r\n\r\n"), 400],
  ["a chunk that is longer than its size", chunked("3\r\nabcd\r\n0\r\n\r\n"), 400],
  ["a chunk that is shorter than its size", chunked("4\r\nabc\r\n0\r\n\r\n"), 400],
  ["a bare LF behind a chunk", chunked("3\r\nabc\n0\r\n\r\n"), 400],
  ["a bare LF behind the last chunk", chunked("3\r\nabc\r\n0\r\n\n"), 400],
  ["a bare LF in trailers", chunked("0\r\nX: y\nZ: w\r\n\r\n"), 400],
  ["a space before a trailer's colon", chunked("0\r\nX : y\r\n\r\n"), 400],
  ["a folded trailer", chunked("0\r\nX: y\r\n z\r\n\r\n"), 400],
  ["too many trailers", chunked(`0\r\n${"X: y\r\n".repeat(101)}\r\n`), 400],
  ["a body that is too large", chunked(`${`${`c8\r\n${"x".repeat(200)}`}\r\n`.repeat(26)}0\r\n\r\n`), 413],
];

const several: readonly Case[] = [
  ["two requests", head("Host: a\r\n") + head("Host: a\r\n", "GET /2 HTTP/1.1"), [get("/"), get("/2")]],
  [
    "a request behind a body",
    `${head("Host: a\r\nContent-Length: 3\r\n", "POST / HTTP/1.1")}abc${head("Host: a\r\n")}`,
    [post("abc"), get("/")],
  ],
  ["a request behind chunks", chunked("3\r\nabc\r\n0\r\n\r\n") + head("Host: a\r\n"), [post("abc"), get("/")]],
  ["an empty line between requests", `${head("Host: a\r\n")}\r\n${head("Host: a\r\n")}`, [get("/"), get("/")]],
  ["a request in a body", head("Host: a\r\nContent-Length: 36\r\n", "POST / HTTP/1.1") + probe, post(probe)],
  ["an error behind a request", head("Host: a\r\n") + head("Host : a\r\n"), [get("/"), 400]],
  ["a request behind an error", head("Host : a\r\n") + head("Host: a\r\n"), 400],
  ["100 requests", head("Host: a\r\n").repeat(100), new Array<string>(100).fill(get("/"))],
];

const tables = { requestLines, targets, hosts, fields, framings, chunks, several };

for (const family of machines) {
  describe(`requests, ${family}`, () => {
    let running: Running;
    before(async () => {
      running = await start(family, echo, limits);
    });
    after(() => running.stop());

    for (const [name, table] of Object.entries(tables)) {
      describe(name, () => {
        for (const [title, text, expected] of table) {
          it(title, async () => {
            const results = typeof expected === "object" ? expected : [expected];
            const stays = typeof results.at(-1) === "string";
            const client = await Client.to(running.port);
            client.send(text + probe);
            if (stays) await client.until((received) => received.endsWith(probed));
            else await client.end();
            const found = responsesIn(client.received).map(({ status, body }) => (status === 200 ? body : status));
            assert.deepEqual(found, stays ? [...results, probed] : results);
            client.close();
          });
        }
      });
    }

    it("closes behind a request that asks for it, and behind 1.0", async () => {
      for (const [lines, first] of [
        ["Host: a\r\nConnection: close\r\n", "GET / HTTP/1.1"],
        ["Host: a\r\nConnection: x, CLOSE\r\n", "GET / HTTP/1.1"],
        ["Host: a\r\n", "GET / HTTP/1.0"],
      ] as const) {
        const client = await Client.to(running.port);
        client.send(head(lines, first) + probe);
        const [response, ...more] = responsesIn(await client.end());
        assert.deepEqual([response?.body, more.length], [get("/"), 0]);
        assert.equal(response?.headers.get("connection"), first.endsWith("1.1") ? "close" : undefined);
      }
    });

    it("answers alike in whatever pieces a request comes", async () => {
      const text = `\r\nPOST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: u\r\n\r\n${probe}`;
      for (let cut = 1; cut < text.length; cut++) {
        const client = await Client.to(running.port);
        client.send(text.slice(0, cut));
        await new Promise((resolve) => setImmediate(resolve));
        client.send(text.slice(cut));
        await client.until((received) => received.endsWith(probed));
        const bodies = responsesIn(client.received).map(({ body }) => body);
        assert.deepEqual(bodies, ["POST|/a|a|-|abc|t=u", probed]);
        client.close();
      }
    });
  });
}
