/** Components that are no valid ones: refused when read, with the reason and where. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { ParseError } from "../../../src/wasm/errors.ts";
import { binary } from "../text.ts";

const lifted = `(core module $m (func (export "f") (result i32) (unreachable)))
  (core instance $i (instantiate $m))`;

const cases: readonly (readonly [body: string, message: RegExp])[] = [
  ['(import "f" (func)) (import "f" (func))', /import name `f` conflicts with previous name `f`/],
  ['(import "f" (func)) (import "F" (func))', /import name `F` conflicts with previous name `f`/],
  ['(import "not_kebab" (func))', /is not a valid extern name/],
  ['(import "aBc" (func))', /`aBc` is not in kebab case/],
  ['(import "wasi:io/poll@0.2" (instance))', /is not a valid extern name/],
  ['(type (record (field "a" u8) (field "A" u8)))', /record field name `A` conflicts with previous name/],
  [`(type (flags ${Array.from({ length: 33 }, (_, i) => `"f${i}"`).join(" ")}))`, /cannot have more than 32 flags/],
  ["(type (func (result (borrow 0))))", /unknown type 0/],
  ["(type $r (resource (rep i32))) (type (func (result (borrow $r))))", /result cannot contain a `borrow`/],
  ['(import "r" (type $r (sub resource))) (core func (canon resource.new $r))', /not a local resource/],
  ['(type $t (list u8)) (import "f" (func (param "r" (own $t))))', /not a resource type/],
  ['(import "a" (func $a)) (core func (canon lower (func $a) (memory 0)))', /unknown core memory 0/],
  ['(import "a" (func $a (param "s" string))) (core func (canon lower (func $a)))', /`memory` is required/],
  [
    `${lifted} (func (param "x" u32) (canon lift (core func $i "f")))`,
    /lifted function's parameter types \[i32\] do not match/,
  ],
  [
    `${lifted} (func (result f32) (canon lift (core func $i "f")))`,
    /lifted function's result types \[f32\] do not match/,
  ],
  [
    `${lifted} (type $r (record (field "a" u8))) (func $f (result $r) (canon lift (core func $i "f"))) (export "f" (func $f))`,
    /result types|func not valid to be used as export/,
  ],
  [
    '(core module $m (import "a" "b" (func))) (core instance (instantiate $m))',
    /missing module instantiation argument named `a`/,
  ],
  [
    '(core module $a (func (export "f") (param i32))) (core module $b (import "a" "f" (func))) (core instance $i (instantiate $a)) (core instance (instantiate $b (with "a" (instance $i))))',
    /type mismatch for export `f` of module instantiation argument `a`: expected: \(func\), found: \(func \(param i32\)\)/,
  ],
  ['(component $c (import "f" (func))) (instance (instantiate $c))', /missing expected import `f`/],
  [
    '(component $c (import "f" (func (result u32)))) (import "g" (func $g (result s32))) (instance (instantiate $c (with "f" (func $g))))',
    /type mismatch in import `f`: type mismatch with result type: expected primitive `u32`, found primitive `s32`/,
  ],
  [
    '(component $c (import "i" (instance (export "f" (func))))) (instance $i) (instance (instantiate $c (with "i" (instance $i))))',
    /type mismatch in import `i`: missing expected export `f`/,
  ],
  [
    '(component $c (import "r" (type $r (sub resource))) (import "f" (func (param "r" (own $r))))) (type $a (resource (rep i32))) (type $b (resource (rep i32))) (core func $d (canon resource.drop $b)) (func $f (param "r" (own $b)) (canon lift (core func $d))) (instance (instantiate $c (with "r" (type $a)) (with "f" (func $f))))',
    /resource types are not the same/,
  ],
  [
    '(type $r (resource (rep i32))) (func $f (param "r" (own $r)) (canon lift (core func 0))) ',
    /unknown core function 0/,
  ],
  [
    '(type $r (resource (rep i32))) (core func $d (canon resource.drop $r)) (func $f (param "r" (own $r)) (canon lift (core func $d))) (export "f" (func $f))',
    /func not valid to be used as export/,
  ],
  ['(import "[method]r.f" (func (param "self" u32)))', /first argument of `\(borrow \$T\)`/],
  [
    '(import "r" (type $r (sub resource))) (import "[method]q.f" (func (param "self" (borrow $r))))',
    /does not match expected resource name `r`/,
  ],
  ['(type $t u32) (import "f" (func (type $t)))', /is not a func type/],
  ['(alias export 0 "x" (func))', /unknown instance 0/],
  ['(import "i" (instance $i)) (alias export $i "x" (func))', /instance 0 has no export named `x`/],
  ['(import "f" (func $f)) (export "f" (func $f) (func (param "x" u8)))', /ascribed type of export is not compatible/],
];

describe("an invalid component is refused", () => {
  for (const [body, message] of cases) {
    it(message.source.replaceAll("\\", ""), async () => {
      const bytes = await binary(`(component ${body})`);
      assert.throws(
        () => parseComponent(bytes),
        (error) => {
          assert.ok(error instanceof ParseError, String(error));
          assert.match(error.message, message);
          assert.ok(error.offset >= 8 && error.offset <= bytes.length);
          return true;
        },
      );
    });
  }
});

describe("a valid component is accepted", () => {
  it("an instance that is put together of types, one made of another", async () => {
    const types = `(component $c
        (type $e' (enum "a"))
        (export $e "e" (type $e'))
        (type $r' (record (field "e" $e)))
        (export "r" (type $r')))
      (instance $i (instantiate $c))`;
    parseComponent(
      await binary(`(component ${types}
        (instance $types (export "e" (type $i "e")) (export "r" (type $i "r")))
        (export "types" (instance $types)))`),
    );
    const alone = await binary(`(component ${types}
        (instance $types (export "r" (type $i "r")))
        (export "types" (instance $types)))`);
    assert.throws(() => parseComponent(alone), /instance not valid to be used as export/);
  });

  it("and of a resource, but not of its methods", async () => {
    const instance = (method: string) =>
      binary(`(component
        (import "r" (type $r (sub resource)))
        (import "f" (func $f (param "self" (borrow $r))))
        (instance (export "r" (type $r)) (export "${method}" (func $f))))`);
    parseComponent(await instance("f"));
    const named = await instance("[method]r.f");
    assert.throws(() => parseComponent(named), /resource used in function does not have a name in this context/);
  });
});
