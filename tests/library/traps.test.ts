/** However a guest is ended, a program sees a `Trap` with a code. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { instantiate, Trap, type Wait } from "../../src/index.ts";
import { binary } from "../component/text.ts";

/** Ways to end, as bodies of a core function, and what is said then. */
const ends: readonly (readonly [string, string, string])[] = [
  ["unreachable", "unreachable", "wasm trap: wasm `unreachable` instruction executed"],
  ["a load out of bounds", "(drop (i32.load (i32.const -1)))", "wasm trap: out of bounds memory access"],
  ["a division by zero", "(drop (i32.div_s (i32.const 1) (i32.const 0)))", "wasm trap: integer divide by zero"],
  ["an exception", "(throw $tag)", "wasm trap: uncaught exception propagated out of component"],
  ["endless recursion", "(call $f)", "wasm trap: call stack exhausted"],
];

const module = (body: string, more = "") =>
  `(core module $m (memory 1) (tag $tag) (func $f (export "f") ${body}) ${more})`;

const exporting = (body: string) =>
  binary(`(component ${module(body)}
    (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f"))))`);

const waits: readonly Wait[] = ["blocking", "suspending"];

function isTrap(message: string, stage: Trap["stage"], frames = true) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof Trap, String(error));
    assert.deepEqual([error.name, error.code, error.message, error.stage], ["Trap", "trap", message, stage]);
    if (frames) assert.ok(error.frames.length > 0);
    return true;
  };
}

for (const wait of waits) {
  describe(`a guest that is ${wait} is ended`, () => {
    for (const [name, body, message] of ends) {
      it(`by ${name} in a call`, async () => {
        const app = await instantiate<{ f(): unknown }>(await exporting(body), {}, { wait });
        // Engines note no stack of an exception.
        await assert.rejects(async () => app.f(), isTrap(message, "call", name !== "an exception"));
        await assert.rejects(async () => app.f(), Trap);
      });
    }

    it("in a start function", async () => {
      const bytes = await binary(`(component ${module("unreachable", "(start $f)")} (core instance (instantiate $m)))`);
      await assert.rejects(instantiate(bytes, {}, { wait }), isTrap(ends[0]![2], "start"));
    });

    it("in a destructor, and in a constructor", async () => {
      const bytes = await binary(`(component
        (component $inner ${module("unreachable")}
          (core module $d (func (export "drop") (param i32) unreachable))
          (core instance $di (instantiate $d))
          (type $own (resource (rep i32) (dtor (core func $di "drop"))))
          (core func $new (canon resource.new $own))
          (core module $c (import "" "new" (func $new (param i32) (result i32)))
            (func (export "make") (param i32) (result i32)
              (if (i32.eqz (local.get 0)) (then unreachable)) (call $new (local.get 0))))
          (core instance $ci (instantiate $c (with "" (instance (export "new" (func $new))))))
          (export $thing "thing" (type $own))
          (func $make (param "rep" u32) (result (own $thing)) (canon lift (core func $ci "make")))
          (export "[constructor]thing" (func $make)))
        (instance $x (instantiate $inner)) (export "a:b/c" (instance $x)))`);
      type Things = { c: { Thing: new (rep: number) => Promise<Disposable> & Disposable } };
      const one = await instantiate<Things>(bytes, {}, { wait });
      const thing = await new one.c.Thing(1);
      await assert.rejects(async () => thing[Symbol.dispose](), isTrap(ends[0]![2], "call"));
      const other = await instantiate<Things>(bytes, {}, { wait });
      await assert.rejects(async () => new other.c.Thing(0), isTrap(ends[0]![2], "call"));
    });
  });
}

it("a trap that has come out of another guest keeps its frames", async () => {
  const inner = await instantiate<{ f(): void }>(await exporting("unreachable"));
  const outer = await binary(`(component (import "f" (func $f)) (core func $f (canon lower (func $f)))
    (core module $m (import "" "f" (func $f)) (func (export "g") (call $f)))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "g") (canon lift (core func $i "g"))))`);
  let first: unknown;
  const f = () => {
    try {
      inner.f();
    } catch (error) {
      first = error;
      throw error;
    }
  };
  const app = await instantiate<{ g(): void }>(outer, { f });
  assert.throws(
    () => app.g(),
    (error: unknown) => error === first && isTrap(ends[0]![2], "call")(error),
  );
});
