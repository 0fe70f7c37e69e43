import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canonOptions, exported, instantiateText, libc } from "../text.ts";

const leaf = (name: string, answer: number): string => `(component $${name}
  (core module $m (func (export "f") (result i32) (i32.const ${answer})))
  (core instance $i (instantiate $m))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))`;

/** A component that adds 1 to what its import `f` answers. */
const adder = `(component $Adder
  (import "f" (func $f (result u32)))
  (core func $f (canon lower (func $f)))
  (core module $m
    (import "h" "f" (func $f (result i32)))
    (func (export "f") (result i32) (i32.add (call $f) (i32.const 1))))
  (core instance $i (instantiate $m (with "h" (instance (export "f" (func $f))))))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))`;

const cases: readonly (readonly [what: string, text: string, answer: unknown])[] = [
  [
    "an instance of a nested component",
    `(component ${leaf("Leaf", 7)} (instance $l (instantiate $Leaf)) (export "f" (func $l "f")))`,
    7,
  ],
  [
    "instances that are given to one another",
    `(component ${leaf("Leaf", 7)} ${adder}
      (instance $l (instantiate $Leaf))
      (instance $a (instantiate $Adder (with "f" (func $l "f"))))
      (instance $b (instantiate $Adder (with "f" (func $a "f"))))
      (export "f" (func $b "f")))`,
    9,
  ],
  [
    "a component as an argument",
    `(component ${leaf("Leaf", 7)}
      (component $Maker
        (import "made" (component $Made (export "f" (func (result u32)))))
        (instance $made (instantiate $Made))
        (export "f" (func $made "f")))
      (instance $m (instantiate $Maker (with "made" (component $Leaf))))
      (export "f" (func $m "f")))`,
    7,
  ],
  [
    "a core module as an argument",
    `(component
      (core module $Seven (func (export "f") (result i32) (i32.const 7)))
      (component $Maker
        (import "m" (core module $m (export "f" (func (result i32)))))
        (core instance $i (instantiate $m))
        (func (export "f") (result u32) (canon lift (core func $i "f"))))
      (instance $m (instantiate $Maker (with "m" (core module $Seven))))
      (export "f" (func $m "f")))`,
    7,
  ],
  [
    "outer aliases of components and modules",
    `(component $Root
      (core module $Seven (func (export "f") (result i32) (i32.const 7)))
      ${adder}
      (component $Inner
        (alias outer $Root $Seven (core module $m))
        (alias outer $Root $Adder (component $A))
        (core instance $i (instantiate $m))
        (func $f (result u32) (canon lift (core func $i "f")))
        (instance $a (instantiate $A (with "f" (func $f))))
        (export "f" (func $a "f")))
      (instance $i (instantiate $Inner))
      (export "f" (func $i "f")))`,
    8,
  ],
  [
    "an instance inside an instance",
    `(component ${leaf("Leaf", 7)}
      (component $Wrap
        (import "in" (instance $in (export "deep" (instance (export "f" (func (result u32)))))))
        (alias export $in "deep" (instance $deep))
        (export "f" (func $deep "f")))
      (instance $l (instantiate $Leaf))
      (instance $deep (export "f" (func $l "f")))
      (instance $w (instantiate $Wrap (with "in" (instance (export "deep" (instance $deep))))))
      (export "f" (func $w "f")))`,
    7,
  ],
];

describe("components of components", () => {
  for (const [what, text, answer] of cases) {
    it(what, async () => {
      const f = exported(await instantiateText(text), "f");
      assert.equal(f(), answer);
      assert.equal(f(), answer);
    });
  }

  it("a child may call its parent, which is busy with it", async () => {
    const child = `(component $Child
      (import "back" (func $back))
      (core func $back (canon lower (func $back)))
      (core module $m (import "h" "back" (func $back)) (func (export "go") (call $back)))
      (core instance $i (instantiate $m (with "h" (instance (export "back" (func $back))))))
      (func (export "go") (canon lift (core func $i "go"))))`;
    const parent = `(component
      (core module $parent
        (global $n (mut i32) (i32.const 0))
        (func (export "back") (global.set $n (i32.add (global.get $n) (i32.const 1))))
        (func (export "count") (result i32) (global.get $n)))
      (core instance $p (instantiate $parent))
      (func $back (canon lift (core func $p "back")))
      ${child}
      (instance $c (instantiate $Child (with "back" (func $back))))
      (core func $go (canon lower (func $c "go")))
      (core module $main (import "h" "go" (func $go)) (func (export "run") (call $go)))
      (core instance $m (instantiate $main (with "h" (instance (export "go" (func $go))))))
      (func (export "run") (canon lift (core func $m "run")))
      (func (export "count") (result u32) (canon lift (core func $p "count"))))`;
    const instance = await instantiateText(parent);
    exported(instance, "run")();
    assert.equal(exported(instance, "count")(), 1);
  });

  it("two versions of an interface are two imports", async () => {
    const text = `(component
      (import "a:b/c@0.1.0" (instance $one (export "f" (func (result u32)))))
      (import "a:b/c@0.2.0" (instance $two (export "f" (func (result u32)))))
      (export "one" (func $one "f"))
      (export "two" (func $two "f")))`;
    const instance = await instantiateText(text, { "a:b/c@0.1.5": { f: () => 1 }, "a:b/c@0.2.9": { f: () => 2 } });
    assert.equal(exported(instance, "one")(), 1);
    assert.equal(exported(instance, "two")(), 2);
  });

  it("a nested component's result is a value, not a throw", async () => {
    const text = `(component
      (component $Inner
        (core module $m (memory (export "memory") 1)
          (func (export "f") (param i32) (result i32)
            (i32.store8 (i32.const 0) (local.get 0)) (i32.store8 (i32.const 1) (i32.const 9)) (i32.const 0)))
        (core instance $i (instantiate $m))
        (func (export "f") (param "fail" bool) (result (result u8 (error u8)))
          (canon lift (core func $i "f") (memory (core memory $i "memory")))))
      (instance $inner (instantiate $Inner))
      ${libc}
      (core func $f (canon lower (func $inner "f") ${canonOptions}))
      (core module $m
        (import "l" "memory" (memory 1))
        (import "h" "f" (func $f (param i32 i32)))
        ;; 10 * discriminant + payload
        (func (export "f") (param i32) (result i32)
          (call $f (local.get 0) (i32.const 16))
          (i32.add (i32.mul (i32.const 10) (i32.load8_u (i32.const 16))) (i32.load8_u (i32.const 17)))))
      (core instance $i (instantiate $m (with "l" (instance $l)) (with "h" (instance (export "f" (func $f))))))
      (func (export "f") (param "fail" bool) (result u32) (canon lift (core func $i "f"))))`;
    const f = exported(await instantiateText(text), "f");
    assert.equal(f(false), 9);
    assert.equal(f(true), 19);
  });
});
