/** Instances that have WASI of Pollux's own. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { ComponentError, compile, Exit, instantiate, LinkError, type WasiOptions } from "../../../src/index.ts";
import { p3 } from "../../e2e/p3.ts";
import { skip } from "./guest.ts";

/** It exports `run` of 0.2, too: without a version it is the newest. */
interface Command {
  readonly "wasi:cli/run": { run(): Promise<void> };
}

const file = (name: string) => readFileSync(new URL(`../../guests/${name}.wasm`, import.meta.url));
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("an instance of a command of WASI 0.3", { skip }, () => {
  before(() => p3.build());

  async function run(args: readonly string[], wasi: WasiOptions = {}, imports = {}): Promise<string> {
    let said = "";
    const stdout = (bytes: Uint8Array) => {
      said += text(bytes);
    };
    const bytes = new Uint8Array(readFileSync(p3.file));
    await using app = await instantiate<Command>(bytes, imports, { wasi: { stdout, ...wasi, args: ["p3", ...args] } });
    await app["wasi:cli/run"].run();
    return said;
  }

  it("has arguments and variables", async () => {
    assert.match(await run(["env"], { env: { NAME: "value" } }), /\["p3", "env"\]\n(.*\n)*.*NAME.*value/);
  });

  for (const [what, stdin] of [
    ["bytes", () => new TextEncoder().encode("a line\n")],
    ["a stream", () => new Blob(["a ", "line\n"]).stream()],
  ] as const)
    for (const mode of ["read", "splice"])
      it(`reads ${what} from stdin and writes to stdout, by ${mode}`, async () => {
        assert.equal(await run(["cat", mode], { stdin: stdin() as Uint8Array }), "a line\n");
      });

  it("waits for its clocks", async () => {
    assert.equal(await run(["timers"]), "");
  });

  it("reaches what it may, and nothing else", async () => {
    assert.equal(await run(["tcp"], { network: "inherit" }), "");
    await assert.rejects(run(["tcp"], { stderr: () => {} }), /unreachable/);
  });

  it("ends by exit with its code, and by its result with an error", async () => {
    await assert.rejects(run(["exit", "3"]), (error) => error instanceof Exit && error.code === 3);
    await assert.rejects(run(["error"]), ComponentError);
  });

  it("writes to what the program has in the place of stdout", async () => {
    let said = "";
    const imports = {
      "wasi:cli/stdout@0.3.0": {
        writeViaStream: async (data: ReadableStream<Uint8Array>) => {
          for await (const piece of data) said += text(piece);
          return { tag: "ok" };
        },
      },
    };
    assert.equal(await run(["hello"], {}, imports), "");
    assert.equal(said, "Hello, WASI 0.3!\n");
  });

  it("tells what is missing without it", async () => {
    await assert.rejects(instantiate(new Uint8Array(readFileSync(p3.file))), LinkError);
  });
});

describe("an instance of a component of WASI 0.2", () => {
  interface Run {
    readonly "wasi:cli/run": { run(): void | Promise<void> };
  }

  for (const wait of ["blocking", "suspending"] as const)
    it(`has it, too (${wait})`, async () => {
      let said = "";
      const stdout = (bytes: Uint8Array) => {
        said += text(bytes);
      };
      await using app = await instantiate<Run>(
        await compile(file("cat")),
        {},
        {
          wait,
          wasi: { stdin: new Blob(["from stdin\n"]).stream(), stdout },
        },
      );
      await app["wasi:cli/run"].run();
      assert.equal(said, "from stdin\n");
    });

  it("has the directories that it is given, until it is disposed of", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pollux-"));
    writeFileSync(join(folder, "there"), "text");
    const closed: string[] = [];
    const written = new WritableStream<Uint8Array>({ close: () => void closed.push("stdout") });
    {
      await using app = await instantiate<Run>(
        file("behaviour/files"),
        {},
        {
          wasi: { preopens: { "/": folder }, args: ["files"], stdout: written, stderr: () => {} },
        },
      );
      assert.equal(typeof app["wasi:cli/run"].run, "function");
      assert.deepEqual(closed, []);
    }
    assert.deepEqual(closed, ["stdout"]);
    assert.ok(!written.locked);
    rmSync(folder, { recursive: true });
  });
});
