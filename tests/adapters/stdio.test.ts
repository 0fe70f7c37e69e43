import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { READABLE } from "../../src/machine/selector.ts";
import { blockingWaiter, pair, wait } from "../backends/sockets.ts";
import { command, run } from "./programs.ts";
import { createMachine } from "./runtime.ts";

const folder = mkdtempSync(join(tmpdir(), "pollux-stdio-"));
const file = join(folder, "file");
const long = new Uint8Array(300_000).map((_, i) => i % 251);

describe("stdio", () => {
  after(() => rmSync(folder, { recursive: true }));

  it("copies a pipe, piece by piece, to its end", async () => {
    const { stdout, stderr, status } = await run(command("copy.ts"), {}, (child) => {
      child.stdin!.write("one");
      child.stdout!.once("data", () => child.stdin!.end("two"));
    });
    assert.deepEqual(
      { text: new TextDecoder().decode(stdout), stderr, status },
      { text: "onetwo", stderr: "end false,false,false\n", status: 0 },
    );
  });

  it("copies what is longer than any buffer, waiting for a reader", async () => {
    const { stdout, stderr } = await run(command("copy.ts"), {}, (child) => child.stdin!.end(long));
    assert.deepEqual([stdout.length, stderr], [long.length, "end false,false,false\n"]);
    assert.ok(stdout.every((byte, i) => byte === long[i]));
  });

  it("writes a long piece whole", async () => {
    const { stdout, stderr } = await run(command("flood.ts", [String(long.length)]));
    assert.deepEqual([stdout.length, stderr], [long.length, String(long.length)]);
    assert.ok(stdout.every((byte, i) => byte === long[i]));
  });

  it("reads a regular file, which cannot be waited for, and writes one", async () => {
    writeFileSync(file, long);
    const input = openSync(file, "r");
    const output = openSync(join(folder, "out"), "w");
    const { stderr } = await run(command("copy.ts"), { stdio: [input, output, "pipe"] }, () => {});
    closeSync(input);
    closeSync(output);
    assert.equal(stderr, "end false,false,false\n");
    assert.ok(readFileSync(join(folder, "out")).equals(long));
  });

  it("finds the end of /dev/null at once", async () => {
    const { stderr } = await run(command("copy.ts"), { stdio: ["ignore", "pipe", "pipe"] }, () => {});
    assert.equal(stderr, "end false,false,false\n");
  });

  it("names what is wrong with a directory", async () => {
    const input = openSync(folder, "r");
    const { stderr } = await run(command("copy.ts"), { stdio: [input, "pipe", "pipe"] }, () => {});
    closeSync(input);
    assert.match(stderr, /^{"errno":21,"message":"Is a directory",.*} /);
  });

  it("waits for room where somebody made stdout non-blocking", async () => {
    const waiter = blockingWaiter(await createMachine());
    const { server, client, close } = await pair(waiter);
    const [file, ...args] = command("flood.ts", ["3000000"]);
    const options = { stdio: ["ignore", "pipe", "pipe", server.source.id] } as const;
    // By way of the shell, for some runtimes make a child's stdio blocking.
    let received = 0;
    const receive = () => {
      for (let count = client.receive(65536); typeof count === "number"; count = client.receive(65536))
        received += count;
    };
    let reader: NodeJS.Timeout | undefined;
    const { stderr } = await run(
      ["sh", "-c", 'exec "$0" "$@" >&3', file!, ...args],
      { ...options, stdio: [...options.stdio] },
      () => {
        reader = setInterval(receive, 1);
      },
    );
    clearInterval(reader);
    // What the program handed over before its end the kernel may still be bringing.
    for (receive(); received < 3_000_000; receive()) await wait(waiter, client.source, READABLE);
    assert.deepEqual([received, stderr], [3_000_000, "3000000"]);
    close();
  });

  it("answers broken-pipe when nobody reads, and lives (SIGPIPE is ignored)", async () => {
    const { stderr, status } = await run(command("copy.ts"), {}, (child) => {
      child.stdout!.destroy();
      child.stdout!.once("close", () => child.stdin!.end("lost"));
    });
    assert.deepEqual([stderr, status], ['"broken-pipe" false,false,false\n', 0]);
  });
});
