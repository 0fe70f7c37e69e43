import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Aborted } from "../../../src/core/wait/errors.ts";
import { interruptible, interruptor } from "../../../src/wasm/limits/interruptible.ts";
import { binary } from "../../component/text.ts";

interface Made {
  readonly exports: Record<string, (...args: number[]) => number>;
  /** How often it has asked. */
  asked(): number;
}

/** @param most How often it may ask before it is ended; undefined: nobody is asked */
async function made(text: string, most?: number, imports: WebAssembly.Imports = {}): Promise<Made> {
  const module = new WebAssembly.Module(interruptible(await binary(text)));
  const { exports } = new WebAssembly.Instance(module, imports);
  let asked = 0;
  const ask = () => {
    if (++asked > (most ?? 0)) throw new Aborted("for too long");
    return undefined;
  };
  if (most !== undefined) interruptor(ask)(exports);
  return { exports: exports as Made["exports"], asked: () => asked };
}

const endless: readonly (readonly [what: string, text: string])[] = [
  ["a loop", '(module (func (export "f") (loop (br 0))))'],
  [
    "a loop in a block, a loop and an if",
    '(module (func (export "f") (block (loop (if (i32.const 1) (then (loop (br 0))))))))',
  ],
  [
    "a loop with parameters",
    '(module (func (export "f") (drop (i32.const 1) (loop (param i32) (result i32) (br 0)))))',
  ],
  [
    "a loop that catches all",
    `(module (func (export "f") (loop $again
      (block $caught (try_table (catch_all $caught) (loop (br 0))))
      (br $again))))`,
  ],
  [
    "calls of calls",
    '(module (func $f (export "f") (param i32) (result i32) (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1)) (else (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 1))))))))',
  ],
  ["tail calls", '(module (func $f (export "f") (return_call $f)))'],
  [
    "tail calls through a table of its own",
    '(module (table 1 funcref) (elem (i32.const 0) $f) (type $t (func)) (func $f (export "f") (return_call_indirect (type $t) (i32.const 0))))',
  ],
  [
    "what has names, globals and exports of that kind already",
    `(module (import "a" "g" (global $i i32)) (import "a" "t" (table 2 funcref)) (import "a" "h" (func $h))
      (global $g (export "pollux.ask") (mut i32) (i32.const 5)) (table (export "pollux.ask'") 1 funcref)
      (func (export "f") (loop (call $h) (br 0))))`,
  ],
  [
    "what has an export that only resembles it",
    `(module (table (export "pollux.ask'") 1 1 funcref) (func (export "f") (loop (br 0))))`,
  ],
];

describe("code that can be ended while it computes", () => {
  const imports = {
    a: {
      g: 1 as never,
      t: new WebAssembly.Table({ element: "anyfunc", initial: 2 }),
      h: () => {},
    },
  };
  for (const [what, text] of endless) {
    it(what, async () => {
      const { exports, asked } = await made(text, 3, imports);
      assert.throws(() => exports["f"]!(60), Aborted);
      assert.equal(asked(), 4);
    });
  }

  it("computes as before when it may go on, and when nobody is asked", async () => {
    const sum = `(module (memory 1) (global $g (mut i32) (i32.const 0))
      (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "sum") (param $n i32) (result i32) (local $i i32)
        (loop $more (global.set $g (call $add (global.get $g) (local.get $i)))
          (i32.store (i32.const 8) (global.get $g))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $more (i32.le_u (local.get $i) (local.get $n))))
        (i32.load (i32.const 8))))`;
    for (const most of [undefined, 1000]) {
      const { exports, asked } = await made(sum, most);
      assert.equal(exports["sum"]!(1_000_000), Number(BigInt.asIntN(32, 500_000_500_000n)));
      assert.equal(asked() > 0, most !== undefined);
    }
  });

  it("asks more often where it calls out", async () => {
    const calls = `(module (import "a" "h" (func $h)) (func (export "f") (param $n i32)
      (loop $more (call $h) (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))`;
    const { exports, asked } = await made(calls, 1000, { a: { h: () => {} } });
    exports["f"]!(10_000);
    assert.ok(asked() >= 9, `${asked()} times`);
  });

  it("a module without code, and a function that neither loops nor calls", async () => {
    const none = await binary('(module (memory (export "m") 1))');
    assert.equal(interruptible(none), none);
    const { exports, asked } = await made('(module (func (export "f") (result i32) (i32.const 7)))', 0);
    for (let i = 0; i < 300_000; i++) assert.equal(exports["f"]!(), 7);
    assert.equal(asked(), 0);
  });
});
