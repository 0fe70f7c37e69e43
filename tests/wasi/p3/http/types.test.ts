/** wasi:http/types 0.3: what its functions answer that ask nobody. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HostFuture } from "../../../../src/component/streams.ts";
import { byteString } from "../../../../src/core/http/fields.ts";
import type { Fields, Transmission } from "../../../../src/wasi/p3/http/fields.ts";
import type { RequestResource } from "../../../../src/wasi/p3/http/request.ts";
import type { RequestOptions } from "../../../../src/wasi/p3/http/request-options.ts";
import type { ResponseResource } from "../../../../src/wasi/p3/http/response.ts";
import { eachSetting, encode, Writer } from "../host.ts";
import { fieldsOf, handled, httpOf, noTrailers, received, resolution } from "./http.ts";

const [syntax, forbidden, immutable, tooLarge] = ["invalid-syntax", "forbidden", "immutable", "size-exceeded"];

/** A call's error; `ok`. */
function outcome(call: () => unknown): unknown {
  try {
    call();
    return "ok";
  } catch (error) {
    return typeof error === "object" && error !== null && "tag" in error ? error.tag : error;
  }
}

/** Changes of one that has `a` and `content-length`; and of one that only looks at the same. */
const changes: readonly (readonly [item: string, args: readonly unknown[], changed: unknown, looked: unknown])[] = [
  ["append", ["b", byteString("1")], "ok", immutable],
  ["append", ["", byteString("1")], syntax, syntax],
  ["append", ["b", byteString("\n")], syntax, syntax],
  ["append", ["Host", byteString("1")], forbidden, forbidden],
  ["append", ["Content-Length", byteString("1")], syntax, syntax],
  ["append", ["b", new Uint8Array(2000).fill(97)], tooLarge, immutable],
  ["set", ["a", [byteString("2"), byteString("3")]], "ok", immutable],
  ["set", ["a", []], "ok", immutable],
  ["set", ["content-length", [byteString("1"), byteString("1")]], syntax, immutable],
  ["set", ["content-length", [byteString("-1")]], syntax, immutable],
  ["set", ["upgrade", []], forbidden, forbidden],
  ["set", ["a", [new Uint8Array(2000).fill(97)]], tooLarge, immutable],
  ["set", ["b", [new Uint8Array(2000).fill(97)]], tooLarge, immutable],
  ["delete", ["A"], "ok", immutable],
  ["delete", ["none"], "ok", immutable],
  ["delete", ["a b"], syntax, syntax],
  ["get-and-delete", ["a"], "ok", immutable],
  ["get-and-delete", ["connection"], forbidden, forbidden],
  ["get-and-delete", ["é"], syntax, syntax],
];

/** What setters of a request take, and what the getter says then; undefined: they do not. */
const setters: readonly (readonly [item: string, given: unknown, kept: unknown])[] = [
  ["method", { tag: "put" }, { tag: "put" }],
  ["method", { tag: "other", val: "PUT" }, { tag: "put" }],
  ["method", { tag: "other", val: "put" }, { tag: "other", val: "put" }],
  ["method", { tag: "other", val: "" }, undefined],
  ["method", { tag: "other", val: "A B" }, undefined],
  ["scheme", { tag: "HTTPS" }, { tag: "HTTPS" }],
  ["scheme", { tag: "other", val: "http" }, { tag: "HTTP" }],
  ["scheme", { tag: "other", val: "HTTP" }, { tag: "other", val: "HTTP" }],
  ["scheme", { tag: "other", val: "x y" }, undefined],
  ["scheme", { tag: "other", val: "x".repeat(65) }, undefined],
  ["path-with-query", "/a?b", "/a?b"],
  ["path-with-query", "/a?b#c", "/a?b"],
  ["path-with-query", "", "/"],
  ["path-with-query", "#c", undefined],
  ["path-with-query", "?a", "?a"],
  ["path-with-query", "*", "*"],
  ["path-with-query", "a/../b", "a/../b"],
  ["path-with-query", "http://a/", "http://a/"],
  ["path-with-query", `/${"x".repeat(65_534)}`, undefined],
  ["authority", "a:80", "a:80"],
  ["authority", "u:p@a:80", "u:p@a:80"],
  ["authority", "[::1]", "[::1]"],
  ["authority", "[::1]:65535", "[::1]:65535"],
  ["authority", "[::1]:65536", undefined],
  ["authority", "a:", undefined],
  ["authority", "a:b", undefined],
  ["authority", "u:p@a", undefined],
  ["authority", "", undefined],
];

await eachSetting((setting) => {
  if (setting.name !== "posix, epoll") return;
  const http = httpOf(setting);
  const { types } = http;
  const made = () => fieldsOf(http, { a: "1", "content-length": "007" });
  const request = (options?: RequestOptions) =>
    types<readonly [RequestResource]>("[static]request.new", made(), undefined, noTrailers(), options)[0];
  const response = () => types<readonly [ResponseResource]>("[static]response.new", made(), undefined, noTrailers())[0];

  describe("wasi:http/types 0.3", () => {
    for (const [item, args, changed, looked] of changes) {
      it(`fields.${item}(${JSON.stringify(args).slice(0, 60)}): ${changed}, or ${looked}`, () => {
        assert.equal(
          outcome(() => types(`[method]fields.${item}`, made(), ...args)),
          changed,
        );
        for (const [resource, message] of [
          ["request", request()],
          ["response", response()],
        ] as const) {
          const headers = types<Fields>(`[method]${resource}.get-headers`, message);
          assert.equal(
            outcome(() => types(`[method]fields.${item}`, headers, ...args)),
            looked,
          );
          const copy = types<Fields>("[method]fields.clone", headers);
          assert.equal(
            outcome(() => types(`[method]fields.${item}`, copy, ...args)),
            changed,
          );
          assert.equal(headers.map.entries().length, 2);
        }
      });
    }

    it("fields: what is asked for", () => {
      const fields = types<Fields>("[constructor]fields");
      for (const [name, value] of [
        ["A", "1"],
        ["b", "2"],
        ["a", "3"],
      ])
        types("[method]fields.append", fields, name, byteString(value!));
      assert.deepEqual(types("[method]fields.get", fields, "a"), [byteString("1"), byteString("3")]);
      assert.deepEqual(types("[method]fields.get", fields, "no name"), []);
      assert.deepEqual(
        [types("[method]fields.has", fields, "B"), types("[method]fields.has", fields, "c")],
        [true, false],
      );
      const all = types<readonly (readonly [string, Uint8Array])[]>("[method]fields.copy-all", fields);
      assert.deepEqual(
        all.map(([name]) => name),
        ["a", "a", "b"],
      );
      assert.deepEqual(types("[method]fields.get-and-delete", fields, "A"), [byteString("1"), byteString("3")]);
      assert.deepEqual(types("[method]fields.get-and-delete", fields, "A"), []);
      for (const [entries, error] of [
        [[["a", encode("\0")]], syntax],
        [[["host", encode("")]], forbidden],
      ])
        assert.equal(
          outcome(() => types("[static]fields.from-list", entries)),
          error,
        );
      assert.equal(
        outcome(() => types("[static]fields.from-list", [["a", new Uint8Array(2000).fill(97)]])),
        tooLarge,
      );
    });

    for (const [item, given, kept] of setters) {
      it(`request.set-${item}(${JSON.stringify(given).slice(0, 60)}): ${JSON.stringify(kept)}`, () => {
        const made = request();
        const before = types(`[method]request.get-${item}`, made);
        assert.equal(
          outcome(() => types(`[method]request.set-${item}`, made, given)),
          kept === undefined ? undefined : "ok",
        );
        assert.deepEqual(types(`[method]request.get-${item}`, made), kept ?? before);
        if (item === "method") return;
        types(`[method]request.set-${item}`, made, undefined);
        assert.equal(types(`[method]request.get-${item}`, made), undefined);
      });
    }

    it("request-options: those of a request can only be looked at, and a copy is free again", () => {
      const options = types<RequestOptions>("[constructor]request-options");
      for (const name of ["connect", "first-byte", "between-bytes"]) {
        assert.equal(types(`[method]request-options.get-${name}-timeout`, options), undefined);
        types(`[method]request-options.set-${name}-timeout`, options, 2n ** 64n - 1n);
      }
      const kept = types<RequestOptions>("[method]request.get-options", request(options));
      const copy = types<RequestOptions>("[method]request-options.clone", kept);
      for (const name of ["connect", "first-byte", "between-bytes"]) {
        assert.equal(
          outcome(() => types(`[method]request-options.set-${name}-timeout`, kept, 1n)),
          immutable,
        );
        types(`[method]request-options.set-${name}-timeout`, copy, undefined);
        assert.equal(types(`[method]request-options.get-${name}-timeout`, copy), undefined);
        assert.equal(types(`[method]request-options.get-${name}-timeout`, kept), 2n ** 64n - 1n);
      }
      assert.equal(types("[method]request.get-options", request()), undefined);
    });

    it("response.set-status-code: 100 to 599", () => {
      const made = response();
      assert.equal(types("[method]response.get-status-code", made), 200);
      for (const [status, right] of [
        [99, false],
        [100, true],
        [599, true],
        [600, false],
        [65_535, false],
      ] as const)
        assert.equal(
          outcome(() => types("[method]response.set-status-code", made, status)),
          right ? "ok" : undefined,
        );
      assert.equal(types("[method]response.get-status-code", made), 599);
    });

    for (const resource of ["request", "response"]) {
      const create = (contents: Writer, trailers = noTrailers()) =>
        types<readonly [RequestResource | ResponseResource, HostFuture<Transmission>]>(
          `[static]${resource}.new`,
          ...[made(), contents, trailers, undefined],
        );

      it(`${resource}: what the guest takes of its own is what it gave, and its word is the transmission`, () => {
        const [contents, trailers] = [new Writer(), noTrailers()];
        const [message, transmission] = create(contents, trailers);
        const outcome = new HostFuture<Transmission>();
        assert.deepEqual(types(`[static]${resource}.consume-body`, message, outcome), [contents, trailers]);
        assert.equal(transmission.resolved, false);
        outcome.resolve({ tag: "err", val: { tag: "HTTP-protocol-error" } });
        assert.deepEqual(resolution(transmission), { tag: "err", val: { tag: "HTTP-protocol-error" } });
        const [none] = received(http, resource === "request" ? request() : response(), resource);
        assert.equal(none.produce(1), "closed");
      });

      it(`${resource}: dropped, it drops what it was given`, () => {
        const contents = new Writer();
        const [message, transmission] = create(contents);
        message[Symbol.dispose]();
        assert.equal(contents.dropped, true);
        assert.equal(resolution(transmission).tag, resolution(handled()).tag);
      });
    }
  });
});
