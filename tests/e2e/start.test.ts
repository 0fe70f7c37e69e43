/** `npm start`: two lines, an echo server for `nc -N`, and what it says of a port that is taken. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { freePort } from "./client.ts";

const root = join(import.meta.dirname, "../..");
const manifest: { scripts: { start: string } } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const skip = existsSync(join(root, "dist/pollux")) ? false : "no dist/pollux: bun build.ts binary makes it";

/** As npm runs the script. */
function npmStart(...args: readonly (string | number)[]) {
  const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}` };
  return spawn("sh", ["-c", `exec ${manifest.scripts.start} ${args.join(" ")}`], { cwd: root, env, timeout: 60_000 });
}

/** What `echo hello | nc -N` does: it ends its sending side, and prints what comes until the other has ended its own. */
async function echoed(port: number): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.end("hello\n");
  return text(socket);
}

describe("npm start", { skip }, () => {
  it("prints two lines, and echoes to one who then ends", async () => {
    const port = await freePort();
    const server = npmStart(port);
    const shown = await new Promise<string>((resolve) => {
      let lines = "";
      server.stdout.setEncoding("utf8").on("data", (piece: string) => {
        lines += piece;
        if (lines.split("\n").length === 3) resolve(lines);
      });
    });
    const tip = `An echo server. Try it in another terminal: echo hello | nc -N 127.0.0.1 ${port}`;
    assert.deepEqual(shown.split("\n"), [tip, `listening on 127.0.0.1:${port}`, ""]);
    assert.equal(await echoed(port), "hello\n");
    server.kill("SIGTERM");
    await once(server, "exit");
  });

  const wrong: readonly (readonly [what: string, word: (taken: number) => string, said: (taken: number) => string])[] =
    [
      [
        "a port that is taken",
        String,
        (port) => `port ${port} is taken by another program; to take another: npm start ${port - 1}\n`,
      ],
      ["no port", () => "x", () => "x is no port: npm start 9998\n"],
    ];
  for (const [what, word, said] of wrong) {
    it(`says of ${what} how to go on`, async () => {
      const other = createServer().listen(0, "127.0.0.1");
      await once(other, "listening");
      const address = other.address();
      assert.ok(typeof address === "object" && address !== null);
      const server = npmStart(word(address.port));
      const [stderr, [status]] = await Promise.all([text(server.stderr), once(server, "exit")]);
      other.close();
      assert.deepEqual([status, stderr], [1, said(address.port)]);
    });
  }
});
