/** Async components that have nothing but their program: no WASI, no sockets, nothing of an operating system. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { compile, instantiate, Trap } from "../../../src/index.ts";
import { component, lift, locals, pair } from "../../component/async/guest.ts";
import { binary } from "../../component/text.ts";

/** Reads in fours and adds bytes up, counts down, asks, and traps. */
const text = component({
  imports: '(import "fetch" (func $fetch-host async (param "n" u32) (result u32)))',
  funcs: {
    fetch: ["(param i32) (result i32)", "lower (func $fetch-host)"],
    "return-bytes": ["(param i32)", "task.return (result $bytes)"],
  },
  code: `
    (func (export "sum") (param $r i32) (result i32) (local $n i32) (local $sum i32) (local $i i32)
      (loop $read
        (local.set $n (call $bytes.read-sync (local.get $r) (i32.const 64) (i32.const 4)))
        (local.set $i (i32.const 0))
        (block $added (loop $add
          (br_if $added (i32.ge_u (local.get $i) (i32.shr_u (local.get $n) (i32.const 4))))
          (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.add (i32.const 64) (local.get $i)))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $add)))
        (br_if $read (i32.eqz (i32.and (local.get $n) (i32.const 15)))))
      (call $bytes.drop-readable (local.get $r))
      (local.get $sum))
    (func (export "sum-words") (param $r i32) (result i32) (local $n i32) (local $sum i32)
      (loop $read
        (local.set $n (call $words.read-sync (local.get $r) (i32.const 64) (i32.const 1)))
        (if (i32.shr_u (local.get $n) (i32.const 4)) (then
          (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 64))))))
        (br_if $read (i32.eqz (i32.and (local.get $n) (i32.const 15)))))
      (call $words.drop-readable (local.get $r))
      (local.get $sum))
    (func (export "ask") (param i32) (result i32) (call $fetch (local.get 0)))
    (func (export "count") (param $from i32) ${locals}
      ${pair("bytes")}
      (call $return-bytes (local.get $r))
      (block $dropped (loop $write
        (i32.store8 (i32.const 32) (local.get $from))
        (br_if $dropped (i32.and (i32.const 15)
          (call $bytes.write-sync (local.get $w) (i32.const 32) (i32.const 1))))
        (call $log (local.get $from))
        (local.set $from (i32.sub (local.get $from) (i32.const 1)))
        (br_if $write (local.get $from))))
      (call $bytes.drop-writable (local.get $w)))
    (func (export "trap") unreachable)`,
  exports: `
    ${lift("sum", 'async (param "bytes" $bytes) (result u32)')}
    ${lift("sum-words", 'async (param "words" $words) (result u32)')}
    ${lift("ask", 'async (param "n" u32) (result u32)')}
    ${lift("count", 'async (param "from" u32) (result $bytes)', "async")}
    ${lift("trap", "async")}`,
});

interface Alone {
  sum(bytes: unknown): Promise<number>;
  sumWords(words: unknown): Promise<number>;
  ask(n: number): Promise<number>;
  count(from: number): Promise<ReadableStream<Uint8Array>>;
  trap(): Promise<void>;
}

async function alone(fetch = async (n: number) => n + 1) {
  const logged: number[] = [];
  const log = (n: number) => void logged.push(n);
  return { app: await instantiate<Alone>(await binary(text), { log, fetch }), logged };
}

describe("an async component without WASI", () => {
  it("that waits on its own stack reads streams and asks, each call in its turn", async () => {
    const { app } = await alone();
    const calls = [app.sum([Uint8Array.of(1, 2, 3, 4, 5)]), app.ask(1), app.sum(new Response("a").body), app.ask(2)];
    assert.deepEqual(await Promise.all(calls), [15, 2, 97, 3]);
  });

  for (const [what, words] of [
    ["an array", () => [1, 2, 3, 70_000]],
    ["an array with pieces", () => [1, [2, 3], Uint32Array.of(70_000)]],
    ["a typed array", () => Uint32Array.of(1, 2, 3, 70_000)],
    ["an iterable", () => new Set([1, 2, 3, 70_000])],
    [
      "an async iterable of pieces",
      async function* () {
        yield* [Uint16Array.of(1, 2), 3, [70_000]];
      },
    ],
  ] as const)
    it(`reads numbers of ${what}`, async () => {
      const { app } = await alone();
      assert.equal(await app.sumWords(words()), 70_006);
      await assert.rejects(app.sumWords([1, "2"]), { name: "TypeError", message: /^`words` of sum-words, item 1: / });
    });

  it("writes no more than is read", async () => {
    const { app, logged } = await alone();
    const reader = (await app.count(5)).getReader();
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(logged, []);
    assert.deepEqual((await reader.read()).value, Uint8Array.of(5));
    assert.deepEqual((await reader.read()).value, Uint8Array.of(4));
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(logged, [5, 4]);
    await reader.cancel();
    assert.equal(await app.ask(7), 8);
  });

  it("is ended by its trap, and calls that come later reject", async () => {
    const { app } = await alone();
    await assert.rejects(app.trap(), (error) => error instanceof Trap && error.frames.length > 0);
    await assert.rejects(app.ask(1), { name: "Trap", message: "wasm trap: cannot enter component instance" });
  });

  it("is not instantiated to block", async () => {
    const bytes = await binary(text);
    const imports = { log: () => {}, fetch: async () => 1 };
    await assert.rejects(instantiate(bytes, imports, { wait: "blocking" }), { name: "TypeError", message: /^wait: / });
    const compiled = await compile(bytes, { wait: "suspending" });
    assert.equal(await (await instantiate<Alone>(compiled, imports)).ask(0), 1);
  });

  it("keeps no program alive that waits for it in vain", async () => {
    const program = `
      import { instantiate } from ${JSON.stringify(new URL("../../../src/index.ts", import.meta.url).href)};
      const bytes = Buffer.from(${JSON.stringify(Buffer.from(await binary(text)).toString("base64"))}, "base64");
      const app = await instantiate(bytes, { log() {}, fetch: () => new Promise(() => {}) });
      void app.ask(1);
      await app.count(3);
      console.log("at the end");`;
    const flags = process.versions["deno"] === undefined ? [] : ["run", "-A", "--no-check"];
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [...flags, ...(flags.length > 0 ? ["-"] : ["--input-type=module", "-"])],
      { input: program, encoding: "utf8", cwd: fileURLToPath(new URL(".", import.meta.url)), timeout: 20_000 },
    );
    assert.equal(stdout, "at the end\n", stderr);
    assert.equal(status, 0, stderr);
  });
});
