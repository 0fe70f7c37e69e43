/** The examples of docs/dev-loop.md, word for word but for the file and the port. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readPage } from "../../docs/site/pages.ts";
import { Client, freePort } from "./client.ts";
import { type Guest, hostsNamed, start } from "./host.ts";
import { interrupted, Target, times } from "./watched.ts";

const { blocks } = readPage("docs/dev-loop.md");
const linesOf = (language: string) =>
  blocks.filter((block) => block.language === language).flatMap(({ text }) => text.trimEnd().split("\n"));
const command = (option: string) =>
  linesOf("sh")
    .find((line) => line.startsWith(`pollux run ${option}`))!
    .split(" ")
    .slice(2);
const traced = linesOf("text");

/** A line of a trace, whenever it was and however long it took. */
function untimed(line: string, port: number): RegExp {
  const texts = line
    .trim()
    .replaceAll(":9999", `:${port}`)
    .split(/\d+\.\d{6}/);
  return new RegExp(`^ *${texts.map(RegExp.escape).join("\\d+\\.\\d{6}")}$`, "m");
}

for (const host of hostsNamed("bun", "binary")) {
  describe(`docs/dev-loop.md on ${host.name}`, { skip: host.skip }, () => {
    const example = (option: string, target: Target, port: number): Guest => {
      const words = command(option).map((word) => word.replace(":9999", `:${port}`));
      const file = words.indexOf("app.wasm");
      return start(host, target.path, { flags: words.slice(0, file), args: words.slice(file + 1) });
    };

    it("--watch=keep-listeners: the next guest answers on the same port", async () => {
      const target = new Target("tcpecho");
      const port = await freePort();
      await using guest = example("--watch=keep-listeners", target, port);
      for (const count of [1, 2]) {
        await guest.waitFor(times(count, `listening on 127\\.0\\.0\\.1:${port}`));
        const client = await Client.dial(port);
        await client.send("hello");
        assert.equal((await client.read(5)).toString(), "hello");
        client.close();
        target.replace("tcpecho");
        await guest.waitFor(times(count, "pollux: .*app\\.wasm has changed"), "stderr");
      }
      await interrupted(guest);
    });

    it("--trace: the lines that stand there", async () => {
      assert.equal(traced.length, 2);
      const port = await freePort();
      await using guest = example("--trace=", new Target("tcpecho"), port);
      for (const line of traced) await guest.waitFor(untimed(line, port), "stderr");
      await interrupted(guest);
    });
  });
}
