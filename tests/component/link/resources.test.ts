import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ComponentError } from "../../../src/component/errors.ts";
import { Trap } from "../../../src/core/wait/errors.ts";
import { exported, instantiateText } from "../text.ts";

/** A component that defines a resource, a counter whose representation is its count, and exports it from an interface. */
const counters = `(component $Counters
  (core module $table
    (global $destroyed (export "destroyed") (mut i32) (i32.const 0))
    (func (export "dtor") (param i32)
      (global.set $destroyed (i32.add (global.get $destroyed) (local.get 0)))))
  (core instance $t (instantiate $table))
  (type $counter' (resource (rep i32) (dtor (core func $t "dtor"))))
  (core func $new (canon resource.new $counter'))
  (core func $rep (canon resource.rep $counter'))
  (core func $drop (canon resource.drop $counter'))
  (core module $m
    (import "t" "destroyed" (global $destroyed (mut i32)))
    (import "r" "new" (func $new (param i32) (result i32)))
    (import "r" "rep" (func $rep (param i32) (result i32)))
    (import "r" "drop" (func $drop (param i32)))
    (func (export "new") (param i32) (result i32) (call $new (local.get 0)))
    (func (export "count") (param i32) (result i32) (local.get 0))
    (func (export "sum") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "twice") (param i32) (result i32) (local $count i32)
      (local.set $count (call $rep (local.get 0)))
      (call $drop (local.get 0))
      (call $new (i32.mul (local.get $count) (i32.const 2))))
    (func (export "destroyed") (result i32) (global.get $destroyed)))
  (core instance $i (instantiate $m (with "t" (instance $t))
    (with "r" (instance (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
  (func $new (param "start" u32) (result (own $counter')) (canon lift (core func $i "new")))
  (func $count (param "self" (borrow $counter')) (result u32) (canon lift (core func $i "count")))
  (func $sum (param "a" (borrow $counter')) (param "b" (borrow $counter')) (result u32) (canon lift (core func $i "sum")))
  (func $twice (param "counter" (own $counter')) (result (own $counter')) (canon lift (core func $i "twice")))
  (func $destroyed (result u32) (canon lift (core func $i "destroyed")))
  (component $Interface
    (import "counter" (type $counter (sub resource)))
    (import "new" (func $new (param "start" u32) (result (own $counter))))
    (import "count" (func $count (param "self" (borrow $counter)) (result u32)))
    (import "sum" (func $sum (param "a" (borrow $counter)) (param "b" (borrow $counter)) (result u32)))
    (import "twice" (func $twice (param "counter" (own $counter)) (result (own $counter))))
    (import "destroyed" (func $destroyed (result u32)))
    (export $counter' "counter" (type $counter))
    (export "[constructor]counter" (func $new) (func (param "start" u32) (result (own $counter'))))
    (export "[method]counter.count" (func $count) (func (param "self" (borrow $counter')) (result u32)))
    (export "[static]counter.sum" (func $sum) (func (param "a" (borrow $counter')) (param "b" (borrow $counter')) (result u32)))
    (export "twice" (func $twice) (func (param "counter" (own $counter')) (result (own $counter'))))
    (export "destroyed" (func $destroyed)))
  (instance $interface (instantiate $Interface
    (with "counter" (type $counter')) (with "new" (func $new)) (with "count" (func $count)) (with "sum" (func $sum))
    (with "twice" (func $twice)) (with "destroyed" (func $destroyed))))
  (export "test:c/counters@0.1.0" (instance $interface)))`;

interface Counter extends Disposable {
  count(): number;
}

interface Counters {
  readonly Counter: { new (start: number): Counter; sum(a: Counter, b: Counter): number };
  twice(counter: Counter): Counter;
  destroyed(): number;
}

describe("a resource that a component defines", () => {
  it("is a class to the host", async () => {
    const { exports } = await instantiateText(counters);
    assert.equal(exports["test:c/counters"], exports["test:c/counters@0.1.0"]);
    const { Counter, twice, destroyed } = exports["test:c/counters"] as Counters;
    const five = new Counter(5);
    assert.ok(five instanceof Counter);
    assert.equal(five.count(), 5);
    assert.equal(Counter.sum(five, new Counter(30)), 35);
    const ten = twice(five);
    assert.ok(ten instanceof Counter);
    assert.equal(ten.count(), 10);
    assert.equal(destroyed(), 5, "the first was dropped by its component");
    assert.throws(() => five.count(), { name: "TypeError" }, "it was given away");
    assert.throws(() => Counter.sum(ten, Object.create(Counter.prototype)), { name: "TypeError" });
    ten[Symbol.dispose]();
    ten[Symbol.dispose]();
    assert.equal(destroyed(), 15);
    assert.throws(() => ten.count(), { name: "TypeError" });
  });

  it("goes from one component to another and back", async () => {
    const text = `(component
      ${counters}
      (instance $c (instantiate $Counters))
      (alias export $c "test:c/counters@0.1.0" (instance $counters))
      (component $User
        (import "c" (instance $c
          (export "counter" (type $counter (sub resource)))
          (export "[constructor]counter" (func (param "start" u32) (result (own $counter))))
          (export "[method]counter.count" (func (param "self" (borrow $counter)) (result u32)))
          (export "twice" (func (param "counter" (own $counter)) (result (own $counter))))
          (export "destroyed" (func (result u32)))))
        (alias export $c "counter" (type $counter))
        (core func $new (canon lower (func $c "[constructor]counter")))
        (core func $count (canon lower (func $c "[method]counter.count")))
        (core func $twice (canon lower (func $c "twice")))
        (core func $destroyed (canon lower (func $c "destroyed")))
        (core func $drop (canon resource.drop $counter))
        (core module $m
          (import "c" "new" (func $new (param i32) (result i32)))
          (import "c" "count" (func $count (param i32) (result i32)))
          (import "c" "twice" (func $twice (param i32) (result i32)))
          (import "c" "destroyed" (func $destroyed (result i32)))
          (import "c" "drop" (func $drop (param i32)))
          (func (export "run") (param i32) (result i32) (local $counter i32) (local $count i32)
            (local.set $counter (call $twice (call $new (local.get 0))))
            (local.set $count (call $count (local.get $counter)))
            (call $drop (local.get $counter))
            ;; what was counted, and what the destructor saw
            (i32.add (local.get $count) (i32.mul (i32.const 1000) (call $destroyed))))
          (func (export "forge") (call $drop (call $count (call $new (i32.const 77))))))
        (core instance $i (instantiate $m (with "c" (instance
          (export "new" (func $new)) (export "count" (func $count)) (export "twice" (func $twice))
          (export "destroyed" (func $destroyed)) (export "drop" (func $drop))))))
        (func (export "run") (param "start" u32) (result u32) (canon lift (core func $i "run")))
        (func (export "forge") (canon lift (core func $i "forge"))))
      (instance $user (instantiate $User (with "c" (instance $counters))))
      (export "run" (func $user "run"))
      (export "forge" (func $user "forge")))`;
    const instance = await instantiateText(text);
    assert.equal(exported(instance, "run")(5), 10 + 1000 * (5 + 10));
    assert.throws(exported(instance, "forge"), { name: "Trap", message: "unknown handle index 77" });
  });
});

describe("a borrow", () => {
  class Thing {}
  const keeper = (body: string): string => `(component
    (import "thing" (type $thing (sub resource)))
    (core func $drop (canon resource.drop $thing))
    (core module $m
      (import "h" "drop" (func $drop (param i32)))
      (global $kept (mut i32) (i32.const 0))
      (func (export "see") (param i32) ${body}))
    (core instance $i (instantiate $m (with "h" (instance (export "drop" (func $drop))))))
    (func (export "see") (param "thing" (borrow $thing)) (canon lift (core func $i "see"))))`;

  it("must be dropped before the call ends", async () => {
    const see = exported(await instantiateText(keeper("(global.set $kept (local.get 0))"), { thing: Thing }), "see");
    assert.throws(() => see(new Thing()), {
      name: "Trap",
      message: "borrow handles still remain at the end of the call",
    });
  });

  it("is good for one call only", async () => {
    const body = `(if (global.get $kept) (then (call $drop (global.get $kept))))
      (global.set $kept (local.get 0))
      (call $drop (local.get 0))`;
    const see = exported(await instantiateText(keeper(body), { thing: Thing }), "see");
    see(new Thing());
    // its index is given again, to this call's handle: that is the one that both drops name
    assert.throws(() => see(new Thing()), { name: "Trap", message: "unknown handle index 1" });
  });

  it("of something else is refused", async () => {
    const see = exported(await instantiateText(keeper("(call $drop (local.get 0))"), { thing: Thing }), "see");
    assert.throws(() => see({}), { name: "TypeError", message: 'not a "thing" resource' });
  });
});

describe("a result of an exported function", () => {
  it("is thrown if it is the error", async () => {
    const text = `(component
      (core module $m
        (memory (export "memory") 1)
        (func (export "f") (param i32) (result i32)
          (i32.store8 (i32.const 0) (local.get 0))
          (i32.store (i32.const 4) (i32.const 42))
          (i32.const 0)))
      (core instance $i (instantiate $m))
      (func (export "f") (param "fail" bool) (result (result u8 (error u32)))
        (canon lift (core func $i "f") (memory (core memory $i "memory")))))`;
    const f = exported(await instantiateText(text), "f");
    assert.equal(f(false), 42);
    assert.throws(
      () => f(true),
      (error) => error instanceof ComponentError && error.payload === 42,
    );
    assert.equal(f(false), 42, "an error case is no trap");
  });
});

describe("a call into an instance that is busy", () => {
  it("traps", async () => {
    const text = `(component
      (import "out" (func $out))
      (core func $out (canon lower (func $out)))
      (core module $m (import "h" "out" (func $out)) (func (export "in") (call $out)))
      (core instance $i (instantiate $m (with "h" (instance (export "out" (func $out))))))
      (func (export "in") (canon lift (core func $i "in"))))`;
    let again = (): unknown => undefined;
    const instance = await instantiateText(text, { out: () => again() });
    const call = exported(instance, "in");
    call();
    again = call;
    assert.throws(
      call,
      (error) => error instanceof Trap && error.message === "wasm trap: cannot enter component instance",
    );
    again = () => undefined;
    assert.throws(call, { message: "wasm trap: cannot enter component instance" }, "it has trapped");
  });

  it("or that must not call out", async () => {
    const text = `(component
      (import "out" (func $out))
      (core func $out (canon lower (func $out)))
      (core module $m
        (import "h" "out" (func $out))
        (func (export "f"))
        (func (export "post") (call $out)))
      (core instance $i (instantiate $m (with "h" (instance (export "out" (func $out))))))
      (func (export "f") (canon lift (core func $i "f") (post-return (core func $i "post")))))`;
    const call = exported(await instantiateText(text, { out: () => undefined }), "f");
    assert.throws(call, { name: "Trap", message: "wasm trap: cannot leave component instance" });
  });
});

describe("an exception of the host", () => {
  const text = `(component
    (import "out" (func $out))
    (core func $out (canon lower (func $out)))
    (core module $m
      (import "h" "out" (func $out))
      (func (export "run") (block $caught (try_table (catch_all $caught) (call $out)))))
    (core instance $i (instantiate $m (with "h" (instance (export "out" (func $out))))))
    (func (export "run") (canon lift (core func $i "run"))))`;
  it("ends a guest that catches everything", async () => {
    class Stop extends Error {}
    const run = exported(
      await instantiateText(text, {
        out: () => {
          throw new Stop();
        },
      }),
      "run",
    );
    assert.throws(run, Stop);
  });
});
