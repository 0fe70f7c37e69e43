/** Parts of instances that others have after them: that nothing crosses from one to the next, and that each is as if it had its own. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import type { HostImports } from "../../../src/component/host.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { linkComponent } from "../../../src/component/link/instantiate.ts";
import { Recycled, Recycler, recycling } from "../../../src/component/link/recycling.ts";
import { suspending } from "../../../src/component/link/suspending.ts";
import { settle } from "../../../src/core/wait/steps.ts";
import { importMemory } from "../../../src/wasm/edit/import-memory.ts";
import { trampolineTable } from "../../../src/wasm/trampoline-module.ts";
import { guestModules } from "../../wasm/modules.ts";
import { binary } from "../text.ts";

const core = async (text: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await parse(`(module ${text})`));

describe("a module that imports its memory", () => {
  const kept: readonly [what: string, text: string, initial: number, maximum?: number][] = [
    ["its own", '(memory (export "memory") 2)', 2],
    ["one with a maximum", "(memory 1 7)", 1, 7],
    [
      "beside other imports, of any names",
      '(import "pollux.memory" "memory" (func)) (import "a" "b" (global i32)) (memory 3)',
      3,
    ],
  ];
  for (const [what, text, initial, maximum] of kept) {
    it(what, async () => {
      const found = importMemory(await core(text));
      assert.ok(found !== undefined);
      assert.deepEqual([found.memory.initial, found.memory.maximum], [initial, maximum]);
      const { imports } = { imports: WebAssembly.Module.imports(new WebAssembly.Module(found.bytes)) };
      const memories = imports.filter(({ kind }) => kind === "memory");
      assert.deepEqual(
        memories.map(({ module, name }) => [module, name]),
        [[found.memory.module, found.memory.name]],
      );
      assert.equal(imports.filter(({ module }) => module === found.memory.module).length, 1);
    });
  }

  const left: readonly [what: string, text: string][] = [
    ["none", "(func)"],
    ["one that it imports", '(import "a" "m" (memory 1))'],
    ["two", "(memory 1) (memory 1)"],
    ["of 64 bits", "(memory i64 1)"],
    ["that is shared", "(memory 1 2 shared)"],
    ["of small pages", "(memory 1 (pagesize 1))"],
  ];
  for (const [what, text] of left)
    it(`has its own: ${what}`, async () => assert.equal(importMemory(await core(text)), undefined));

  it("is as valid as before, whatever a compiler has made", () => {
    for (const { name, bytes } of guestModules()) {
      const found = importMemory(bytes);
      if (found !== undefined) assert.ok(WebAssembly.validate(found.bytes), name);
    }
  });
});

describe("a module of trampolines", () => {
  const cases: readonly [what: string, text: string, length: number | undefined][] = [
    ["functions and a table", '(table (export "t") 4 4 funcref) (func (export "0") (call_indirect (i32.const 0)))', 4],
    ["a table that is none", '(table (export "t") 0 funcref)', 0],
    ["no table", "(func)", undefined],
    ["an import", '(import "a" "b" (func)) (table 1 funcref)', undefined],
    ["a memory", "(table 1 funcref) (memory 1)", undefined],
    ["a global", "(table 1 funcref) (global (mut i32) (i32.const 0))", undefined],
    ["elements", "(table 1 funcref) (func $f) (elem (i32.const 0) $f)", undefined],
    ["a start function", "(table 1 funcref) (func $f) (start $f)", undefined],
    ["two tables", "(table 1 funcref) (table 1 funcref)", undefined],
  ];
  for (const [what, text, length] of cases)
    it(what, async () => assert.equal(trampolineTable(await core(text)), length));
});

/** `add(n)` counts in memory, in a global and in a table's length; `set(n)` grows the memory. `ask` calls the host, which may wait. */
const counting = `(component
  (import "host" (func $host (result u32)))
  (core module $shim
    (table (export "$imports") 1 1 funcref)
    (type $ask (func (result i32)))
    (func (export "0") (result i32) (call_indirect (type $ask) (i32.const 0))))
  (core module $main
    (import "shim" "0" (func $ask (result i32)))
    (memory (export "memory") 1 4)
    (data (i32.const 8) "\\07")
    (func (export "add") (param i32) (result i32)
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (local.get 0)))
      (i32.add (i32.load (i32.const 0)) (i32.load8_u (i32.const 8))))
    (func (export "grow") (result i32) (drop (memory.grow (i32.const 1))) (memory.size))
    (func (export "ask") (result i32) (call $ask)))
  (core module $fixup
    (import "" "host" (func $host (result i32)))
    (import "" "$imports" (table 1 1 funcref))
    (elem (i32.const 0) $host))
  (core func $host (canon lower (func $host)))
  (core instance $s (instantiate $shim))
  (core instance $m (instantiate $main (with "shim" (instance $s))))
  (alias core export $s "$imports" (core table $t))
  (core instance (instantiate $fixup (with "" (instance (export "host" (func $host)) (export "$imports" (table $t))))))
  (func (export "add") (param "n" u32) (result u32) (canon lift (core func $m "add")))
  (func (export "grow") (result u32) (canon lift (core func $m "grow")))
  (func (export "ask") (result u32) (canon lift (core func $m "ask"))))`;

type Exports = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

describe("instances one after another", () => {
  const made = async () => {
    const component = new CompiledComponent(parseComponent(await binary(counting)), { suspending, recycling });
    const recycler = new Recycler();
    return async (host: () => number | Promise<number>) => {
      const recycled = new Recycled(recycler, suspending);
      const imports = { host } as HostImports;
      const linked = await settle(linkComponent(component, imports, { recycled, promises: "all" }));
      return { exports: linked.exports as Exports, recycled };
    };
  };

  it("find what the first has found", async () => {
    const instance = await made();
    for (let i = 0; i < 5; i++) {
      const { exports, recycled } = await instance(() => i);
      assert.equal(await exports["add"]!(100 + i), 107 + i);
      assert.equal(await exports["add"]!(1), 108 + i);
      assert.equal(await exports["ask"]!(), i);
      recycled.giveBack();
    }
  });

  it("at once have nothing of each other", async () => {
    const instance = await made();
    for (let round = 0; round < 3; round++) {
      const all = await Promise.all(Array.from({ length: 20 }, (_, i) => instance(async () => i)));
      const asked = await Promise.all(all.map(({ exports }) => exports["ask"]!()));
      const added = await Promise.all(all.map(({ exports }, i) => exports["add"]!(i)));
      const numbers = all.map((_, i) => i);
      assert.deepEqual(asked, numbers);
      assert.deepEqual(
        added,
        numbers.map((i) => i + 7),
      );
      for (const { recycled } of all) recycled.giveBack();
    }
  });

  it("a memory that has grown is not given again", async () => {
    const instance = await made();
    for (let i = 0; i < 3; i++) {
      const { exports, recycled } = await instance(() => 0);
      assert.equal(await exports["grow"]!(), 2);
      recycled.giveBack();
    }
  });

  it("an import of one that has ended fails", async () => {
    const instance = await made();
    const { exports, recycled } = await instance(() => 1);
    assert.equal(await exports["ask"]!(), 1);
    recycled.giveBack();
    await assert.rejects(async () => exports["ask"]!());
  });
});
