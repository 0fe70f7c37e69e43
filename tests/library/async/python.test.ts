/** A component of CPython's, by componentize-py, hosted by a program (tests/guests/pylib). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { ComponentError, type DisposableInstance, instantiate, Trap } from "../../../src/index.ts";
import { buildPythonGuest, guestFile } from "../../e2e/host.ts";

interface Words {
  readonly "pollux:guests/words": {
    ask(n: number): Promise<string>;
    count(words: unknown): Promise<readonly (readonly [string, number])[]>;
    upper(bytes: unknown): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
    fail(): Promise<void>;
  };
}

describe("a component in Python", { skip: buildPythonGuest("pylib") }, () => {
  let app: DisposableInstance<Words>;
  let said = "";
  before(async () => {
    const later = async (n: number): Promise<number> => n;
    const stderr = (bytes: Uint8Array) => {
      said += new TextDecoder().decode(bytes);
    };
    const file = new Uint8Array(readFileSync(guestFile("build/pylib")));
    app = await instantiate<Words>(file, { later }, { wasi: { stderr } });
  });
  after(() => app[Symbol.asyncDispose]());

  it("asks its program, with calls side by side", async () => {
    const { ask } = app["pollux:guests/words"];
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(n + 1)));
    assert.deepEqual(
      answers,
      Array.from({ length: 20 }, (_, n) => `answer ${n + 1}`),
    );
    await assert.rejects(ask(0), (error) => error instanceof ComponentError && error.payload === "nothing");
  });

  it("reads a stream of strings", async () => {
    async function* words() {
      yield* "to be or not to be".split(" ");
    }
    assert.deepEqual(await app["pollux:guests/words"].count(words()), [
      ["to", 2],
      ["be", 2],
      ["or", 1],
      ["not", 1],
    ]);
  });

  it("writes a stream of bytes when it has returned", async () => {
    const text = "hello ".repeat(20_000);
    const upper = await app["pollux:guests/words"].upper(new Blob([text]).stream());
    assert.equal(await new Response(upper).text(), text.toUpperCase());
  });

  it("fails with its trace on stderr, and for good", async () => {
    await assert.rejects(app["pollux:guests/words"].fail(), Trap);
    assert.match(said, /ValueError: as it was asked to/);
    await assert.rejects(app["pollux:guests/words"].ask(1), /cannot enter component instance/);
  });
});
