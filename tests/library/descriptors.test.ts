/** The library in a process without free descriptors: what fails is one call, and later ones work again. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { command, run } from "../adapters/programs.ts";
import { HttpServer } from "../e2e/http-server.ts";

function readPem(part: string): string {
  return readFileSync(new URL(`../e2e/localhost-${part}.pem`, import.meta.url), "utf8");
}

/** Enough for every runtime's own files. */
const FILES = 128;

/** A descriptor for the machine's epoll, and one for the waiter's, are there from 2 on; those of a thread are not below 16. */
const cases: readonly (readonly [what: string, left: number, first: RegExp])[] = [
  ["wait", 0, /^out-of-resources$/],
  ...[3, 6, 8, 10, 12].map((left) => ["wait", left, /^ok$/] as const),
  ["wait on the runtime's sockets", 0, /^ok$/],
  ["block", 0, /^out-of-resources$/],
  ["block", 1, /^ok$/],
  ["instantiate", 0, /^ok$/],
  ["connect", 0, /^out-of-resources$/],
  ["connect", 3, /^new-socket-limit$/],
  ["connect", 6, /^ok$/],
  ...[8, 12].flatMap((left) => [
    ["request, suspended", left, /^exit code 1$/] as const,
    ["request, blocked", left, /^exit code 1$/] as const,
  ]),
];

describe("descriptors exhausted", () => {
  for (const [what, left, first] of cases) {
    it(`${what}, with ${left} left: ${first.source}, and later it works`, async () => {
      const { server } = await HttpServer.start();
      await using _ = server;
      const authority = `127.0.0.1:${await server.startTls(readPem("key"), readPem("cert"))}`;
      const program = command("exhausted.ts", [what, String(left), authority]);
      const ended = await run(["sh", "-c", `ulimit -n ${FILES} && exec "$@"`, "sh", ...program]);
      assert.equal(ended.status, 0, ended.stderr);
      const outcomes: string[] = JSON.parse(Buffer.from(ended.stdout).toString());
      assert.match(outcomes[0]!, first);
      assert.equal(outcomes[1], outcomes[0]);
      assert.deepEqual(outcomes.slice(2), ["ok", "ok"]);
    });
  }
});
