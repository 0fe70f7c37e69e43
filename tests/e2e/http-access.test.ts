/** What -Shttp lets a guest reach, and who has no use for it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { assertError } from "./check.ts";
import { guestFile, hosts, run } from "./host.ts";
import { assertChecked, HTTP, pem, runCase, trusting } from "./http-case.ts";
import { HttpServer } from "./http-server.ts";

const fields = guestFile("http/fields");
const requests = guestFile("http/requests");

for (const host of hosts) {
  describe(`access by http on ${host.name}`, { skip: host.skip }, () => {
    const rules: readonly (readonly [string, readonly string[], "allowed" | "denied"])[] = [
      ["an address that is allowed", ["--allow-net", "127.0.0.1"], "allowed"],
      ["another port", ["--allow-net", "127.0.0.1:1"], "denied"],
      ["a name rule, against an address", ["--allow-net", "localhost"], "denied"],
      ["an address that is denied", ["--allow-net", "127.0.0.0/8", "--deny-net", "127.0.0.1"], "denied"],
      ["the address of a name that is denied", ["--deny-net", "localhost"], "denied"],
      ["every port but one", ["--deny-net", "*:1"], "allowed"],
    ];
    for (const [name, flags, outcome] of rules) {
      it(`${name}: ${outcome}`, async () => {
        assert.equal((await runCase(host, outcome, flags)).length, outcome === "allowed" ? 1 : 0);
      });
    }

    it("a name is denied by its name", async () => {
      const args = ["denied", "localhost:1"];
      assertChecked(await run(host, requests, { flags: [HTTP, "--deny-net", "localhost"], args }));
    });

    it("takes no proxy from the environment", async () => {
      const { server, authority } = await HttpServer.start();
      await using _ = server;
      const nowhere = "http://127.0.0.1:1";
      const env = { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: nowhere, http_proxy: nowhere, ALL_PROXY: nowhere };
      assertChecked(await run(host, requests, { flags: [HTTP], args: ["allowed", authority], env }));
      assert.equal(server.seen.length, 1);
    });

    it("rules by address are of the addresses behind a name", async () => {
      const { server, authority } = await HttpServer.start();
      await using _ = server;
      const args = ["denied-address", authority.replace("127.0.0.1", "localhost")];
      const outcomes: readonly (readonly string[])[] = [
        ["--deny-net", "127.0.0.0/8", "--deny-net", "[::1]"],
        ["--allow-net", "10.0.0.0/8", "--allow-net", "dns:localhost"],
      ];
      for (const rules of outcomes) assertChecked(await run(host, requests, { flags: [HTTP, ...rules], args }));
      const allowing = ["--allow-net", "127.0.0.1", "--allow-net", "dns:localhost"];
      assertChecked(await run(host, requests, { flags: [HTTP, ...allowing], args: ["allowed", ...args.slice(1)] }));
      assert.equal(server.seen.length, 1);
    });

    it("TLS: a certificate that is not trusted, and one that is", async () => {
      const { server } = await HttpServer.start();
      await using _ = server;
      const port = await server.startTls(readFileSync(pem("key"), "utf8"), readFileSync(pem("cert"), "utf8"));
      const authority = `localhost:${port}`;
      for (const env of [{}, { NODE_TLS_REJECT_UNAUTHORIZED: "0" }]) {
        assertChecked(await run(host, requests, { flags: [HTTP], args: ["untrusted", authority], env }));
      }
      assertChecked(await run(host, requests, { flags: [HTTP], args: ["trusted", authority], env: trusting }));
    });

    it("a core module has no use for it", async () => {
      assertError(
        await run(host, guestFile("p1/files"), { flags: [HTTP] }),
        1,
        "Cannot enable wasi-http for core wasm",
      );
    });

    it("a server's component is no command, and it is said how it is served", async () => {
      const outcome = await run(host, guestFile("http/server"));
      assertError(outcome, 1, "no exported instance named `wasi:cli/run@0.2.12`");
      assert.match(
        outcome.stderr,
        /^hint: a component that exports wasi:http\/incoming-handler@0\.2\.12 is an HTTP server: serve it with `pollux serve`$/m,
      );
    });

    it("without -Shttp there is no wasi:http", async () => {
      const text = "component imports instance `wasi:http/types@0.2.12`, but a matching implementation was not found";
      for (const flags of [[], ["-Shttp=n"]]) assertError(await run(host, fields, { flags }), 1, text);
    });
  });
}
