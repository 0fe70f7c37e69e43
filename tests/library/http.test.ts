/** wasi:http for guests of the library. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { LinkError, run } from "../../src/index.ts";
import { command, run as runProgram } from "../adapters/programs.ts";
import { HttpServer } from "../e2e/http-server.ts";

const localhost = [readPem("key"), readPem("cert")] as const;

function readPem(part: string): string {
  return readFileSync(new URL(`../e2e/localhost-${part}.pem`, import.meta.url), "utf8");
}

const file = (name: string) => new URL(`../guests/http/${name}.wasm`, import.meta.url);

describe("run with wasi:http", () => {
  it("is there when it is asked for, and only then", async () => {
    assert.deepEqual(await run(file("fields"), { network: { http: true } }), { exitCode: 0 });
    for (const network of ["inherit", {}, { http: false }] as const) {
      await assert.rejects(run(file("fields"), { network }), LinkError);
    }
  });

  it("keeps a rule by address for the addresses behind a name", async () => {
    const { server, authority } = await HttpServer.start();
    await using _ = server;
    const args = ["guest", "denied-address", authority.replace("127.0.0.1", "localhost")];
    const network = { http: true, deny: ["127.0.0.0/8", "[::1]"] };
    assert.deepEqual(await run(file("requests"), { args, network }), { exitCode: 0 });
    assert.equal(server.seen.length, 0);
  });

  for (const wait of ["blocking", "suspending"] as const) {
    it(`${wait}: sends requests by the rules, and leaves nothing behind`, async () => {
      const { server, authority } = await HttpServer.start();
      await using _ = server;
      const ended = await runProgram(command("fetch.ts", [authority, wait, "allowed"]));
      assert.deepEqual([ended.stderr, ended.stdout.toString(), ended.status], ["", "nothing left\n", 0]);
      assert.ok(server.seen.length >= 9);
    });

    it(`${wait}: and nothing of the thread that does TLS`, async () => {
      const { server } = await HttpServer.start();
      await using _ = server;
      const authority = `localhost:${await server.startTls(...localhost)}`;
      const ended = await runProgram(command("fetch.ts", [authority, wait, "untrusted"]));
      assert.deepEqual([ended.stderr, ended.stdout.toString(), ended.status], ["", "nothing left\n", 0]);
      assert.equal(server.seen.length, 0);
    });
  }

  for (const name of ["echo", "large-down", "trailers", "many", "beside", "left-behind"]) {
    it(`suspended, while this program serves it: ${name}`, async () => {
      const { server, authority, line } = await HttpServer.start();
      await using _ = server;
      const args = ["guest", name, authority, String(line)];
      assert.deepEqual(await run(file("requests"), { args, network: { http: true, inherit: true } }), { exitCode: 0 });
    });
  }
});
