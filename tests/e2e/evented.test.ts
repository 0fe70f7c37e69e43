/** Runs without FFI: the runtime's own sockets are taken, without a word. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Client } from "./client.ts";
import { eventedHosts, guestFile, type Host, NETWORK, portOf, programOf, run, start } from "./host.ts";

const root = join(import.meta.dirname, "../..");
const bin = (name: string) => join(root, "node_modules/.bin", name);

const withoutFfi: readonly Host[] = [
  {
    name: "deno with --allow-net and --allow-read only",
    command: [bin("deno"), "run", "--no-prompt", "--no-check", "--allow-net", "--allow-read", programOf("deno")],
    skip: false,
  },
  {
    name: "node without node:ffi",
    command: [bin("node"), "--no-experimental-ffi", programOf("node")],
    skip: false,
  },
];

for (const host of withoutFfi) {
  describe(host.name, () => {
    it("echoes", async () => {
      await using server = start(host, guestFile("tcpecho"), { flags: NETWORK, args: ["127.0.0.1:0"] });
      const client = await Client.dial(await portOf(server));
      await client.send("hello\n");
      assert.equal((await client.read(6)).toString(), "hello\n");
      client.close();
    });

    it("says what --net=posix needs", async () => {
      const { status, stdout, stderr } = await run(host, guestFile("hello"), { flags: ["--net=posix"] });
      assert.match(stderr, /--allow-ffi|node:ffi/);
      assert.equal(stdout.toString(), "");
      assert.notEqual(status, 0);
    });
  });
}

describe("deno with --allow-read only", () => {
  const [deno] = withoutFfi;
  const host = { ...deno!, command: deno!.command.filter((part) => part !== "--allow-net") };

  it("denies a guest its sockets", async () => {
    const { status, stdout, stderr } = await run(host, guestFile("tcpecho"), { flags: NETWORK, args: ["127.0.0.1:0"] });
    const hint = "Deno may use neither libc nor all of the network: run it with --allow-ffi or --allow-net";
    assert.equal(stderr, `start-bind: access-denied\nhint: ${hint}\n`);
    assert.equal(stdout.toString(), "");
    assert.equal(status, 1);
  });
});

for (const host of eventedHosts) {
  it(`says on ${host.name} that it has no files`, { skip: host.skip }, async () => {
    const { status, stderr } = await run(host, guestFile("hello"), { flags: ["--dir=."] });
    assert.equal(stderr, "Error: --dir needs --net=posix: there are no directories beside the runtime's own sockets\n");
    assert.equal(status, 1);
  });

  it(`says on ${host.name} that a listener needs an address`, { skip: host.skip }, async () => {
    const { status, stderr } = await run(host, guestFile("p1/echo"), { flags: ["-Stcplisten=localhost:0"] });
    const cause = "    without libc (--net=posix) only IP addresses can be bound, no names\n";
    assert.equal(stderr, `Error: failed to bind to address 'localhost:0'\n\nCaused by:\n${cause}\n`);
    assert.equal(status, 1);
  });
}
