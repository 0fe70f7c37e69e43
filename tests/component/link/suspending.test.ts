import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { instantiate, Trap } from "../../../src/index.ts";
import { binary, canonOptions, libc } from "../text.ts";

type Exports = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

async function suspending(text: string, imports: Parameters<typeof instantiate>[1]): Promise<Exports> {
  return (await instantiate(await binary(text), imports, { wait: "suspending" })) as Exports;
}

const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(value), 1));

/** `twice(n)`: what the import `f` makes of n, twice over. */
const twice = `(component $Twice
  (import "f" (func $f (param "n" u32) (result u32)))
  (core func $f (canon lower (func $f)))
  (core module $m
    (import "h" "f" (func $f (param i32) (result i32)))
    (func (export "twice") (param i32) (result i32) (call $f (call $f (local.get 0)))))
  (core instance $i (instantiate $m (with "h" (instance (export "f" (func $f))))))
  (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "twice"))))`;

const results = `(component
  (import "text" (func $text (param "of" string) (result (result string (error u64)))))
  ${libc}
  (core func $text (canon lower (func $text) ${canonOptions}))
  (core module $m
    (import "h" "text" (func $text (param i32 i32 i32)))
    (func (export "text") (param i32 i32) (result i32) (call $text (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16)))
  (core instance $i (instantiate $m (with "h" (instance (export "text" (func $text))))))
  (func (export "text") (param "of" string) (result (result string (error u64)))
    (canon lift (core func $i "text") ${canonOptions})))`;

const started = `(component
  (import "f" (func $f (param "n" u32) (result u32)))
  (core func $f (canon lower (func $f)))
  (core module $m
    (import "h" "f" (func $f (param i32) (result i32)))
    (global $got (mut i32) (i32.const 0))
    (func $start (global.set $got (call $f (i32.const 20))))
    (start $start)
    EXPORTS)
  (core instance $i (instantiate $m (with "h" (instance (export "f" (func $f))))))
  LIFTS)`;

const composed = `(component
  (import "f" (func $f (param "n" u32) (result u32)))
  ${twice}
  (instance $a (instantiate $Twice (with "f" (func $f))))
  (instance $b (instantiate $Twice (with "f" (func $a "f"))))
  (export "f" (func $b "f")))`;

/** A resource whose destructor waits, dropped by another component. */
const destroyed = `(component
  (import "f" (func $f (param "n" u32) (result u32)))
  (component $Owner
    (import "f" (func $f (param "n" u32) (result u32)))
    (core func $f (canon lower (func $f)))
    (core module $m
      (import "h" "f" (func $f (param i32) (result i32)))
      (func (export "dtor") (param i32) (drop (call $f (local.get 0)))))
    (core instance $i (instantiate $m (with "h" (instance (export "f" (func $f))))))
    (type $r' (resource (rep i32) (dtor (core func $i "dtor"))))
    (export $r "r" (type $r'))
    (core func $new (canon resource.new $r'))
    (core module $n
      (import "h" "new" (func $new (param i32) (result i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
    (core instance $j (instantiate $n (with "h" (instance (export "new" (func $new))))))
    (func (export "make") (param "n" u32) (result (own $r)) (canon lift (core func $j "make"))))
  (instance $o (instantiate $Owner (with "f" (func $f))))
  (component $User
    (import "o" (instance $o
      (export "r" (type $r (sub resource)))
      (export "make" (func (param "n" u32) (result (own $r))))))
    (alias export $o "r" (type $r))
    (core func $make (canon lower (func $o "make")))
    (core func $drop (canon resource.drop $r))
    (core module $m
      (import "h" "make" (func $make (param i32) (result i32)))
      (import "h" "drop" (func $drop (param i32)))
      (func (export "run") (param i32) (call $drop (call $make (local.get 0)))))
    (core instance $i (instantiate $m (with "h" (instance (export "make" (func $make)) (export "drop" (func $drop))))))
    (func (export "run") (param "n" u32) (canon lift (core func $i "run"))))
  (instance $u (instantiate $User (with "o" (instance $o))))
  (export "run" (func $u "run")))`;

describe("a suspended component", () => {
  it("exports answer promises; imports answer them, or values", async () => {
    for (const f of [(n: number) => n + 1, (n: number) => later(n + 1), async (n: number) => n + 1]) {
      const exports = await suspending(twice, { f });
      const answer = exports["f"]!(5);
      assert.ok(answer instanceof Promise);
      assert.equal(await answer, 7);
    }
  });

  it("what a promise resolves to is lowered, what it rejects with is the result's error", async () => {
    const text = async (of: string) => {
      await later(undefined);
      if (of === "") throw 7n;
      return of.repeat(3);
    };
    const exports = await suspending(results, { text });
    assert.equal(await exports["text"]!("ab"), "ababab");
    await assert.rejects(exports["text"]!(""), { payload: 7n });
  });

  it("a rejection that is no error of the result ends the guest for ever", async () => {
    const broken = new Error("broken");
    const exports = await suspending(twice, { f: () => later(undefined).then(() => Promise.reject(broken)) });
    await assert.rejects(exports["f"]!(1), broken);
    await assert.rejects(exports["f"]!(1), { message: "wasm trap: cannot enter component instance" });
  });

  it("cannot be entered again meanwhile", async () => {
    const exports = await suspending(twice, { f: later<number> });
    const first = exports["f"]!(3);
    await assert.rejects(exports["f"]!(4), Trap);
    assert.equal(await first, 3);
    assert.equal(await exports["f"]!(4), 4);
  });

  it("start functions wait, with and without other exports", async () => {
    for (const [exported, lifts] of [
      ["", ""],
      [
        '(func (export "start") (result i32) (global.get $got))',
        '(func (export "got") (result u32) (canon lift (core func $i "start")))',
      ],
    ] as const) {
      const asked: number[] = [];
      const f = async (n: number) => {
        asked.push(n);
        return later(n + 1);
      };
      const text = started.replace("EXPORTS", exported).replace("LIFTS", lifts);
      const exports = await suspending(text, { f });
      assert.deepEqual(asked, [20]);
      if (lifts !== "") assert.equal(await exports["got"]!(), 21);
    }
  });

  it("waits across the boundary between components", async () => {
    const exports = await suspending(composed, { f: (n: number) => later(n + 1) });
    assert.equal(await exports["f"]!(10), 14);
  });

  it("destructors wait", async () => {
    const destroyed_: number[] = [];
    const f = async (n: number) => {
      await later(undefined);
      destroyed_.push(n);
      return 0;
    };
    const exports = await suspending(destroyed, { f });
    await exports["run"]!(5);
    assert.deepEqual(destroyed_, [5]);
  });

  it("calls out of cabi_realloc and of post-return are traps, as when it blocks", async () => {
    const text = (where: string) => `(component
      (import "f" (func $f (param "n" u32) (result u32)))
      (core func $f (canon lower (func $f)))
      (core module $m
        (import "h" "f" (func $f (param i32) (result i32)))
        (memory (export "memory") 1)
        (func $wait (drop (call $f (i32.const 1))))
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) ${where === "realloc" ? "(call $wait)" : ""} (i32.const 64))
        (func (export "post") (param i32) ${where === "post" ? "(call $wait)" : ""})
        (func (export "run") (param i32 i32) (result i32) (local.get 1)))
      (core instance $i (instantiate $m (with "h" (instance (export "f" (func $f))))))
      (func (export "run") (param "text" string) (result u32) (canon lift (core func $i "run")
        (memory (core memory $i "memory")) (realloc (core func $i "realloc")) (post-return (core func $i "post")))))`;
    for (const [where, message] of [
      ["realloc", /cannot leave component instance/],
      ["post", /cannot leave component instance/],
    ] as const) {
      const exports = await suspending(text(where), { f: later<number> });
      await assert.rejects(exports["run"]!("abc"), message);
    }
    assert.equal(await (await suspending(text("nowhere"), { f: later<number> }))["run"]!("abc"), 3);
  });

  it("components side by side are suspended on their own", async () => {
    const gates = Array.from({ length: 10 }, () => Promise.withResolvers<number>());
    const all = await Promise.all(gates.map((gate) => suspending(twice, { f: () => gate.promise })));
    const answers = all.map((exports) => exports["f"]!(0));
    for (const [i, gate] of [...gates.entries()].reverse()) gate.resolve(i);
    assert.deepEqual(
      await Promise.all(answers),
      gates.map((_, i) => i),
    );
  });
});
