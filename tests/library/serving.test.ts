/** What `serve` and `handler` are given, and what they refuse. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, it } from "node:test";
import { compile, handler, LinkError, ParseError, type ServingOptions, SocketError, serve } from "../../src/index.ts";
import { binary } from "../component/text.ts";
import { library, ProgramRun } from "../net/program.ts";
import { guest } from "./serving/served.ts";

const hello = "Hello, World!\n";
const request = (path: string, init?: RequestInit) => new Request(`http://a${path}`, init);

const ways = {
  serve: (source: URL | Uint8Array, options: ServingOptions = {}) => serve(source, { ...options, port: 0 }),
  handler,
};

for (const [name, way] of Object.entries(ways)) {
  describe(`${name} refuses`, () => {
    it("what is no component", async () => {
      await assert.rejects(way(new Uint8Array(8)), ParseError);
    });

    it("a component that serves no requests", async () => {
      const bytes = await binary(`(component (core module $m (func (export "f")))
        (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f"))))`);
      await assert.rejects(way(bytes), (error) => {
        assert.ok(error instanceof LinkError);
        assert.deepEqual(error.causes, ["no exported instance named `wasi:http/incoming-handler@0.2.12`"]);
        return true;
      });
      await assert.rejects(way(new URL("../guests/hello.wasm", import.meta.url)), LinkError);
    });

    it("options that are out of range", async () => {
      for (const options of [{ maxRequests: 0 }, { requestTimeout: -1 }, { reuse: { maxRequests: 1.5 } }])
        await assert.rejects(way(guest("serve-hello"), options), RangeError);
    });

    it("when its signal is aborted", async () => {
      await assert.rejects(way(guest("serve-hello"), { signal: AbortSignal.abort("no") }), (reason) => reason === "no");
    });

    it("a directory that is not there", async () => {
      await assert.rejects(way(guest("serve-cli"), { preopens: { "/": "/not/there" } }), { name: "PreopenError" });
    });
  });
}

describe("serve", () => {
  it("says where it listens", async () => {
    await using server = await serve(guest("serve-hello"), { port: 0 });
    assert.equal(server.address.host, "127.0.0.1");
    assert.equal(server.url.href, `http://127.0.0.1:${server.address.port}/`);
    assert.equal(await (await fetch(server.url)).text(), hello);
  });

  it("listens on a name's address", async () => {
    await using server = await serve(guest("serve-hello"), { hostname: "localhost", port: 0 });
    assert.equal(await (await fetch(server.url)).text(), hello);
  });

  it("an address that is taken", async () => {
    await using server = await serve(guest("serve-hello"), { port: 0 });
    await assert.rejects(serve(guest("serve-hello"), { addr: server.address }), (error) => {
      assert.ok(error instanceof SocketError);
      assert.equal(error.code, "address-in-use");
      return true;
    });
  });

  it("a component that was compiled, twice at once", async () => {
    const component = await compile(guest("serve-hello"), { wait: "suspending" });
    await using one = await serve(component, { port: 0 });
    await using two = await serve(component, { port: 0 });
    for (const { url } of [one, two]) assert.equal(await (await fetch(url)).text(), hello);
    await assert.rejects(serve(await compile(guest("serve-hello"), { wait: "blocking" })), TypeError);
  });

  it("is finished when it was closed, and closes twice", async () => {
    const server = await serve(guest("serve-hello"), { port: 0 });
    await Promise.all([server.close(), server.close(), server.finished]);
    await assert.rejects(fetch(server.url));
  });

  it("does not keep its program alive when it was closed", async () => {
    const program = `
      import { serve } from "${library}";
      for (const net of ["posix", "evented"]) {
        const server = await serve(new URL("${guest("serve").href}"), { port: 0, net, gracePeriod: 20 });
        const response = await fetch(new URL("/slow-body/100000/10", server.url));
        const reader = response.body.getReader();
        await reader.read();
        await server.close();
        await reader.read().catch(() => {});
      }
      console.log("closed");
    `;
    const { stdout, stderr, status } = await new ProgramRun(program).end();
    assert.deepEqual([stdout, stderr, status], ["closed\n", "", 0]);
  });
});

describe("handler", () => {
  it("answers", async () => {
    await using answer = await handler(guest("serve-hello"));
    assert.equal(await (await answer(request("/"))).text(), hello);
  });

  it("answers 503 when it was closed", async () => {
    const answer = await handler(guest("serve-hello"));
    await Promise.all([answer.close(), answer.close()]);
    assert.equal((await answer(request("/"))).status, 503);
  });

  it("tells errors in one line", async () => {
    const program = `
      import { handler } from "${library}";
      const answer = await handler(new URL("${guest("serve").href}"));
      await answer(new Request("http://a/trap"));
      await answer(new Request("http://a/hello"));
    `;
    const { stderr, status } = await new ProgramRun(program).end();
    assert.equal(stderr, "pollux: Trap: wasm trap: wasm `unreachable` instruction executed\n");
    assert.equal(status, 0);
  });

  it("a status that no Response can have", async () => {
    const errors: unknown[] = [];
    await using answer = await handler(guest("serve"), { onError: (error) => errors.push(error) });
    const response = await answer(request("/status/700"));
    assert.equal(response.status, 500);
    assert.match(await response.text(), /status 700/);
    assert.match(String(errors[0]), /status 700/);
  });

  it("prints with whose line it is", async () => {
    let printed = "";
    const stdout = (bytes: Uint8Array) => {
      printed += new TextDecoder().decode(bytes);
    };
    await using answer = await handler(guest("serve"), { stdout, logPrefix: true });
    await answer(request("/print"));
    assert.match(printed, /^stdout \[0\] :: a line\nstdout \[0\] :: two lines\n/);
  });

  it("prints on the console", async () => {
    const program = `
      import { handler } from "${library}";
      const answer = await handler(new URL("${guest("serve").href}"), { stdout: "inherit", stderr: "inherit" });
      await answer(new Request("http://a/print"));
      await answer.close();
    `;
    const { stdout, stderr } = await new ProgramRun(program).end();
    assert.match(stdout, /^a line\ntwo lines\nat once\npart, rest\n\nno end\n$/);
    assert.equal(stderr, "an error\n");
  });

  it("gives an environment", async () => {
    await using answer = await handler(guest("serve-cli"), { env: { A: "b" } });
    assert.equal(await (await answer(request("/env"))).text(), "A=b\nINSTANCE_ID=0\n");
  });

  it("a guest's own requests go where they may", async () => {
    const upstream = createServer((incoming, outgoing) => {
      outgoing.writeHead(201, { "content-type": "text/upstream" });
      incoming.pipe(outgoing);
    }).listen(0, "127.0.0.1");
    await once(upstream, "listening");
    const address = upstream.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const forwarded = async (options: ServingOptions) => {
      await using answer = await handler(guest("serve"), options);
      const headers = { "x-to": `127.0.0.1:${address.port}` };
      const response = await answer(request("/forward", { method: "POST", body: "x".repeat(100_000), headers }));
      return [response.status, (await response.text()).length];
    };
    assert.deepEqual(await forwarded({ network: { http: true } }), [201, 100_000]);
    assert.deepEqual(await forwarded({ network: { http: true, allow: ["127.0.0.1:*"] } }), [201, 100_000]);
    for (const network of [undefined, "inherit", { http: true, deny: ["127.0.0.0/8"] }] as const)
      assert.deepEqual((await forwarded(network === undefined ? {} : { network }))[0], 502);
    upstream.close();
    upstream.closeAllConnections();
  });

  it("others wait when as many as may are under way", async () => {
    await using answer = await handler(guest("serve"), { maxRequests: 1 });
    const order: string[] = [];
    const paths = ["/sleep/50", "/hello"];
    await Promise.all(paths.map((path) => answer(request(path)).then(() => order.push(path))));
    assert.deepEqual(order, paths);
  });

  it("an instance that waits for requests ends in time", async () => {
    const program = `
      import { handler } from "${library}";
      const reuse = { maxRequests: 10, idleTimeout: 20 };
      const answer = await handler(new URL("${guest("serve").href}"), { reuse });
      const count = async () => (await answer(new Request("http://a/counter"))).text();
      console.log(await count() + await count());
    `;
    const { stdout, stderr, status } = await new ProgramRun(program).end();
    assert.deepEqual([stdout, stderr, status], ["1\n2\n\n", "", 0]);
  });
});
