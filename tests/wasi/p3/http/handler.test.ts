/** What a server does with messages of wasi:http 0.3: with an exchange that stands in for a server's. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HostFuture } from "../../../../src/component/streams.ts";
import type { HttpErrorCode, HttpField } from "../../../../src/core/http/error-code.ts";
import { byteString, latin1 } from "../../../../src/core/http/fields.ts";
import type { BodySender, IncomingRequestHead, ServedRequest } from "../../../../src/core/http/message.ts";
import { Condition } from "../../../../src/core/wait/condition.ts";
import { SuspendingPoll } from "../../../../src/core/wait/suspending-poll.ts";
import type { Trailers, Transmission } from "../../../../src/wasi/p3/http/fields.ts";
import { incomingRequest, sendResponse } from "../../../../src/wasi/p3/http/handler.ts";
import type { ResponseResource } from "../../../../src/wasi/p3/http/response.ts";
import { HttpServer } from "../../../e2e/http-server.ts";
import { decode, eachSetting, encode, read, type Setting, settled, Writer } from "../host.ts";
import { fieldsOf, type Http, httpOf, MAX_SIZE, noTrailers, received, requestTo, resolution, shown } from "./http.ts";

/** An exchange whose request's body is there, in pieces, and whose response goes into a text; it takes no more than it is let. */
class StandIn implements ServedRequest {
  readonly head: IncomingRequestHead;
  readonly gone = Condition.ready();
  readonly finished = Condition.ready();
  readonly responded = false;
  readonly complete = false;
  over = false;
  error: HttpErrorCode | undefined;
  trailers: readonly HttpField[] | undefined;
  discarded = false;
  status = 0;
  /** The head, and the body if it is short; how long that is, bytes; how it ended. */
  text = "";
  length = 0;
  end = "";
  /** Whether bytes leave at once. */
  flows = true;
  readonly #pieces: string[];
  readonly #buffer: Uint8Array;
  #sender: BodySender | undefined;
  readonly done = Promise.withResolvers<void>();

  constructor({ machine }: Setting, pieces: readonly string[], head: Partial<IncomingRequestHead> = {}) {
    this.#buffer = machine.buffer;
    this.#pieces = [...pieces];
    this.head = { method: "POST", path: "/a?b", authority: "a:1", scheme: "http", minor: 1, headers: [], ...head };
  }

  now(): number {
    return 0;
  }

  look(): void {}

  inform(): void {}

  read(readable: Condition): void {
    readable.markReady();
  }

  receive(max: number): number | "would-block" {
    const piece = this.#pieces.shift();
    if (piece === undefined) return 0;
    this.#buffer.set(encode(piece.slice(0, max)));
    if (piece.length > max) this.#pieces.unshift(piece.slice(max));
    return Math.min(max, piece.length);
  }

  discard(): void {
    this.discarded = true;
  }

  cancel(): void {}

  respond(status: number, headers: readonly HttpField[], body: BodySender | undefined): void {
    this.status = status;
    this.#sender = body;
    this.text = `${headers.map(([name, value]) => `${name}=${latin1(value)}`).join("&")}|`;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.length += end - start;
    if (this.length < 1000) this.text += decode(bytes.subarray(start, end));
    if (this.flows) this.#sender?.sent();
  }

  /** What was written has left. */
  flow(): void {
    this.#sender?.sent();
  }

  /** The client is gone. */
  leave(): void {
    this.error = { tag: "HTTP-protocol-error" };
    this.#sender?.stop();
  }

  finish(trailers: readonly HttpField[]): void {
    this.end = `finished ${trailers.map(([name, value]) => `${name}=${latin1(value)}`).join("&")}`;
    if (this.flows) this.#sender?.sent();
    this.done.resolve();
  }

  abort(error?: HttpErrorCode): void {
    this.end = `aborted ${error?.tag}`;
    this.done.resolve();
  }
}

await eachSetting((setting) => {
  if (!(setting.poll instanceof SuspendingPoll)) return;
  const http = httpOf(setting);
  const { types } = http;
  const cx = { poll: setting.poll, buffer: setting.machine.buffer, maxFieldsSize: MAX_SIZE };

  function response(
    { types }: Http,
    contents: Writer | undefined,
    headers: Readonly<Record<string, string>> = {},
    trailers = noTrailers(),
  ) {
    return types<readonly [ResponseResource, HostFuture<Transmission>]>(
      "[static]response.new",
      ...[fieldsOf(http, headers), contents, trailers],
    );
  }

  describe(`a server's messages of wasi:http 0.3 on ${setting.name}`, () => {
    it("a request has what came, less what is the connection's", async () => {
      const headers: HttpField[] = [
        ["x-a", byteString("1")],
        ["connection", byteString("close")],
      ];
      const exchange = new StandIn(setting, ["one", "two"], { method: "PURGE", headers });
      exchange.trailers = [["t", byteString("1")]];
      const request = incomingRequest(cx, exchange, exchange.head);
      const parts = ["method", "path-with-query", "scheme", "authority", "options"];
      assert.deepEqual(
        parts.map((part) => types(`[method]request.get-${part}`, request)),
        [{ tag: "other", val: "PURGE" }, "/a?b", { tag: "HTTP" }, "a:1", undefined],
      );
      assert.deepEqual(request.headers.entries(), [["x-a", byteString("1")]]);
      const [contents, trailers] = received(http, request, "request");
      assert.equal(decode(await settled(setting, read(contents))), "onetwo");
      assert.equal(shown(resolution(trailers)), "t=1");
      const star = new StandIn(setting, [], { method: "OPTIONS", path: "*", scheme: undefined });
      const asterisk = incomingRequest(cx, star, star.head);
      assert.deepEqual([asterisk.method, asterisk.path, asterisk.scheme], [{ tag: "options" }, "*", undefined]);
    });

    it("a request that is dropped, or whose contents are, is passed over", () => {
      for (const drop of [
        (exchange: StandIn) => incomingRequest(cx, exchange, exchange.head)[Symbol.dispose](),
        (exchange: StandIn) => received(http, incomingRequest(cx, exchange, exchange.head), "request")[0].drop(),
      ]) {
        const exchange = new StandIn(setting, ["rest"]);
        drop(exchange);
        assert.equal(exchange.discarded, true);
      }
    });

    it("a response: its head, its contents as they come, its trailers", async () => {
      const [exchange, writer] = [new StandIn(setting, []), new Writer()];
      const trailers = fieldsOf(http, { t: "1" });
      const [made, transmission] = response(http, writer, { "x-a": "1" });
      types("[method]response.set-status-code", made, 404);
      sendResponse(exchange, made);
      await settled(setting, writer.write(encode("abc")));
      await settled(setting, writer.write(encode("de")));
      assert.equal(transmission.resolved, false);
      writer.end();
      assert.deepEqual([exchange.status, exchange.text, exchange.end], [404, "x-a=1|abcde", "finished "]);
      assert.equal(resolution(transmission).tag, "ok");

      const other = new StandIn(setting, []);
      sendResponse(other, response(http, undefined, {}, HostFuture.of<Trailers>({ tag: "ok", val: trailers }))[0]);
      assert.deepEqual([other.status, other.text, other.end], [200, "|", "finished t=1"]);
    });

    it("keeps no more than a permit for a client that does not take it", async () => {
      const [exchange, writer] = [new StandIn(setting, []), new Writer()];
      exchange.flows = false;
      const [made, transmission] = response(http, writer);
      sendResponse(exchange, made);
      const bytes = new Uint8Array(1_000_000).fill(97);
      let taken = 0;
      for (let count = 0; typeof count === "number"; ) {
        const answer = writer.consumer!.consume(bytes, taken, bytes.length);
        if (typeof answer !== "number") break;
        count = answer;
        taken += answer;
      }
      assert.ok(taken > 65_536 && taken <= 131_072, `${taken}`);
      exchange.flow();
      assert.equal(typeof writer.consumer!.consume(bytes, taken, bytes.length), "number");
      exchange.leave();
      assert.equal(writer.consumer!.consume(bytes, taken, bytes.length), "closed");
      assert.deepEqual(resolution(transmission), { tag: "err", val: { tag: "HTTP-protocol-error" } });
    });

    for (const [promised, text, size] of [
      ["4", "abc", 3n],
      ["2", "abc", 3n],
    ] as const) {
      it(`a body of ${text} where ${promised} are promised ends the response`, async () => {
        const [exchange, writer] = [new StandIn(setting, []), new Writer()];
        const [made, transmission] = response(http, writer, { "content-length": promised });
        sendResponse(exchange, made);
        await settled(setting, writer.write(encode(text)));
        writer.end();
        assert.equal(exchange.end, "aborted HTTP-response-body-size");
        assert.deepEqual(resolution(transmission), { tag: "err", val: { tag: "HTTP-response-body-size", val: size } });
      });
    }

    it("a response that came in goes out as it comes, with its trailers", async () => {
      const { server, authority } = await HttpServer.start();
      await using _ = server;
      for (const [path, text] of [
        ["/with-trailers", "followed"],
        ["/large", undefined],
      ] as const) {
        const [request] = requestTo(http, [authority, "GET", path]);
        const exchange = new StandIn(setting, []);
        const body = sendResponse(exchange, await http.send(request));
        await settled(setting, whenDone(exchange));
        assert.ok("over" in body && body.over);
        if (text === undefined) assert.equal(exchange.length, 16 << 20);
        else assert.deepEqual([exchange.text.split("|")[1], exchange.end], [text, "finished x-sum=passed on"]);
      }
    });

    it("one that breaks off ends the one that goes out", async () => {
      const { server, authority } = await HttpServer.start();
      await using _ = server;
      const [request] = requestTo(http, [authority, "GET", "/short"]);
      const exchange = new StandIn(setting, []);
      sendResponse(exchange, await http.send(request));
      await settled(setting, whenDone(exchange));
      assert.match(exchange.text, /\|abc$/);
      assert.equal(exchange.end, "aborted HTTP-protocol-error");
    });

    it("a request that came in goes out as it is", async () => {
      const { server, authority } = await HttpServer.start();
      await using _ = server;
      const exchange = new StandIn(setting, ["to be ", "x".repeat(200_000)], { authority, path: "/count" });
      const answer = await http.send(incomingRequest(cx, exchange, exchange.head));
      const [contents] = received(http, answer);
      assert.equal(decode(await settled(setting, read(contents))), "200006");
    });

    function* whenDone(exchange: StandIn) {
      const ended = Condition.ready();
      ended.markPending();
      exchange.done.promise.then(() => {
        ended.markReady();
        setting.poll.wake();
      });
      yield ended;
    }
  });
});
