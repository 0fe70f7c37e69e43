import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { componentEmbed, componentNew } from "@bytecodealliance/jco-transpile/wasm-tools";
import { parseComponent } from "../../src/component/binary/parse.ts";
import { witOf } from "../../src/inspect/wit.ts";
import { binary } from "../component/text.ts";
import { guestFile } from "../e2e/host.ts";

async function witOfText(text: string): Promise<string> {
  return witOf(parseComponent(await binary(text)).type);
}

/** That of a component that is made of WIT. */
async function witOfSource(witSource: string): Promise<string> {
  const core = await componentEmbed({ witSource, world: "root", dummy: true });
  return witOf(parseComponent(new Uint8Array(await componentNew(core))).type);
}

/** Imports and exports, as component text, and the lines inside the world that they are. */
const worlds: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "primitives",
    `(import "f" (func
      (param "a" bool) (param "b" s8) (param "c" u8) (param "d" s16) (param "e" u16) (param "f" s32) (param "g" u32)
      (param "h" s64) (param "i" u64) (param "j" f32) (param "k" f64) (param "l" char) (param "m" string)))`,
    [
      "import f: func(a: bool, b: s8, c: u8, d: s16, e: u16, f: s32, g: u32, h: s64, i: u64, j: f32, k: f64, l: char, m: string);",
    ],
  ],
  [
    "types without a name",
    `(import "f" (func (param "a" (list (option (option u8)))) (param "b" (tuple string f32)) (result (result u8 (error string)))))
     (import "g" (func (result (result))))
     (import "h" (func (result (result (error u8)))))
     (import "i" (func (result (result u8))))`,
    [
      "import f: func(a: list<option<option<u8>>>, b: tuple<string, f32>) -> result<u8, string>;",
      "import g: func() -> result;",
      "import h: func() -> result<_, u8>;",
      "import i: func() -> result<u8>;",
    ],
  ],
  [
    "async functions, streams and futures",
    `(import "file" (type $f (sub resource)))
     (import "[method]file.read" (func async (param "self" (borrow $f)) (param "n" u64) (result (stream u8))))
     (import "[static]file.open" (func async (result (own $f))))
     (import "f" (func async))
     (import "g" (func (param "s" (stream)) (param "t" (future)) (result (tuple (stream (own $f)) (future (result (error string)))))))
     (type $b' (stream u8))
     (import "bytes" (type $b (eq $b')))
     (import "async" (func (param "stream" $b)))`,
    [
      "resource file {",
      "  read: async func(n: u64) -> stream<u8>;",
      "  open: static async func() -> file;",
      "}",
      "import f: async func();",
      "import g: func(s: stream, t: future) -> tuple<stream<file>, future<result<_, string>>>;",
      "type bytes = stream<u8>;",
      "import %async: func(%stream: bytes);",
    ],
  ],
  [
    "types with a name, and words of WIT as names",
    `(type $r' (record (field "type" u8) (field "other" string)))
     (import "point" (type $r (eq $r')))
     (type $v' (variant (case "none") (case "some" $r)))
     (import "maybe" (type $v (eq $v')))
     (type $e' (enum "red" "green"))
     (import "colour" (type $e (eq $e')))
     (type $g' (flags "read" "write"))
     (import "rights" (type $g (eq $g')))
     (import "list" (func (param "from" $v) (param "with" $e) (param "r" $g) (result (list $r))))`,
    [
      "record point {",
      "  %type: u8,",
      "  other: string,",
      "}",
      "variant maybe {",
      "  none,",
      "  some(point),",
      "}",
      "enum colour {",
      "  red,",
      "  green,",
      "}",
      "flags rights {",
      "  read,",
      "  write,",
      "}",
      "import %list: func(%from: maybe, %with: colour, r: rights) -> list<point>;",
    ],
  ],
  [
    "resources with their constructors, methods and statics",
    `(import "file" (type $f (sub resource)))
     (import "[constructor]file" (func (param "path" string) (result (own $f))))
     (import "[method]file.read" (func (param "self" (borrow $f)) (param "n" u32) (result (list u8))))
     (import "[static]file.join" (func (param "a" (own $f)) (param "b" (borrow $f)) (result (own $f))))`,
    [
      "resource file {",
      "  constructor(path: string);",
      "  read: func(n: u32) -> list<u8>;",
      "  join: static func(a: file, b: borrow<file>) -> file;",
      "}",
    ],
  ],
  [
    "an interface without a package, and what WIT has no words for",
    `(import "plain" (instance (export "f" (func)) (type $t (record (field "x" u8))) (export "t" (type $u (eq $t))) (export "u" (type (eq $u)))))
     (import "m" (core module (export "x" (func))))
     (import "c" (component))`,
    [
      "import plain: interface {",
      "  f: func();",
      "  record t {",
      "    x: u8,",
      "  }",
      "  type u = t;",
      "}",
      "// import m: module",
      "// import c: component",
    ],
  ],
];

describe("witOf", () => {
  for (const [name, text, lines] of worlds) {
    it(name, async () => {
      const expected = ["package root:component;", "", "world root {", ...lines.map((line) => `  ${line}`), "}", ""];
      assert.deepEqual((await witOfText(`(component ${text})`)).split("\n"), expected);
    });
  }

  it("names what an interface uses of others by where it was defined", async () => {
    const wit = await witOfText(`(component
      (import "a:b/types@1.0.0" (instance $t
        (export "r" (type (sub resource)))
        (type $c (record (field "x" u8))) (export "config" (type (eq $c)))))
      (alias export $t "r" (type $r))
      (alias export $t "config" (type $c))
      (import "a:b/same@1.0.0" (instance (alias outer 1 $r (type $x)) (export "r" (type $rr (eq $x))) (export "f" (func (result (own $rr))))))
      (import "c:d/other" (instance
        (alias outer 1 $c (type $y)) (export "settings" (type $s (eq $y))) (export "f" (func (param "s" $s))))))`);
    assert.ok(wit.includes("    use types.{r};\n    f: func() -> r;\n"), wit);
    assert.ok(wit.includes("    use a:b/types@1.0.0.{config as settings};\n    f: func(s: settings);\n"), wit);
  });

  it("knows an imported type that a component within exports again, with what it is made of", async () => {
    const wit = await witOfText(`(component
      (import "a:b/types@1.0.0" (instance $t
        (type $p' (record (field "x" u8)))
        (export "payload" (type $p (eq $p')))
        (type $e' (variant (case "a" $p)))
        (export "error" (type (eq $e')))))
      (alias export $t "payload" (type $p))
      (alias export $t "error" (type $e))
      (import "f" (func $f (result $e)))
      (component $c
        (type $p' (record (field "x" u8)))
        (import "payload" (type $p (eq $p')))
        (type $e' (variant (case "a" $p)))
        (import "error" (type $e (eq $e')))
        (import "f" (func $f (result $e)))
        (export $x "error" (type $e))
        (export "f" (func $f) (func (result $x))))
      (instance $i (instantiate $c (with "payload" (type $p)) (with "error" (type $e)) (with "f" (func $f))))
      (export "a:b/handler@1.0.0" (instance $i)))`);
    assert.ok(wit.includes("  interface handler {\n    use types.{error};\n    f: func() -> error;\n  }"), wit);
  });

  it("of what is async is WIT: a component made of it has the same", async () => {
    const witSource = `package a:b;
      interface i {
        resource r { constructor(s: stream<u8>); read: async func() -> future<r>; make: static async func() -> r; }
        variant v { a(stream), b(future<list<string>>) }
        g: async func(v: v) -> result<stream<r>, v>;
      }
      world root { import i; export i; export run: async func(); }`;
    const wit = await witOfSource(witSource);
    assert.deepEqual(sorted(await witOfSource(wit)), sorted(wit));
    for (const line of [
      "read: async func() -> future<r>;",
      "a(stream),",
      "b(future<list<string>>),",
      "run: async func();",
    ])
      assert.ok(wit.includes(line), line);
  });

  for (const name of ["hello", "tcpecho", "policy", "forge", "hello-libc", "udp/names", "behaviour/files"]) {
    it(`of ${name} is WIT: a component made of it has the same`, async () => {
      const wit = witOf(parseComponent(new Uint8Array(readFileSync(guestFile(name)))).type);
      assert.deepEqual(sorted(await witOfSource(wit)), sorted(wit));
    });
  }
});

/** wasm-tools has an order of its own, and leaves out other names of types that nothing uses. */
function sorted(wit: string): readonly string[] {
  const kept = wit.split("\n").filter((line) => !/^ *type /.test(line));
  const lines = kept.map((line) => {
    const use = /^( *use .*\{)(.*)(\};)$/.exec(line);
    return use === null ? line : `${use[1]}${use[2]!.split(", ").sort().join(", ")}${use[3]}`;
  });
  return lines.sort();
}
