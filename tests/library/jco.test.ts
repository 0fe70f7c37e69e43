/** What jco takes and gives, `instantiate` does too: names of imports and exports, classes, defaults. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { instantiate, LinkError } from "../../src/index.ts";
import { binary } from "../component/text.ts";

/** A resource and functions that are imported by themselves; calls all of it. */
const rooted = await binary(`(component
  (import "thing" (type $thing (sub resource)))
  (import "[constructor]thing" (func $make (param "start" u32) (result (own $thing))))
  (import "[method]thing.add-to" (func $add (param "self" (borrow $thing)) (param "by" u32) (result u32)))
  (import "[static]thing.count-all" (func $count (result u32)))
  (import "take-it" (func $take (param "thing" (borrow $thing)) (result u32)))
  (core func $make (canon lower (func $make)))
  (core func $add (canon lower (func $add)))
  (core func $count (canon lower (func $count)))
  (core func $take (canon lower (func $take)))
  (core func $drop (canon resource.drop $thing))
  (core module $m
    (import "h" "make" (func $make (param i32) (result i32)))
    (import "h" "add" (func $add (param i32 i32) (result i32)))
    (import "h" "count" (func $count (result i32)))
    (import "h" "take" (func $take (param i32) (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    (func (export "all") (result i32) (local $thing i32) (local $sum i32)
      (local.set $thing (call $make (i32.const 40)))
      (local.set $sum (i32.add (call $add (local.get $thing) (i32.const 2)) (call $take (local.get $thing))))
      (call $drop (local.get $thing))
      (i32.add (local.get $sum) (call $count))))
  (core instance $i (instantiate $m (with "h" (instance
    (export "make" (func $make)) (export "add" (func $add)) (export "count" (func $count))
    (export "take" (func $take)) (export "drop" (func $drop))))))
  (func (export "call-all") (result u32) (canon lift (core func $i "all"))))`);

/** @param sum 42 + 1000 + how many there were: what `call-all` returns */
function things() {
  let made = 0;
  class Thing {
    readonly start: number;
    constructor(start: number) {
      made++;
      this.start = start;
    }
    addTo(by: number): number {
      return this.start + by;
    }
    static countAll(): number {
      return made;
    }
  }
  const takeIt = (thing: Thing): number => (thing instanceof Thing ? 1000 : 0);
  return { Thing, takeIt };
}

describe("a resource that is imported by itself", () => {
  const { Thing, takeIt } = things();
  class Late {
    readonly addTo = (by: number): number => 40 + by;
    static countAll = (): number => 1;
  }
  const ways: readonly (readonly [string, Record<string, unknown>, number])[] = [
    ["has its methods on its class", { Thing, takeIt }, 1043],
    ["is named as in WIT", { thing: Thing, "take-it": takeIt }, 1044],
    ["is a default, as are functions", { thing: { default: Thing }, "take-it": { default: takeIt } }, 1045],
    ["has methods on its objects alone", { Thing: Late, takeIt: () => 1000 }, 1043],
  ];
  for (const [name, imports, sum] of ways) {
    it(name, async () => {
      const app = await instantiate<{ callAll(): number }>(rooted, imports as never);
      assert.equal(app.callAll(), sum);
    });
  }

  it("is missed by name when it is called, if its class has no such method", async () => {
    const Bare = Object.assign(class {}, { countAll: () => 1 });
    const app = await instantiate<{ callAll(): number }>(rooted, { Thing: Bare, takeIt } as never);
    assert.throws(() => app.callAll(), {
      name: "TypeError",
      message: "the object given for a `thing` has no method `addTo`",
    });
  });

  const missing: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ["all", {}, /^component imports resource `thing`, but .*: resource implementation is missing$/],
    ["a function", { Thing }, /^component imports function `take-it`, but .*: function implementation is missing$/],
    [
      "a static function",
      { Thing: class {}, takeIt },
      /^component imports function `\[static\]thing.count-all`, but .*: function implementation is missing$/,
    ],
    ["a default that is none", { Thing, takeIt: { default: 7 } }, /function `take-it`/],
  ];
  for (const [what, imports, message] of missing) {
    it(`cannot be linked without ${what}`, async () => {
      await assert.rejects(instantiate(rooted, imports as never), (error: unknown) => {
        assert.ok(error instanceof LinkError);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});

describe("an interface that is given without the class of a resource", () => {
  const text = `(component
    (import "a:b/c" (instance $c (export "made" (type $made (sub resource))) (export "other" (type (sub resource)))
      (export "make" (func (result (own $made)))) (export "one" (func (result u32)))))
    (core func $make (canon lower (func $c "make")))
    (core func $one (canon lower (func $c "one")))
    (core module $m (import "h" "make" (func $make (result i32))) (import "h" "one" (func $one (result i32)))
      (func (export "make") (drop (call $make))) (func (export "one") (result i32) (call $one)))
    (core instance $i (instantiate $m (with "h" (instance (export "make" (func $make)) (export "one" (func $one))))))
    (func (export "make") (canon lift (core func $i "make")))
    (func (export "one") (result u32) (canon lift (core func $i "one"))))`;
  const c = { make: () => ({}), one: () => 1 };

  it("is linked, and what is no object of that class is refused", async () => {
    const app = await instantiate<{ make(): void; one(): number }>(await binary(text), { "a:b/c": c });
    assert.equal(app.one(), 1);
    assert.throws(() => app.make(), TypeError);
  });

  it("is missing if it is not given", async () => {
    await assert.rejects(instantiate(await binary(text), {}), {
      message: /^component imports instance `a:b\/c`, .*: resource implementation is missing$/,
    });
  });
});

describe("exported interfaces", () => {
  const one = `(core module $m (func (export "one") (result i32) (i32.const 1)))
    (core instance $i (instantiate $m))
    (func $one (result u32) (canon lift (core func $i "one")))
    (instance $x (export "one" (func $one)))`;
  const names = async (exports: string) =>
    Object.keys((await instantiate(await binary(`(component ${one} ${exports})`))) as object).sort();
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    [
      "have their short names too",
      '(export "test:pack/my-face@1.2.0" (instance $x))',
      ["myFace", "test:pack/my-face", "test:pack/my-face@1.2.0"],
    ],
    [
      "leave a name to what is exported by it",
      '(export "a:b/one" (instance $x)) (export "one" (func $one))',
      ["a:b/one", "one"],
    ],
    ["have names of two words in camelCase", '(export "my-face" (instance $x))', ["my-face", "myFace"]],
    [
      "are the first of the alphabet under a label that several have",
      '(export "b:b/x" (instance $x)) (export "a:a/x" (instance $x))',
      ["a:a/x", "b:b/x", "x"],
    ],
  ];
  for (const [what, exports, expected] of cases) it(what, async () => assert.deepEqual(await names(exports), expected));

  it("of several versions the newest has the short names", async () => {
    const text = `(component ${one}
      (core module $n (func (export "two") (result i32) (i32.const 2)))
      (core instance $j (instantiate $n))
      (func $two (result u32) (canon lift (core func $j "two")))
      (instance $y (export "one" (func $two)))
      (export "a:a/x@1.10.0" (instance $y)) (export "a:a/x@1.9.0" (instance $x)))`;
    const app = await instantiate<Record<string, { one(): number }>>(await binary(text));
    assert.deepEqual([app["x"]?.one(), app["a:a/x"]?.one(), app["a:a/x@1.9.0"]?.one()], [2, 2, 1]);
    assert.equal(app["x"], app["a:a/x"]);
  });
});
