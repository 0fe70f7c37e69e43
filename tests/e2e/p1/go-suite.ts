/** Go programs for wasip1, as Go compiles them, on every host: the clock, stdin, files, and listeners that the host opens. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Temporary } from "../../core/files/tree.ts";
import { Client, listen } from "../client.ts";
import { type Guest, type Host, noFiles, run, start } from "../host.ts";
import { goGuest, noGo } from "./go.ts";

export function goSuite(hosts: readonly Host[]): void {
  for (const host of hosts) {
    describe(`Go on ${host.name}`, { skip: host.skip || noGo }, () => {
      it("sleeps in goroutines beside others that sleep for hours: the clock alone", async () => {
        const { status, stdout } = await run(host, goGuest("sleep"));
        assert.equal(stdout.toString(), "woke after 100ms\nwoke after 200ms\nwoke after 300ms\n");
        assert.equal(status, 0);
      });

      it("reads stdin while a ticker ticks: a descriptor and the clock in one poll_oneoff", async () => {
        await using guest = start(host, goGuest("stdin"));
        await guest.waitFor(/tick 2$/m);
        guest.send("one\n");
        await guest.waitFor(/line one\n(?:tick \d+\n)+/);
        guest.input("two");
        const { status, stdout } = await guest.outcome();
        assert.match(stdout.toString(), /line two\n(?:tick \d+\n)*end\n$/);
        assert.equal(status, 0);
      });

      it("uses the files of a directory", { skip: noFiles(host) }, async () => {
        using folder = new Temporary();
        const { status, stdout } = await run(host, goGuest("files"), { flags: ["--dir", `${folder.path}::/`] });
        assert.deepEqual([stdout.toString(), status], ["ok\n", 0]);
      });

      it("keeps deadlines, sees ends, closes while it accepts", async () => {
        const { guest, port } = await listening(host, "deadline");
        const client = await Client.dial(port);
        assert.equal((await client.read(5)).toString(), "go on");
        await client.send("more");
        client.end();
        assert.equal((await client.readToEnd()).toString(), "bye");
        const { status, stdout } = await guest.outcome();
        assert.equal(stdout.toString(), "listening on FD 3\ndeadline exceeded\nclosed while accepting\n");
        assert.equal(status, 0);
      });

      describe("tcpecho", () => {
        let server: Guest;
        let port: number;
        before(async () => {
          ({ guest: server, port } = await listening(host, "tcpecho", ["tick"]));
        });
        after(async () => {
          server.kill("SIGINT");
          const { signal } = await server.outcome();
          assert.equal(signal, "SIGINT", "the server lived until the end");
        });

        it("echoes hello", async () => {
          const client = await Client.dial(port);
          await client.send("hello\n");
          assert.equal((await client.read(6)).toString(), "hello\n");
          client.close();
        });

        it("echoes two clients interleaved byte by byte, and ticks meanwhile: accept, reads and the clock", async () => {
          const clients = await Promise.all([Client.dial(port), Client.dial(port)]);
          const before = ticks(server);
          while (ticks(server) < before + 2) {
            for (const [c, client] of clients.entries()) await client.send(`${c}`);
            for (const [c, client] of clients.entries()) assert.equal((await client.read(1)).toString(), `${c}`);
          }
          for (const client of clients) client.close();
        });

        it("gives all back to a client that ends its side, then ends its own", async () => {
          const client = await Client.dial(port);
          const message = Buffer.alloc(1_000_000, "0123456789abcdef");
          const sent = client.send(message).then(() => client.end());
          assert.ok((await client.readToEnd()).equals(message));
          await sent;
        });

        it("serves 200 clients at once, after one that reset", async () => {
          const rude = await Client.dial(port);
          await rude.send("x");
          rude.reset();
          const clients = await Promise.all(Array.from({ length: 200 }, () => Client.dial(port)));
          await Promise.all(clients.map((client, i) => client.send(`client ${i};`)));
          for (const [i, client] of clients.entries())
            assert.equal((await client.read(`client ${i};`.length)).toString(), `client ${i};`);
          for (const client of clients) client.close();
        });
      });

      it("takes a port that is free again at once, and says when one is in use", async () => {
        const { server, port } = await listen();
        const taken = await run(host, goGuest("tcpecho"), { flags: [`-Stcplisten=127.0.0.1:${port}`] });
        assert.equal(
          taken.stderr,
          `Error: failed to bind to address '127.0.0.1:${port}'\n\nCaused by:\n    Address already in use (os error 98)\n\n`,
        );
        assert.equal(taken.status, 1);
        server.close();
      });

      it("has two listeners, in order, before directories", async () => {
        const directory = host.evented === true ? [] : ["--dir", `${import.meta.dirname}::/here`];
        await using guest = start(host, goGuest("listeners"), {
          flags: ["-v", "-Stcplisten=127.0.0.1:0,tcplisten=127.0.0.1", ...directory],
        });
        const ports = await Promise.all([3, 4].map((fd) => boundPort(guest, fd)));
        for (const [i, port] of ports.entries()) {
          const client = await Client.dial(port);
          assert.equal((await client.readToEnd()).toString(), `descriptor ${3 + i}\n`);
        }
        const { status, stdout } = await guest.outcome();
        const end = host.evented === true ? ["", 1] : ["go.test.ts is there\n", 0];
        assert.deepEqual([stdout.toString(), status], end);
      });
    });
  }
}

function ticks(guest: Guest): number {
  return guest.stdout.match(/^tick \d+$/gm)?.length ?? 0;
}

async function listening(
  host: Host,
  name: string,
  args: readonly string[] = [],
): Promise<{ guest: Guest; port: number }> {
  const guest = start(host, goGuest(name), { flags: ["-v", "-Spreview2=false", "-Stcplisten=127.0.0.1:0"], args });
  const port = await boundPort(guest, 3);
  await guest.waitFor(/^listening on FD 3$/m);
  return { guest, port };
}

async function boundPort(guest: Guest, fd: number): Promise<number> {
  const [, port] = await guest.waitFor(
    new RegExp(`listening on 127\\.0\\.0\\.1:(\\d+): the guest's descriptor ${fd}$`, "m"),
    "stderr",
  );
  return Number(port);
}
