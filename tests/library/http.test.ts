/** wasi:http for guests of the library. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LinkError, run } from "../../src/index.ts";
import { command, run as runProgram } from "../adapters/programs.ts";
import { HttpServer } from "../e2e/http-server.ts";

const file = (name: string) => new URL(`../guests/http/${name}.wasm`, import.meta.url);

describe("run with wasi:http", () => {
  it("is there when it is asked for, and only then", async () => {
    assert.deepEqual(await run(file("fields"), { network: { http: true } }), { exitCode: 0 });
    for (const network of ["inherit", {}, { http: false }] as const) {
      await assert.rejects(run(file("fields"), { network }), LinkError);
    }
  });

  it("refuses a rule that it could not keep", async () => {
    const network = { http: true, deny: ["10.0.0.0/8"] };
    await assert.rejects(
      run(file("fields"), { network }),
      /^Error: network: deny 10\.0\.0\.0\/8 cannot be kept for HTTP/,
    );
  });

  for (const wait of ["blocking", "suspending"] as const) {
    it(`${wait}: sends requests by the rules, and leaves nothing of its thread behind`, async () => {
      const { server, authority } = await HttpServer.start();
      await using _ = server;
      const ended = await runProgram(command("fetch.ts", [authority, wait]));
      assert.deepEqual([ended.stderr, ended.stdout.toString(), ended.status], ["", "nothing left\n", 0]);
      assert.equal(server.seen.length, 10);
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
