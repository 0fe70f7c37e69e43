/** wasi:http/client 0.3, against a server of this process; so on machines whose waits let that go on. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HostFuture } from "../../../../src/component/streams.ts";
import { latin1 } from "../../../../src/core/http/fields.ts";
import { parseNetRule } from "../../../../src/core/policy/net-rule.ts";
import { networkPolicy } from "../../../../src/core/policy/network-policy.ts";
import type { Blocking } from "../../../../src/core/wait/poll.ts";
import { SuspendingPoll } from "../../../../src/core/wait/suspending-poll.ts";
import type { Trailers, Transmission } from "../../../../src/wasi/p3/http/fields.ts";
import { HttpServer } from "../../../e2e/http-server.ts";
import { decode, eachSetting, encode, read, settled, together, Writer } from "../host.ts";
import { fieldsOf, httpOf, received, requestTo, resolution, shown } from "./http.ts";

function* write(writer: Writer, ...pieces: readonly Uint8Array[]): Blocking<number> {
  let taken = 0;
  for (const piece of pieces) taken += yield* writer.write(piece);
  writer.end();
  return taken;
}

const told = (future: HostFuture<Transmission>) => {
  const end = resolution(future);
  return end.tag === "ok" ? "ok" : end.val;
};

await eachSetting((setting) => {
  if (!(setting.poll instanceof SuspendingPoll)) return;
  const http = httpOf(setting);
  const { types } = http;

  describe(`wasi:http/client 0.3 on ${setting.name}`, () => {
    it("a response: its status, its headers, its body, no trailers", async () => {
      const { server, authority } = await HttpServer.start();
      await using _ = server;
      const [request, transmission] = requestTo(http, [authority, "GET", "/hello"], { "x-asked": "one" });
      const response = await http.send(request);
      assert.equal(response.status, 203);
      assert.deepEqual(
        response.headers.get("set-cookie").map((value) => latin1(value)),
        ["a=1", "b=2"],
      );
      assert.equal(response.headers.has("connection"), false);
      const [contents, trailers] = received(http, response);
      assert.equal(decode(await settled(setting, read(contents))), "hello");
      assert.equal(shown(resolution(trailers)), "");
      assert.equal(told(transmission), "ok");
    });

    it("bodies both ways at once, beyond what any buffer holds", async () => {
      const { server, authority } = await HttpServer.start();
      await using _ = server;
      const writer = new Writer();
      const [request, transmission] = requestTo(http, [authority, "POST", "/echo"], {}, writer);
      const [contents] = received(http, await http.send(request));
      const bytes = new Uint8Array(5_000_000).map((_, i) => i * 7);
      const [taken, back] = await together(setting, write(writer, bytes), read(contents));
      assert.deepEqual([taken, Buffer.compare(back, bytes), told(transmission)], [bytes.length, 0, "ok"]);
    });

    it("trailers both ways, those that the guest knows before the contents are over", async () => {
      const { server, authority } = await HttpServer.start();
      await using _ = server;
      const [writer, trailers] = [new Writer(), new HostFuture<Trailers>()];
      const [request] = requestTo(http, [authority, "POST", "/trailers"], { trailer: "x-sum" }, writer, trailers);
      trailers.resolve({ tag: "ok", val: fieldsOf(http, { "x-sum": "15", "x-other": "1" }) });
      const [response] = await together(setting, http.sending(request), write(writer, encode("body")));
      assert.deepEqual(
        response.headers.get("x-seen").map((value) => latin1(value)),
        ["15"],
      );
      const [contents, after] = received(http, response);
      await settled(setting, read(contents, undefined, 3));
      assert.equal(shown(resolution(after)), "x-end=here");
    });

    for (const [promised, pieces, error] of [
      ["4", ["ab", "c"], 3n],
      ["4", ["abcde"], 5n],
      ["4", ["abc", "de"], 5n],
      ["0", ["a"], 1n],
    ] as const) {
      it(`a body of ${pieces.join(" and ")} where ${promised} are promised: of size ${error}`, async () => {
        const { server, authority } = await HttpServer.start();
        await using _ = server;
        const writer = new Writer();
        const [request, transmission] = requestTo(
          http,
          [authority, "POST", "/swallow"],
          { "content-length": promised },
          writer,
        );
        const expected = { tag: "HTTP-request-body-size", val: error };
        const writing = write(writer, ...pieces.map(encode));
        await assert.rejects(together(setting, http.sending(request), writing), expected);
        assert.deepEqual(told(transmission), expected);
      });
    }

    it("trailers that are an error end the request", async () => {
      const { server, authority } = await HttpServer.start();
      await using _ = server;
      const [writer, trailers] = [new Writer(), new HostFuture<Trailers>()];
      const [request, transmission] = requestTo(http, [authority, "POST", "/swallow"], {}, writer, trailers);
      const why = { tag: "connection-read-timeout" } as const;
      function* broken(): Blocking<void> {
        yield* write(writer, encode("body"));
        trailers.resolve({ tag: "err", val: why });
      }
      await assert.rejects(together(setting, http.sending(request), broken()), why);
      assert.deepEqual(told(transmission), why);
    });

    it("a body that stops before its end: some contents, then the error", async () => {
      const { server, authority } = await HttpServer.start();
      await using _ = server;
      const [request] = requestTo(http, [authority, "GET", "/short"]);
      const [contents, trailers] = received(http, await http.send(request));
      assert.equal(decode(await settled(setting, read(contents))), "abc");
      assert.equal(shown(resolution(trailers)), "HTTP-protocol-error");
    });

    it("contents that are dropped have no trailers, and their connection ends", async () => {
      const { server, authority } = await HttpServer.start();
      await using _ = server;
      const [request] = requestTo(http, [authority, "GET", "/half"]);
      const [contents, trailers] = received(http, await http.send(request));
      contents.drop();
      assert.equal(shown(resolution(trailers)), "");
    });

    it("a refused request drops its body, and tells why", async () => {
      const rules = { allow: [], deny: [parseNetRule("127.0.0.1")] };
      const open = { inheritNetwork: true, tcp: undefined, udp: undefined, allowIpNameLookup: false };
      const denying = httpOf(setting, { policy: networkPolicy(open, rules) });
      for (const [policed, scheme, authority, error] of [
        [denying, "http", "127.0.0.1:1", "HTTP-request-denied"],
        [http, "ftp", "127.0.0.1:1", "HTTP-protocol-error"],
        [http, "http", undefined, "HTTP-request-URI-invalid"],
      ] as const) {
        const writer = new Writer();
        const [request, transmission] = requestTo(policed, ["127.0.0.1:1", "POST", "/"], {}, writer);
        types("[method]request.set-scheme", request, { tag: "other", val: scheme });
        types("[method]request.set-authority", request, authority);
        await assert.rejects(policed.send(request), { tag: error });
        assert.equal(writer.dropped, true);
        assert.deepEqual(told(transmission), { tag: error });
      }
    });
  });
});
