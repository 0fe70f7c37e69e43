import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConsoleSink } from "../../../src/adapters/web/console-sink.ts";
import { createWebMachine } from "../../../src/adapters/web/machine.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

describe("a console", () => {
  for (const [title, pieces, lines] of [
    ["a line", ["a line\n"], ["a line"]],
    ["parts of one", ["a ", "li", "ne\nand"], ["a line", "and"]],
    ["several at once", ["a\nb\n\nc"], ["a\nb\n", "c"]],
    ["a character in two pieces", [utf8("é\n").slice(0, 1), utf8("é\n").slice(1)], ["é"]],
    ["nothing", [], []],
  ] as const) {
    it(title, () => {
      const written: string[] = [];
      const sink = new ConsoleSink((line) => written.push(line));
      for (const piece of pieces) sink.send(typeof piece === "string" ? utf8(piece) : piece);
      sink.end();
      assert.deepEqual(written, lines);
    });
  }

  it("a line without an end", () => {
    const written: string[] = [];
    const sink = new ConsoleSink((line) => written.push(line));
    for (let i = 0; i < 20; i++) sink.send(utf8("x".repeat(10_000)));
    assert.ok(written.length > 0);
    sink.end();
    assert.equal(written.join(""), "x".repeat(200_000));
  });
});

describe("a machine without sockets", () => {
  it("waits in time, and until it is woken", async () => {
    const machine = createWebMachine();
    const { selector } = machine;
    const start = machine.now();
    await selector.wait(5e6);
    assert.ok(machine.now() - start >= 5e6);
    const woken = selector.wait(Number.POSITIVE_INFINITY);
    selector.wake();
    selector.wake();
    await woken;
    await selector.wait(0);
    assert.throws(() => selector.select(1));
    selector.close();
  });

  it("a wake that comes with the end of its time does not end the next wait", async () => {
    const { selector } = createWebMachine();
    const first = selector.wait(0);
    await first;
    let ended = false;
    const second = selector.wait(Number.POSITIVE_INFINITY).then(() => {
      ended = true;
    });
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(ended, false);
    selector.close();
    await second;
  });

  it("has nothing else", () => {
    const { net, files, stdio } = createWebMachine();
    assert.equal(net.createTcpSocket("ipv4"), "not-supported");
    assert.equal("code" in files.openDirectory("/"), true);
    assert.equal(stdio.stdin.receive(1), 0);
  });
});
