/** Components that export things named `then`: what is waited for is nothing that a component could answer for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compile, instantiate, type Wait } from "../../src/index.ts";
import { binary, canonOptions, libc } from "../component/text.ts";

type Async = number | Promise<number>;
type Called = (...args: unknown[]) => Async;

const returns = (what: string) => `(core module $m
    (func (export "one") (result i32) (i32.const 1))
    (func (export "same") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m))
  (func $one (result u32) (canon lift (core func $i "one"))) ${what}`;

const named = await binary(
  `(component ${returns(`
  (export "then" (func $one)) (export "exports" (func $one)) (export "other" (func $one)))`)}`,
);
const shouted = await binary(`(component ${returns('(export "THEN" (func $one)))')}`);
const inside = await binary(
  `(component ${returns(`
  (instance $t (export "then" (func $one)))
  (export "then" (instance $t)) (export "a:b/c@1.2.3" (instance $t)))`)}`,
);

/** A resource whose method is `then`, made by its constructor and by a function; and a record with a field of that name. */
const resource = await binary(`(component ${libc}
  (component $inner ${returns(`
    (type $own (resource (rep i32)))
    (core func $new (canon resource.new $own))
    (core func $rep (canon resource.rep $own))
    (core module $r
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "rep" (func $rep (param i32) (result i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
      (func (export "then") (param i32) (result i32) (local.get 0)))
    (core instance $c (instantiate $r (with "" (instance (export "new" (func $new)) (export "rep" (func $rep))))))
    (export $thing "thing" (type $own))
    (func $make (param "start" u32) (result (own $thing)) (canon lift (core func $c "make")))
    (func $then (param "self" (borrow $thing)) (result u32) (canon lift (core func $c "then")))
    (export "[constructor]thing" (func $make))
    (export "[method]thing.then" (func $then))
    (export "make" (func $make)))`)}
  (core module $fields (import "l" "memory" (memory 1))
    (func (export "point") (result i32) (i32.store (i32.const 8) (i32.const 7)) (i32.const 8)))
  (core instance $f (instantiate $fields (with "l" (instance $l))))
  (type $flat (record (field "then" u32) (field "and" u32)))
  (export $point "point" (type $flat))
  (func $p (result $point) (canon lift (core func $f "point") ${canonOptions}))
  (export "where" (func $p))
  (instance $things (instantiate $inner))
  (export "test:then/things" (instance $things)))`);

interface Thing {
  readonly "[method]thing.then": () => Async;
  readonly then?: undefined;
}

interface Things {
  readonly Thing: new (start: number) => Thing;
  make(start: number): Thing | Promise<Thing>;
}

for (const wait of ["blocking", "suspending"] as const satisfies Wait[]) {
  describe(`with wait: "${wait}"`, () => {
    const instanceOf = (bytes: Uint8Array<ArrayBuffer>) => instantiate(bytes, {}, { wait });

    it("a function that is exported as `then` is in `exports` alone", async () => {
      for (const source of [named, await compile(named, { wait })]) {
        const instance = await instantiate(source, {}, { wait });
        const all = instance["exports"] as Readonly<Record<string, Called>>;
        assert.deepEqual(Object.keys(instance), ["other"]);
        assert.equal(instance["then"], undefined);
        assert.deepEqual(Object.keys(all).sort(), ["exports", "other", "then"]);
        assert.equal(instance["other"], all["other"]);
        for (const name of ["then", "exports", "other"]) assert.equal(await all[name]?.(), 1);
      }
    });

    it("whatever its case in WIT", async () => {
      const { exports: all } = (await instanceOf(shouted)) as { exports: Record<string, Called> };
      assert.equal(await all["then"]?.(), 1);
    });

    it("so is an instance; functions of an instance have their names", async () => {
      const instance = await instanceOf(inside);
      const all = instance["exports"] as Readonly<Record<string, { then: Called }>>;
      assert.equal(await all["then"]?.then(), 1);
      for (const name of ["a:b/c", "a:b/c@1.2.3"]) assert.equal(await (instance[name] as { then: Called }).then(), 1);
    });

    it("a resource has its method `then` under the WIT name", async () => {
      const { Thing, make } = (await instanceOf(resource))["test:then/things"] as Things;
      for (const thing of [await new Thing(5), await make(5)]) {
        assert.ok(thing instanceof Thing);
        assert.equal(thing.then, undefined);
        assert.equal(await thing["[method]thing.then"](), 5);
      }
    });

    it("a record may have a field of that name", async () => {
      const { where } = (await instanceOf(resource)) as { where(): unknown };
      assert.deepEqual(Object.entries((await where()) as object), [
        ["then", 7],
        ["and", 0],
      ]);
    });
  });
}
