/** Options that there are not are refused, by name; paths, core modules and text are taken. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { compile, dial, handler, instantiate, LimitError, LinkError, run, serve, Trap } from "../../src/index.ts";
import { binary } from "../component/text.ts";

const file = (name: string): string => fileURLToPath(new URL(`../guests/${name}.wasm`, import.meta.url));

const scratch = mkdtempSync(join(tmpdir(), "pollux-options-"));
after(() => rmSync(scratch, { recursive: true }));

const said = (text: string) => `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\03\\00\\00\\00") (data (i32.const 16) "hi\\0a")
  (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) ${text}))`;
const exits = await binary(said("(call $exit (i32.const 7))"));
const path = join(scratch, "exits.wasm");
writeFileSync(path, exits);

describe("an option that there is not", () => {
  const hello = file("hello");
  const calls: readonly (readonly [string, (options: never) => Promise<unknown>, object, string])[] = [
    [
      "run",
      (options) => run(hello, options),
      { networkk: "inherit" },
      "unknown option `networkk`: did you mean `network`?",
    ],
    ["run", (options) => run(hello, options), { zzz: 1 }, "unknown option `zzz`"],
    [
      "run: network",
      (options) => run(hello, options),
      { network: { alow: [] } },
      "unknown option `alow`: did you mean `allow`?",
    ],
    [
      "run: limits",
      (options) => run(hello, options),
      { limits: { memroy: 1 } },
      "unknown option `memroy`: did you mean `memory`?",
    ],
    ["run", (options) => run(hello, options), { toString: 1 }, "unknown option `toString`"],
    ["serve", (options) => serve(hello, options), { prot: 1 }, "unknown option `prot`: did you mean `port`?"],
    [
      "serve: reuse",
      (options) => serve(hello, options),
      { reuse: { maxRequest: 1 } },
      "unknown option `maxRequest`: did you mean `maxRequests`?",
    ],
    ["handler", (options) => handler(hello, options), { port: 1 }, "unknown option `port`"],
    [
      "compile",
      (options) => compile(hello, options),
      { waits: "blocking" },
      "unknown option `waits`: did you mean `wait`?",
    ],
    ["instantiate", (options) => instantiate(hello, {}, options), { stdout: 1 }, "unknown option `stdout`"],
    [
      "instantiate: wasi",
      (options) => instantiate(hello, {}, options),
      { wasi: { stdot: 1 } },
      "unknown option `stdot`: did you mean `stdout`?",
    ],
    [
      "dial",
      (options) => dial("127.0.0.1:1", options),
      { timeoutt: 1 },
      "unknown option `timeoutt`: did you mean `timeout`?",
    ],
  ];
  for (const [where, call, options, said] of calls) {
    it(`is refused: ${where} ${JSON.stringify(options)}`, async () => {
      await assert.rejects(call(options as never), { name: "TypeError", message: `${where}: ${said}` });
    });
  }

  it("may be one whose name a guest has chosen", async () => {
    const { exitCode } = await run(hello, { env: { networkk: "1" }, preopens: {} });
    assert.equal(exitCode, 0);
  });
});

describe("a component's place", () => {
  const hello = file("hello");
  const places: readonly (readonly [string, string | URL])[] = [
    ["an absolute path", hello],
    ["a path from the working directory", relative(process.cwd(), hello)],
    ["a URL as text", new URL(`../guests/hello.wasm`, import.meta.url).href],
    ["a URL", new URL(`../guests/hello.wasm`, import.meta.url)],
  ];
  for (const [name, place] of places)
    it(`is ${name}`, async () => {
      assert.deepEqual(await run(place, { stdout: "text" }), { exitCode: 0, stdout: "hello, world\n" });
    });

  it("that is not there is an error with its name", async () => {
    await assert.rejects(run("none/at/all.wasm"), /none\/at\/all\.wasm/);
  });
});

describe('stdout: "text"', () => {
  const all = new Uint8Array([0xef, 0xbb, 0xbf, 0x68, 0xc3, 0xa9, 0xff, 0xe2, 0x82]);
  const cases: readonly (readonly [string, Parameters<typeof run>[1] & {}, object])[] = [
    ["is the result's", { stdout: "text" }, { stdout: "\ufeffhé\ufffd\ufffd" }],
    ["and stderr, too", { stdout: "text", stderr: "text" }, { stdout: "\ufeffhé\ufffd\ufffd", stderr: "" }],
    ["is not asked for", {}, {}],
  ];
  for (const [name, options, outputs] of cases)
    it(name, async () => {
      assert.deepEqual(await run(file("cat"), { stdin: all, ...options }), { exitCode: 0, ...outputs });
    });
});

describe("a core module", () => {
  for (const wait of ["blocking", "suspending"] as const) {
    it(`runs, ${wait}, also compiled`, async () => {
      const compiled = await compile(path);
      for (const source of [path, exits, compiled, compiled, await compile(exits, { wait })]) {
        assert.deepEqual(await run(source, { wait, stdout: "text" }), { exitCode: 7, stdout: "hi\n" });
      }
    });

    it(`has files, ${wait}`, async () => {
      const { exitCode, stderr } = await run(file("p1/files"), {
        wait,
        preopens: { "/": mkdtempSync(join(scratch, "files-")) },
        stderr: "text",
      });
      assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" });
    });

    const failures: readonly (readonly [string, string, new (...args: never[]) => Error, RegExp])[] = [
      ["that traps is a Trap", said("unreachable"), Trap, /^wasm trap: wasm `unreachable` instruction executed$/],
      [
        "that wants what is not there is a LinkError",
        '(module (import "a" "b" (func)))',
        LinkError,
        /`a::b` has not been defined/,
      ],
      [
        "whose start takes arguments is a LinkError",
        '(module (func (export "_start") (param i32)))',
        LinkError,
        /takes arguments/,
      ],
    ];
    for (const [name, text, kind, message] of failures)
      it(`${name}, ${wait}`, async () => {
        await assert.rejects(run(await binary(text), { wait }), (error: unknown) => {
          assert.ok(error instanceof kind, String(error));
          assert.match(error.message, message);
          return true;
        });
      });

    it(`is kept within its limits, ${wait}`, async () => {
      await assert.rejects(run(exits, { wait, limits: { memory: 1000 } }), LimitError);
    });
  }

  it("ends with a signal", async () => {
    const signal = AbortSignal.timeout(50);
    const sleeps =
      '(module (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))' +
      '(memory (export "memory") 1) (data (i32.const 24) "\\00\\00\\00\\00\\00\\00\\00\\7f")' +
      '(func (export "_start") (drop (call $poll (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 512)))))';
    await assert.rejects(run(await binary(sleeps), { signal }), { name: "TimeoutError" });
  });

  it("is no component for instantiate, serve and handler", async () => {
    const compiled = await compile(exits);
    for (const call of [instantiate, serve, handler])
      for (const source of [exits, compiled])
        await assert.rejects(call(source), {
          code: "parse-error",
          message: /^a core WebAssembly module, where a component was expected/,
        });
  });

  it("that is broken is refused", async () => {
    const broken = Uint8Array.of(...exits.subarray(0, 8), 1, 1);
    await assert.rejects(compile(broken, { wait: "blocking" }), LinkError);
  });
});
