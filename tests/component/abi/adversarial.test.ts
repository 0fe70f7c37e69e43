/** A guest that passes what it may not: each ends in a trap with wasmtime's words. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Trap } from "../../../src/core/wait/errors.ts";
import { canonOptions, exported, instantiateText, libc } from "../text.ts";

class Thing {
  static dropped = 0;
  [Symbol.dispose](): void {
    Thing.dropped++;
  }
}

const host = {
  Thing,
  makeThing: () => new Thing(),
  look: (thing: unknown) => assert.ok(thing instanceof Thing),
  lookAll: (things: unknown[]) => things.length,
  eat: (thing: unknown) => assert.ok(thing instanceof Thing),
  lookAndEat: () => assert.fail("the arguments are bad"),
  text: (text: string) => text.length,
  bytes: (bytes: Uint8Array) => bytes.length,
  wide: (words: BigUint64Array) => words.length,
  choose: () => undefined,
  letter: () => undefined,
  outcome: () => "ok",
  many: () => 0,
  answer: () => "answer",
};

/** The host's functions, with a core function of the guest that is written in each test. */
function guest(body: string): string {
  const lowered = (name: string): string => `(core func $${name} (canon lower (func $h "${name}") ${canonOptions}))`;
  const names = [
    "look",
    "look-all",
    "eat",
    "look-and-eat",
    "text",
    "bytes",
    "wide",
    "choose",
    "letter",
    "outcome",
    "many",
    "answer",
    "make-thing",
  ];
  return `(component
    (import "test:host/host" (instance $h
      (export "thing" (type $thing (sub resource)))
      (type $choice' (variant (case "a") (case "b" u32)))
      (export "choice" (type $choice (eq $choice')))
      (type $color' (enum "red" "green" "blue"))
      (export "color" (type $color (eq $color')))
      (export "make-thing" (func (result (own $thing))))
      (export "look" (func (param "thing" (borrow $thing))))
      (export "look-all" (func (param "things" (list (borrow $thing))) (result u32)))
      (export "eat" (func (param "thing" (own $thing))))
      (export "look-and-eat" (func (param "seen" (borrow $thing)) (param "eaten" (own $thing))))
      (export "text" (func (param "text" string) (result u32)))
      (export "bytes" (func (param "bytes" (list u8)) (result u32)))
      (export "wide" (func (param "words" (list u64)) (result u32)))
      (export "choose" (func (param "choice" $choice) (param "color" $color) (param "maybe" (option u8))))
      (export "letter" (func (param "letter" char)))
      (export "outcome" (func (param "outcome" (result u8)) (result string)))
      (export "many" (func (param "a" (tuple u64 u64 u64 u64 u64 u64 u64 u64 u64)) (param "b" (tuple u64 u64 u64 u64 u64 u64 u64 u64 u64)) (result u32)))
      (export "answer" (func (result string)))))
    (alias export $h "thing" (type $thing))
    ${libc}
    ${names.map(lowered).join("\n    ")}
    (core func $drop (canon resource.drop $thing))
    (core module $m
      (import "l" "memory" (memory 1))
      (import "h" "look" (func $look (param i32)))
      (import "h" "look-all" (func $look-all (param i32 i32) (result i32)))
      (import "h" "eat" (func $eat (param i32)))
      (import "h" "look-and-eat" (func $look-and-eat (param i32 i32)))
      (import "h" "text" (func $text (param i32 i32) (result i32)))
      (import "h" "bytes" (func $bytes (param i32 i32) (result i32)))
      (import "h" "wide" (func $wide (param i32 i32) (result i32)))
      (import "h" "choose" (func $choose (param i32 i32 i32 i32 i32)))
      (import "h" "letter" (func $letter (param i32)))
      (import "h" "outcome" (func $outcome (param i32 i32 i32)))
      (import "h" "many" (func $many (param i32) (result i32)))
      (import "h" "answer" (func $answer (param i32)))
      (import "h" "make-thing" (func $make (result i32)))
      (import "h" "drop" (func $drop (param i32)))
      (func (export "run") (local $thing i32) (local $other i32)
        ${body}))
    (core instance $i (instantiate $m
      (with "l" (instance $l))
      (with "h" (instance ${names.map((name) => `(export "${name}" (func $${name}))`).join(" ")} (export "drop" (func $drop))))))
    (func (export "run") (canon lift (core func $i "run"))))`;
}

const thing = "(local.set $thing (call $make))";

const traps: readonly (readonly [what: string, body: string, message: RegExp])[] = [
  ["a forged handle", "(call $look (i32.const 5))", /^unknown handle index 5$/],
  ["handle 0", "(call $look (i32.const 0))", /^unknown handle index 0$/],
  ["a negative handle", "(call $look (i32.const -1))", /^unknown handle index 4294967295$/],
  ["a forged own handle", "(call $eat (i32.const 77))", /^unknown handle index 77$/],
  [
    "a dropped handle",
    `${thing} (call $drop (local.get $thing)) (call $look (local.get $thing))`,
    /^unknown handle index 1$/,
  ],
  [
    "a double drop",
    `${thing} (call $drop (local.get $thing)) (call $drop (local.get $thing))`,
    /^unknown handle index 1$/,
  ],
  [
    "a handle that was given away",
    `${thing} (call $eat (local.get $thing)) (call $look (local.get $thing))`,
    /^unknown handle index 1$/,
  ],
  [
    "a handle that is borrowed and given away at once",
    `${thing} (call $look-and-eat (local.get $thing) (local.get $thing))`,
    /^cannot remove owned resource while borrowed$/,
  ],
  [
    "a forged handle in a list",
    `${thing} (i32.store (i32.const 0) (local.get $thing)) (i32.store (i32.const 4) (i32.const 9)) (drop (call $look-all (i32.const 0) (i32.const 2)))`,
    /^unknown handle index 9$/,
  ],
  [
    "a string past the end",
    "(drop (call $text (i32.const 131070) (i32.const 3)))",
    /^string pointer\/length out of bounds of memory$/,
  ],
  [
    "a string of lying length",
    "(drop (call $text (i32.const 16) (i32.const -1)))",
    /^string pointer\/length out of bounds of memory$/,
  ],
  [
    "a string that is no UTF-8",
    "(i32.store (i32.const 16) (i32.const 0xff)) (drop (call $text (i32.const 16) (i32.const 1)))",
    /^invalid utf-8/,
  ],
  [
    "a surrogate in UTF-8",
    "(i32.store (i32.const 16) (i32.const 0x80a0ed)) (drop (call $text (i32.const 16) (i32.const 3)))",
    /^invalid utf-8/,
  ],
  [
    "a list past the end",
    "(drop (call $bytes (i32.const 131072) (i32.const 1)))",
    /^list pointer\/length out of bounds of memory$/,
  ],
  [
    "a list that wraps around",
    "(drop (call $wide (i32.const 0) (i32.const 0x20000001)))",
    /^list pointer\/length out of bounds of memory$/,
  ],
  ["a list that is not aligned", "(drop (call $wide (i32.const 4) (i32.const 1)))", /^list pointer is not aligned$/],
  [
    "a bad discriminant of a variant",
    "(call $choose (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))",
    /^unexpected discriminant: 2$/,
  ],
  [
    "a bad discriminant of an enum",
    "(call $choose (i32.const 0) (i32.const 0) (i32.const 3) (i32.const 0) (i32.const 0))",
    /discriminant/,
  ],
  [
    "a bad discriminant of an option",
    "(call $choose (i32.const 0) (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0))",
    /^invalid option discriminant$/,
  ],
  [
    "a bad discriminant of a result",
    "(call $outcome (i32.const 2) (i32.const 0) (i32.const 0))",
    /^invalid expected discriminant$/,
  ],
  ["a surrogate as a char", "(call $letter (i32.const 0xd800))", /char/],
  ["a char past the last", "(call $letter (i32.const 0x110000))", /char/],
  ["parameters past the end", "(drop (call $many (i32.const 131064)))", /^pointer out of bounds$/],
  ["parameters that are not aligned", "(drop (call $many (i32.const 4)))", /^pointer not aligned$/],
  ["a return area past the end", "(call $answer (i32.const -8))", /^pointer out of bounds$/],
  ["a return area that is not aligned", "(call $answer (i32.const 2))", /^pointer not aligned$/],
];

describe("a guest that breaks a rule", () => {
  for (const [what, body, message] of traps) {
    it(what, async () => {
      const instance = await instantiateText(guest(body), { "test:host/host": host });
      const run = exported(instance, "run");
      assert.throws(
        run,
        (error) => (error instanceof Trap && message.test(error.message)) || assert.fail(String(error)),
      );
      assert.throws(run, { name: "Trap", message: "wasm trap: cannot enter component instance" });
    });
  }

  it("one that breaks none", async () => {
    const body = `${thing}
      (local.set $other (call $make))
      (if (i32.ne (local.get $thing) (i32.const 1)) (then (unreachable)))
      (if (i32.ne (local.get $other) (i32.const 2)) (then (unreachable)))
      (call $look (local.get $thing))
      (call $drop (local.get $thing))
      (call $drop (local.get $other))
      ;; the index that was freed last is given first
      (if (i32.ne (call $make) (i32.const 2)) (then (unreachable)))
      (if (i32.ne (call $make) (i32.const 1)) (then (unreachable)))
      (call $eat (i32.const 1))`;
    const before = Thing.dropped;
    const instance = await instantiateText(guest(body), { "test:host/host": host });
    exported(instance, "run")();
    assert.equal(Thing.dropped, before + 2);
  });
});

describe("a string in UTF-16", () => {
  const component = (encoding: string, stored: number, start: number, units: number): string => `(component
    (import "text" (func $text (param "text" string)))
    ${libc}
    (core func $text (canon lower (func $text) ${canonOptions} string-encoding=${encoding}))
    (core module $m
      (import "l" "memory" (memory 1))
      (import "h" "text" (func $text (param i32 i32)))
      (func (export "run")
        (i32.store (i32.const 64) (i32.const ${stored}))
        (call $text (i32.const ${start}) (i32.const ${units}))))
    (core instance $i (instantiate $m (with "l" (instance $l)) (with "h" (instance (export "text" (func $text))))))
    (func (export "run") (canon lift (core func $i "run"))))`;
  const high = 0xd8000061 | 0;
  const reversed = 0xd800dc00 | 0;
  const tag = 0x80000000;
  const cases: readonly (readonly [string, string, number, number, number, string])[] = [
    ["not aligned", "utf16", 0, 17, 1, "string pointer not aligned to 2"],
    ["not aligned, and past the end", "utf16", 0, 131073, 1, "string pointer not aligned to 2"],
    ["past the end", "utf16", 0, 131072, 1, "string pointer/length out of bounds of memory"],
    ["half a pair at its end", "utf16", high, 64, 2, "unpaired surrogate found: d800"],
    ["half a pair before another unit", "utf16", 0x61d800, 64, 2, "unpaired surrogate found: d800"],
    ["a pair the wrong way round", "utf16", reversed, 64, 2, "unpaired surrogate found: dc00"],
    ["half a pair, tagged", "latin1+utf16", high, 64, tag | 2, "unpaired surrogate found: d800"],
    ["latin1 that is not aligned", "latin1+utf16", 0, 131073, 1, "string pointer not aligned to 2"],
  ];
  for (const [what, encoding, stored, start, units, message] of cases) {
    it(what, async () => {
      const text = () => assert.fail("the string is bad");
      const run = exported(await instantiateText(component(encoding, stored, start, units), { text }), "run");
      assert.throws(run, { name: "Trap", message });
    });
  }

  it("a pair is one", async () => {
    let seen = "";
    const text = (given: string) => {
      seen = given;
    };
    exported(await instantiateText(component("utf16", 0xde00d83d | 0, 64, 2), { text }), "run")();
    assert.equal(seen, "\u{1f600}");
  });
});

describe("a realloc that lies", () => {
  const component = (answer: string): string => `(component
    (core module $m
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) ${answer})
      (func (export "take") (param i32 i32)))
    (core instance $i (instantiate $m))
    (func (export "take") (param "text" (list u32))
      (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))`;
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["past the end", "(i32.const 65536)", /^realloc return: beyond end of memory$/],
    ["not aligned", "(i32.const 2)", /^realloc return: result not aligned$/],
  ];
  for (const [what, answer, message] of cases) {
    it(what, async () => {
      const take = exported(await instantiateText(component(answer)), "take");
      assert.throws(
        () => take([1, 2, 3]),
        (error) => error instanceof Trap && message.test(error.message),
      );
    });
  }
});
