/** A server command with what toolchains make of programs as people write them: see serve-suite.ts. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { programs } from "./serve/programs.ts";
import { get, post, Server } from "./serve/server.ts";
import type { Serving } from "./serve-suite.ts";

export function serveProgramsSuite({ name, command, skip = false }: Serving): void {
  describe(`programs served on ${name}`, { skip }, () => {
    for (const program of skip === false ? programs() : []) {
      describe(program.name, { skip: program.skip }, () => {
        let file = "";
        before(() => {
          file = program.build();
        });

        it("answers, again and again", async () => {
          await using server = await Server.start(command, file, ["-Scli"]);
          await using connection = await server.dial();
          for (let i = 0; i < 10; i++) {
            const answer = await connection.exchange(get("/hello"));
            assert.equal(answer.status, 200);
            assert.equal(answer.body.toString(), "Hello, World!\n");
          }
          assert.equal((await connection.exchange(get("/nothing-there"))).status, 404);
        });

        it("gives back what it is given", async () => {
          await using server = await Server.start(command, file, ["-Scli"]);
          await using connection = await server.dial();
          for (const body of ["hello", "x".repeat(200_000)]) {
            assert.equal((await connection.exchange(post("/echo", body))).body.toString(), body);
          }
        });
      });
    }
  });
}
