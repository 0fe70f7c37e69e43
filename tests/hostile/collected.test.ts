/** Objects that the engine collects are in no memory that a limit is kept in: they are told, and refused or watched. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { before, describe, it } from "node:test";
import { instantiate, LimitError } from "../../src/index.ts";
import { usesCollectedHeap } from "../../src/wasm/limits/heap-use.ts";
import { command as program } from "../adapters/programs.ts";
import { command, here, scratchDirectory, textGuest } from "../cli/here.ts";
import { binary } from "../component/text.ts";
import { Guest, programOf, run } from "../e2e/host.ts";

/** Makes arrays of 8 MiB, and keeps them. */
const hoards = `(module
  (type $a (array (mut i64)))
  (type $n (struct (field (ref $a)) (field (ref null 1))))
  (global $g (mut (ref null 1)) (ref.null 1))
  (func (export "_start")
    (loop $l
      (global.set $g (struct.new 1 (array.new_default $a (i32.const 1048576)) (global.get $g)))
      (br $l))))`;

/** Makes arrays of 8 MiB, 64 of them, and lets go of each. */
const wastes = `(module
  (type $a (array (mut i64)))
  (global $g (mut (ref null $a)) (ref.null $a))
  (func (export "_start") (local $i i32)
    (loop $l
      (global.set $g (array.new_default $a (i32.const 1048576)))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 64))))))`;

const modules: readonly (readonly [what: string, fields: string, uses: boolean])[] = [
  ["nothing", "", false],
  ["functions", "(type (func (param i32 f64 v128 externref) (result i64 funcref))) (type (func))", false],
  [
    "a function of references",
    "(type $f (func)) (type (func (param (ref null $f) (ref extern)) (result (ref $f))))",
    false,
  ],
  [
    "functions of a group",
    "(rec (type $f (func (param (ref null $g)))) (type $g (func (result (ref null $f)))))",
    false,
  ],
  ["functions with subtypes", "(type $f (sub (func))) (type (sub final $f (func)))", false],
  [
    "memories, tables, globals",
    "(memory 1) (table 1 2 funcref) (table 1 externref) (global (mut i64) (i64.const 1))",
    false,
  ],
  [
    "a table with what it is filled with",
    "(func $f) (table 1 (ref func) (ref.func $f)) (global f64 (f64.const 1))",
    false,
  ],
  ["exceptions that nothing holds", "(tag (param i32)) (table 1 funcref) (global i32 (i32.const 0))", false],
  ["a table that no exception gets into", "(table 1 exnref)", false],
  ["a struct", "(type (func)) (type (struct (field i32)))", true],
  ["an array", "(type (array i8))", true],
  ["a struct of a group", "(rec (type (func)) (type (struct)))", true],
  ["an array that is a subtype", "(type $a (sub (array i8))) (type (sub final $a (array i8)))", true],
  ["a table of exceptions", "(tag (param i32)) (table 1 2 exnref)", true],
  ["a table of exceptions among others", "(tag) (table 1 funcref) (table 0 (ref null exn)) (table 1 funcref)", true],
  [
    "a global that holds an exception",
    "(tag) (global (mut i32) (i32.const 7)) (global (mut exnref) (ref.null exn))",
    true,
  ],
];

describe("what an engine collects", () => {
  for (const [what, fields, uses] of modules) {
    it(`is ${uses ? "" : "not "}in a module with ${what}`, async () => {
      assert.equal(usesCollectedHeap(await binary(`(module ${fields})`)), uses);
    });
  }

  it("is in nothing that cannot be read", async () => {
    const bytes = await binary("(module (type (func)) (table 1 funcref) (type (struct)))");
    for (let length = 0; length < bytes.length; length++) usesCollectedHeap(bytes.slice(0, length));
  });

  it("is refused where `limits` limit memory, and only there", async () => {
    const bytes = await binary(`(component (core module $m (type (struct))) (core instance (instantiate $m)))`);
    assert.ok(await instantiate(bytes));
    assert.ok(await instantiate(bytes, {}, { limits: { tableElements: 1, instances: 1 } }));
    await assert.rejects(instantiate(bytes, {}, { limits: { memory: 2 ** 20 } }), LimitError);
  });
});

const REFUSED =
  "the module has garbage-collected objects, whose memory the engine does not limit: it cannot run with a limit of memory";

const scratch = scratchDirectory();
const files: Record<string, string> = {};
before(async () => {
  files["component"] = await textGuest(scratch, "component", command("i32.const 0", "(type (array i8))"));
  for (const [name, text] of Object.entries({ hoards, wastes })) {
    files[name] = join(scratch, `${name}.wasm`);
    writeFileSync(files[name], await binary(text));
  }
});

for (const host of here) {
  describe(`what is collected on ${host.name}`, { skip: host.skip }, () => {
    for (const name of ["component", "wastes"]) {
      it(`is refused with -W max-memory-size, with status 1: ${name}`, async () => {
        const { status, stderr } = await run(host, files[name]!, { flags: ["-Wmax-memory-size=100000000"] });
        assert.equal(status, 1);
        assert.ok(stderr.includes(REFUSED), stderr);
        assert.doesNotMatch(stderr, /bug in Pollux/);
      });

      it(`runs without: ${name}`, async () => {
        const { status, stderr } = await run(host, files[name]!, { flags: ["-Wmax-table-elements=10"] });
        assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
      });
    }
  });
}

/** Runtimes without libc. */
const helpless: Readonly<Record<string, readonly string[]>> = {
  node: [process.execPath, "--no-experimental-ffi", programOf("node")],
  deno: [process.execPath, "run", "--no-check", "--allow-net", "--allow-read", programOf("deno")],
};

for (const host of here.filter(({ name }) => name in helpless)) {
  it(`runs on ${host.name} without FFI, too`, async () => {
    await using guest = new Guest([...helpless[host.name]!, "run", files["wastes"]!], {});
    const { status, stderr } = await guest.outcome();
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  });
}

describe("a process that is watched", () => {
  const watched = (most: number, name: string) =>
    new Guest(program("../../hostile/programs/heap-watch.ts", [String(most), files[name]!]), {});

  it("ends when its guest keeps more than it may, with wasmtime's status", async () => {
    await using guest = watched(256 * 2 ** 20, "hoards");
    const { status, stdout, stderr } = await guest.outcome();
    const cause = "GC heap out of memory: no capacity beyond 268435456 bytes";
    const message = `Error: failed to run main module \`guest\`\n\nCaused by:\n    ${cause}\n\n`;
    assert.deepEqual({ status, stdout: stdout.toString(), stderr }, { status: 1, stdout: "", stderr: message });
  });

  it("goes on when it does not", async () => {
    await using guest = watched(4 * 2 ** 30, "wastes");
    const { status, stdout, stderr } = await guest.outcome();
    assert.deepEqual(
      { status, stdout: stdout.toString(), stderr },
      { status: 0, stdout: "it has ended\n", stderr: "" },
    );
  });
});
