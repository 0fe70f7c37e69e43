/** wasi:http 0.3 from Rust, with -Shttp: what the guest asserts inside, and what the server has seen. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { assertWell } from "./check.ts";
import { freePort } from "./client.ts";
import { type Host, NETWORK, run } from "./host.ts";
import { HTTP, pem, trusting } from "./http-case.ts";
import { HttpServer } from "./http-server.ts";
import { http3, runAlone, runTopic } from "./http3.ts";

/** Topics that have no peer, and those that have. */
const alone = ["fields", "messages"];
const requests = [
  ...["heads", "many", "echo", "large-up", "large-down", "splice", "trailers", "early-answer", "sizes", "abandoned"],
  ...["failures", "cancelled", "timeouts"],
];

/** What `ask` says with these options. */
const policies: readonly (readonly [flags: readonly string[], said: string])[] = [
  [[HTTP], "203"],
  [[HTTP, "--allow-net=127.0.0.1:PORT"], "203"],
  [[HTTP, "--allow-net=10.0.0.0/8"], "ErrorCode::HttpRequestDenied"],
  [[HTTP, "--deny-net=127.0.0.1"], "ErrorCode::HttpRequestDenied"],
  [["-Shttp,inherit-network", "--deny-net=connect:127.0.0.1:PORT"], "ErrorCode::HttpRequestDenied"],
];

/** @param isPollux wasmtime 48 has no rules, trusts no other certificates, and says of a request that failed that it was transmitted */
export function http3Suite(hosts: readonly Host[], { isPollux = true } = {}): void {
  for (const host of hosts) {
    describe(`wasi:http 0.3 from Rust on ${host.name}`, { skip: host.skip || http3.skip }, () => {
      for (const topic of alone) it(topic, async () => assertWell(await runAlone(host, [topic])));
      for (const topic of requests) it(topic, async () => assertWell((await runTopic(host, topic)).outcome));

      it("hello: the server sees the guest's headers, and its authority as host", async () => {
        const { outcome, seen } = await runTopic(host, "hello");
        assertWell(outcome);
        assert.equal(seen[0]?.line, "GET /hello?a=b");
        const named = (name: string) => seen[0]?.rawHeaders.filter((_, i, all) => i % 2 === 1 && all[i - 1] === name);
        assert.deepEqual(named("x-asked"), ["one", "two"]);
        assert.deepEqual(named("x-bytes"), ["caf\xe9"]);
        assert.match(named("host")?.join() ?? "", /^127\.0\.0\.1:\d+$/);
        assert.deepEqual(named("transfer-encoding"), []);
      });

      if (isPollux) describeMore(host);
    });
  }
}

/** Why no certificate of a test's is trusted there; false: it is. */
function untrusting({ name }: Host): string | false {
  return name === "deno, net and read only" && "it may not read the environment, which names the certificate";
}

function describeMore(host: Host): void {
  it("by TLS", { skip: untrusting(host) }, async () => {
    const { server } = await HttpServer.start();
    await using _ = server;
    const port = await server.startTls(readFileSync(pem("key"), "utf8"), readFileSync(pem("cert"), "utf8"));
    const args = ["secure", `localhost:${port}`];
    assertWell(await run(host, http3.file, { flags: [HTTP, ...NETWORK], args, env: trusting }));
  });

  it("refusals", async () => assertWell(await runAlone(host, ["refusals"])));

  for (const topic of ["pathless", "trailer-error"])
    it(topic, async () => assertWell((await runTopic(host, topic)).outcome));

  it("a refused connection, and a name without address", async () =>
    assertWell(await runAlone(host, ["refused", `127.0.0.1:${await freePort()}`])));

  it("a trace says what was asked, and what came of it", async () => {
    const { outcome } = await runTopic(host, "ask", [HTTP, "--trace=http,!canon"]);
    const lines = outcome.stderr.replace(/^ *[\d.]+ | <[\d.]+>$/gm, "").split("\n");
    for (const line of [
      "http/types fields.from-list([]) = fields#1",
      "http/types request.new(fields#1, none, future, none) = [request#1, future]",
      "http/types request#1.set-scheme(HTTP) = ok",
      'http/types request#1.set-path-with-query("/hello") = ok',
      "http/client send(request#1) = response#1",
      "http/types response#1.get-status-code() = 203",
    ])
      assert.ok(lines.includes(line), outcome.stderr);
  });

  for (const [flags, said] of policies) {
    it(`${flags.join(" ")}: ${said}`, async () =>
      assertWell((await runTopic(host, "ask", flags)).outcome, `${said}\n`));
  }
}
