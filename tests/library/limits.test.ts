import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { instantiate, LimitError, run, Trap } from "../../src/index.ts";
import { binary, canonOptions, libc } from "../component/text.ts";
import { guestFile } from "../e2e/host.ts";

const guest = (name: string) => new URL(`file://${guestFile(name)}`);

/** `take` imports handles until it has `count` of them; `drop` gives them back; `grow` is memory.grow and table.grow. */
const hungry = `(component
  (import "thing" (type $thing (sub resource)))
  (import "make" (func $make (result (own $thing))))
  (core func $make (canon lower (func $make)))
  (core func $drop (canon resource.drop $thing))
  (core module $m
    (import "h" "make" (func $make (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    (memory 1)
    (table 1 funcref)
    (func (export "take") (param i32)
      (loop $again
        (drop (call $make))
        (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "drop") (param i32) (call $drop (local.get 0)))
    (func (export "grow-memory") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "grow-table") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))
  (core instance $i (instantiate $m (with "h" (instance (export "make" (func $make)) (export "drop" (func $drop))))))
  (func (export "take") (param "count" u32) (canon lift (core func $i "take")))
  (func (export "drop") (param "handle" u32) (canon lift (core func $i "drop")))
  (func (export "grow-memory") (param "by" u32) (result s32) (canon lift (core func $i "grow-memory")))
  (func (export "grow-table") (param "by" u32) (result s32) (canon lift (core func $i "grow-table"))))`;

type Hungry = Readonly<Record<"take" | "drop" | "growMemory" | "growTable", (n: number) => number>>;

class Thing {}
const things = { thing: Thing, make: () => new Thing() };

describe("limits of an instance", () => {
  it("resources: so many handles at once, and no more", async () => {
    const { take, drop } = (await instantiate(await binary(hungry), things, { limits: { resources: 5 } })) as Hungry;
    take(5);
    drop(2);
    take(1);
    assert.throws(() => take(1), { name: "Trap", message: "resource table has no free keys" });
  });

  it("memory, in bytes: growing beyond is refused", async () => {
    const limits = { memory: 3 * 65536 + 1 };
    const { growMemory } = (await instantiate(await binary(hungry), things, { limits })) as Hungry;
    assert.deepEqual([growMemory(2), growMemory(1), growMemory(0)], [1, -1, 3]);
  });

  it("tableElements: growing beyond is refused", async () => {
    const limits = { tableElements: 10 };
    const { growTable } = (await instantiate(await binary(hungry), things, { limits })) as Hungry;
    assert.deepEqual([growTable(9), growTable(1)], [1, -1]);
  });

  it("what is asked for from the start is a LimitError", async () => {
    await assert.rejects(
      instantiate(await binary(hungry), things, { limits: { memory: 65535 } }),
      (error: unknown) =>
        error instanceof LimitError &&
        error.code === "limit" &&
        error.message === "memory minimum size of 1 pages exceeds memory limits",
    );
  });

  it("hostcallBytes: what strings and lists of one call copy out of the guest", async () => {
    const text = `(component
      (import "f" (func $f (param "text" string)))
      ${libc}
      (core func $f (canon lower (func $f) ${canonOptions}))
      (core module $m
        (import "h" "f" (func $f (param i32 i32)))
        (func (export "call") (param i32) (call $f (i32.const 0) (local.get 0))))
      (core instance $i (instantiate $m (with "h" (instance (export "f" (func $f))))))
      (func (export "call") (param "length" u32) (canon lift (core func $i "call"))))`;
    const lengths: number[] = [];
    const f = (given: string) => void lengths.push(given.length);
    const limits = { hostcallBytes: 100 };
    const { call } = (await instantiate(await binary(text), { f }, { limits })) as { call(length: number): void };
    call(100);
    call(100);
    assert.throws(() => call(101), { name: "Trap", message: /fuel allocated for hostcalls has been exhausted$/ });
    assert.deepEqual(lengths, [100, 100]);
  });
});

describe("limits of a run", () => {
  const cases: readonly (readonly [string, Parameters<typeof run>[1], RegExp])[] = [
    ["resources", { limits: { resources: 0 } }, /^resource table has no free keys$/],
    ["hostcallBytes", { limits: { hostcallBytes: 3 } }, /fuel allocated for hostcalls has been exhausted$/],
  ];
  for (const [name, options, message] of cases) {
    it(`${name}: a Trap`, async () => {
      await assert.rejects(run(guest("hello"), options), (error: unknown) => {
        return error instanceof Trap && message.test(error.message);
      });
    });
  }

  it("memory: a LimitError, and room enough is no error", async () => {
    await assert.rejects(run(guest("hello"), { limits: { memory: 0 } }), LimitError);
    assert.deepEqual(await run(guest("hello"), { limits: { memory: 2 ** 30, tableElements: 1000, resources: 100 } }), {
      exitCode: 0,
    });
  });
});
