/** A component that is compiled once and instantiated many times, with imports of one shape or another. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { type HostImports, type RawContext, raw, resultBuffer } from "../../../src/component/host.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { instantiateComponent, linkComponent } from "../../../src/component/link/instantiate.ts";
import { suspending } from "../../../src/component/link/suspending.ts";
import { Trap } from "../../../src/core/wait/errors.ts";
import { runAsync } from "../../../src/core/wait/steps.ts";
import { binary, canonOptions, exported, libc } from "../text.ts";

/** Uses a resource that it imports: makes a thing, asks for its value through a borrow, drops it. */
const user = `(component $User
  (import "things" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "[constructor]thing" (func (param "value" u32) (result (own $thing))))
    (export "[method]thing.value" (func (param "self" (borrow $thing)) (result u32)))))
  (alias export $things "thing" (type $thing))
  (core func $make (canon lower (func $things "[constructor]thing")))
  (core func $value (canon lower (func $things "[method]thing.value")))
  (core func $drop (canon resource.drop $thing))
  (core module $m
    (import "things" "make" (func $make (param i32) (result i32)))
    (import "things" "value" (func $value (param i32) (result i32)))
    (import "things" "drop" (func $drop (param i32)))
    (func (export "use") (param i32) (result i32) (local $thing i32)
      (local.set $thing (call $make (local.get 0)))
      (call $value (local.get $thing))
      (call $drop (local.get $thing))))
  (core instance $i (instantiate $m (with "things" (instance
    (export "make" (func $make)) (export "value" (func $value)) (export "drop" (func $drop))))))
  (func (export "use") (param "value" u32) (result u32) (canon lift (core func $i "use"))))`;

/** Defines such a resource: its value is ten times what it was made of. */
const maker = `(component $Maker
  (type $thing' (resource (rep i32)))
  (core func $new (canon resource.new $thing'))
  (core module $m
    (import "r" "new" (func $new (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $new (i32.mul (local.get 0) (i32.const 10))))
    (func (export "value") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m (with "r" (instance (export "new" (func $new))))))
  (func $make (param "value" u32) (result (own $thing')) (canon lift (core func $i "make")))
  (func $value (param "self" (borrow $thing')) (result u32) (canon lift (core func $i "value")))
  (component $Interface
    (import "thing" (type $thing (sub resource)))
    (import "make" (func $make (param "value" u32) (result (own $thing))))
    (import "value" (func $value (param "self" (borrow $thing)) (result u32)))
    (export $thing' "thing" (type $thing))
    (export "[constructor]thing" (func $make) (func (param "value" u32) (result (own $thing'))))
    (export "[method]thing.value" (func $value) (func (param "self" (borrow $thing')) (result u32))))
  (instance $interface (instantiate $Interface
    (with "thing" (type $thing')) (with "make" (func $make)) (with "value" (func $value))))
  (export "things" (instance $interface)))`;

/** One definition of the user, given the host's resource, and then that of another component. */
const both = `(component
  (import "things" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "[constructor]thing" (func (param "value" u32) (result (own $thing))))
    (export "[method]thing.value" (func (param "self" (borrow $thing)) (result u32)))))
  ${user}
  ${maker}
  (instance $maker (instantiate $Maker))
  (alias export $maker "things" (instance $made))
  (instance $first (instantiate $User (with "things" (instance $things))))
  (instance $second (instantiate $User (with "things" (instance $made))))
  (export "with-host" (func $first "use"))
  (export "with-guest" (func $second "use")))`;

class Thing {
  static live = 0;
  readonly #value: number;

  constructor(value: number) {
    this.#value = value;
    Thing.live++;
  }

  value(): number {
    return this.#value;
  }

  [Symbol.dispose](): void {
    Thing.live--;
  }
}

async function compile(text: string, suspends = false) {
  let modules = 0;
  const component = new CompiledComponent(parseComponent(await binary(text)), {
    compile(bytes) {
      modules++;
      return new WebAssembly.Module(bytes);
    },
    ...(suspends ? { suspending } : {}),
  });
  return { component, modules: () => modules };
}

describe("a component that is compiled once", () => {
  it("is bound to a host's class, and to another component's resource, by the same definition", async () => {
    const { component, modules } = await compile(both);
    for (let i = 0; i < 3; i++) {
      const instance = instantiateComponent(component, { things: { Thing } });
      assert.equal(exported(instance, "withHost")(7), 7);
      assert.equal(exported(instance, "withGuest")(7), 70);
      assert.equal(Thing.live, 0);
    }
    assert.equal(modules(), 2, "each core module was compiled once");
  });

  it("is bound to another class of the host each time, in either convention", async () => {
    const { component } = await compile(user.replace("(component $User", "(component"));
    class Doubled extends Thing {
      override value(): number {
        return 2 * super.value();
      }
    }
    const given: readonly (readonly [HostImports, number])[] = [
      [{ things: { Thing } }, 7],
      [{ things: { Thing: Doubled } }, 14],
      [
        {
          things: {
            thing: Thing,
            "[constructor]thing": (value: number) => new Thing(value + 1),
            "[method]thing.value": (self: Thing) => self.value(),
          },
        },
        8,
      ],
      [{ things: { Thing } }, 7],
    ];
    for (const [imports, expected] of given) {
      assert.equal(exported(instantiateComponent(component, imports), "use")(7), expected);
    }
    const instances = given.map(([imports]) => instantiateComponent(component, imports));
    assert.deepEqual(
      instances.map((instance) => exported(instance, "use")(7)),
      [7, 14, 8, 7],
      "each goes on with its own",
    );
    const wrong = {
      things: { thing: class {}, "[constructor]thing": () => new Thing(1), "[method]thing.value": () => 1 },
    };
    assert.throws(() => exported(instantiateComponent(component, wrong), "use")(1), /not a "thing" resource/);
  });

  it("takes a plain function, an unboxed one, a raw one, an observed one, in turn", async () => {
    const { component } = await compile(`(component
      ${libc}
      (import "sum" (func $sum (param "bytes" (list u8)) (result u64)))
      (core func $sum (canon lower (func $sum) ${canonOptions}))
      (core module $m
        (import "h" "sum" (func $sum (param i32 i32) (result i64)))
        (import "l" "memory" (memory 1))
        (data (i32.const 8) "\\01\\02\\03")
        (func (export "run") (result i64) (call $sum (i32.const 8) (i32.const 3))))
      (core instance $i (instantiate $m
        (with "h" (instance (export "sum" (func $sum)))) (with "l" (instance $l))))
      (func (export "run") (result u64) (canon lift (core func $i "run"))))`);
    const add = (bytes: Iterable<number>): number => [...bytes].reduce((sum, byte) => sum + byte, 0);
    const unboxed = (memory: Uint8Array, start: number, end: number): number => 10 + add(memory.subarray(start, end));
    const rawly = (cx: RawContext) => (start: number, length: number) =>
      BigInt(
        20 +
          add(
            cx
              .bytes()
              .subarray(cx.checkList(start, length, 1, 1))
              .subarray(0, length),
          ),
      );
    const plain = { sum: (bytes: Uint8Array) => BigInt(add(bytes)) };
    const run = (imports: HostImports, observed = 0) => {
      let seen = 0;
      const instance = instantiateComponent(component, imports, {
        ...(observed === 0
          ? {}
          : {
              observe:
                (_, call) =>
                (...args) => {
                  seen++;
                  return call(...args);
                },
            }),
      });
      const result = exported(instance, "run")();
      assert.equal(seen, observed);
      return result;
    };
    for (let i = 0; i < 2; i++) {
      assert.equal(run(plain), 6n);
      assert.equal(run({ sum: Object.assign(unboxed, { [resultBuffer]: new DataView(new ArrayBuffer(8)) }) }), 16n);
      assert.equal(run({ sum: Object.assign(() => 0n, { [raw]: rawly }) }), 26n);
      assert.equal(run(plain, 1), 6n);
    }
  });

  it("is suspended by one instance's imports, and not by another's", async () => {
    const { component } = await compile(user.replace("(component $User", "(component"), true);
    const waiting = (value: (self: Thing) => unknown): HostImports => ({
      things: { thing: Thing, "[constructor]thing": (value: number) => new Thing(value), "[method]thing.value": value },
    });
    const link = (imports: HostImports) => runAsync(linkComponent(component, imports, { promises: "all" }));
    const first = await link(waiting(async (self) => self.value() + 1));
    const second = await link(waiting((self) => self.value() + 2));
    assert.deepEqual(await Promise.all([exported(first, "use")(7), exported(second, "use")(7)]), [8, 9]);
  });

  it("has instances that know nothing of each other: handles, memories, ends", async () => {
    const { component } = await compile(`(component
      (core module $m
        (memory 1)
        (func (export "next") (result i32)
          (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
          (i32.load (i32.const 0)))
        (func (export "end") (unreachable)))
      (core instance $i (instantiate $m))
      (func (export "next") (result u32) (canon lift (core func $i "next")))
      (func (export "end") (canon lift (core func $i "end"))))`);
    const [a, b] = [instantiateComponent(component, {}), instantiateComponent(component, {})];
    assert.deepEqual([exported(a, "next")(), exported(a, "next")(), exported(b, "next")()], [1, 2, 1]);
    assert.throws(() => exported(a, "end")(), Trap);
    assert.throws(() => exported(a, "next")(), /cannot enter component instance/);
    assert.equal(exported(b, "next")(), 2);
  });
});
