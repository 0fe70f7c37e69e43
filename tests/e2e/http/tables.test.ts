/** wasi:http as wasmtime 48 has it, by tables of what guests do and servers answer (transcript.ts), on every host. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { guestFile, hosts, run } from "../host.ts";
import { answersOf, assertCase, parseTranscript, RawServer, scriptOf, tables } from "./transcript.ts";

for (const host of hosts) {
  describe(`tables of http on ${host.name}`, { skip: host.skip }, () => {
    for (const table of tables) {
      const cases = parseTranscript(readFileSync(join(import.meta.dirname, `${table}.txt`), "utf8"));

      it(`${table}: ${cases.length} cases`, async () => {
        const { server, authority } = await RawServer.start(cases);
        await using _ = server;
        const input = scriptOf(cases, authority);
        const { stdout, stderr, status } = await run(host, guestFile("http/probe"), { flags: ["-Shttp"], input });
        const answers = answersOf(cases, stdout.toString(), authority);
        const failures = cases.flatMap((each, i) => {
          try {
            assertCase(each, answers[i]!, server.lineOf(i, authority));
            return [];
          } catch (error) {
            return [`${each.title}: ${error instanceof Error ? error.message : String(error)}`];
          }
        });
        assert.deepEqual(failures, []);
        assert.equal(stderr, "");
        assert.equal(status, 0);
      });
    }
  });
}
