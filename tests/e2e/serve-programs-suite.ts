/** A server command with what toolchains make of programs as people write them: see serve-suite.ts. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { before, describe, it } from "node:test";
import { buildPythonGuest, guestFile } from "./host.ts";
import { RustGuest } from "./rust.ts";
import { get, post, Server } from "./serve/server.ts";
import type { Serving } from "./serve-suite.ts";

interface Program {
  readonly name: string;
  /** Returns the file. */
  build(): string;
  readonly skip: string | false;
}

function programs(): readonly Program[] {
  const rust = new RustGuest("serve2");
  const python = (name: "pyserve2" | "pyserve3"): Program => ({
    name,
    build: () => guestFile(`build/${name}`),
    skip: buildPythonGuest(name),
  });
  const wstd = () => {
    rust.build();
    return rust.file;
  };
  return [
    { name: "Rust by wstd", build: wstd, skip: rust.skip },
    python("pyserve2"),
    python("pyserve3"),
    { name: "Hono by componentize-js", build: () => guestFile("build/jshttp"), skip: buildHono() },
  ];
}

/** Why it cannot be built; false: it is. */
function buildHono(): string | false {
  const script = join(import.meta.dirname, "../guests/jshttp/build.ts");
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  return status === 0 ? false : `jshttp/build.ts: ${stderr}`;
}

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
