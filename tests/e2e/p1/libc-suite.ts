/** C programs over wasi-libc (tests/guests/p1) on every host: they assert inside; here is the peer and what it sees. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Client } from "../client.ts";
import { type Guest, guestFile, type Host, noFiles, run, start } from "../host.ts";

export function libcSuite(hosts: readonly Host[]): void {
  for (const host of hosts) {
    describe(`wasi-libc on ${host.name}`, { skip: host.skip }, () => {
      it("files", { skip: noFiles(host) }, async () => {
        const folder = mkdtempSync(join(tmpdir(), "pollux-libc-"));
        try {
          const { status, stdout, stderr } = await run(host, guestFile("p1/files"), {
            flags: ["--dir", `${folder}::/`],
          });
          assert.deepEqual([stdout.toString(), stderr, status], ["ok\n", "", 0]);
        } finally {
          rmSync(folder, { recursive: true });
        }
      });

      it("sockets: poll, accept, recv, send, shutdown, errors", async () => {
        // What the clock counts in, ns: without libc it is the language's, which has ms.
        const args = [host.evented === true ? "1000000" : "1"];
        await using guest = start(host, guestFile("p1/sockets"), { flags: ["-v", "-Stcplisten=127.0.0.1"], args });
        await guest.waitFor(/^listening$|^line/m);
        const port = await boundPort(guest);
        const client = await Client.dial(port);
        await client.send("abcd");
        assert.equal((await client.read(5)).toString(), "hello");
        assert.equal((await client.read(4)).toString(), "rest");
        await client.send("ef");
        await client.send("ghij");
        const [, sent] = await guest.waitFor(/^sent (\d+)$/m);
        assert.equal((await client.read(Number(sent))).length, Number(sent));
        assert.equal((await client.readToEnd()).length, 0);
        await client.send("last");
        client.end();
        const second = await Client.dial(port);
        second.end();
        assert.equal((await second.readToEnd()).toString(), "done");
        const { status, stdout } = await guest.outcome();
        assert.match(stdout.toString(), /\nok\n$/);
        assert.equal(status, 0);
      });

      it("what was sent before the exit arrives, however late it is read", async () => {
        await using guest = start(host, guestFile("p1/full"), { flags: ["-v", "-Stcplisten=127.0.0.1"] });
        const client = await Client.dial(await boundPort(guest));
        const [, sent] = await guest.waitFor(/^sent (\d+)$/m);
        assert.equal((await client.readToEnd()).length, Number(sent));
        assert.equal((await guest.outcome()).status, 0);
      });
    });
  }
}

async function boundPort(guest: Guest): Promise<number> {
  const [, port] = await guest.waitFor(/listening on 127\.0\.0\.1:(\d+)/, "stderr");
  return Number(port);
}
