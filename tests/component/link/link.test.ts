import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { type HostImports, type RawContext, raw } from "../../../src/component/host.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { instantiateComponent } from "../../../src/component/link/instantiate.ts";
import { LinkError } from "../../../src/wasm/errors.ts";
import { binary, canonOptions, exported, instantiateText, libc } from "../text.ts";

const imported = (name: string): string => `(component
  (import "${name}" (instance $h (export "f" (func (result u32)))))
  (export "i" (instance $h)))`;

class Stream {
  static opened = 0;
  readonly start: number;
  constructor(start: number) {
    this.start = start;
  }
  static openAt(start: number): Stream {
    Stream.opened++;
    return new Stream(start);
  }
  readByte(n: number): number {
    return this.start + n;
  }
}

const streams = `(component
  (import "test:s/streams@0.2.3" (instance $h
    (export "stream" (type $stream (sub resource)))
    (export "[constructor]stream" (func (param "start" u32) (result (own $stream))))
    (export "[static]stream.open-at" (func (param "start" u32) (result (own $stream))))
    (export "[method]stream.read-byte" (func (param "self" (borrow $stream)) (param "n" u32) (result u32)))))
  (alias export $h "stream" (type $stream))
  (core func $new (canon lower (func $h "[constructor]stream")))
  (core func $open (canon lower (func $h "[static]stream.open-at")))
  (core func $read (canon lower (func $h "[method]stream.read-byte")))
  (core func $drop (canon resource.drop $stream))
  (core module $m
    (import "h" "new" (func $new (param i32) (result i32)))
    (import "h" "open" (func $open (param i32) (result i32)))
    (import "h" "read" (func $read (param i32 i32) (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    (func (export "run") (param i32) (result i32) (local $a i32) (local $b i32) (local $sum i32)
      (local.set $a (call $new (local.get 0)))
      (local.set $b (call $open (i32.const 100)))
      (local.set $sum (i32.add
        (call $read (local.get $a) (i32.const 1))
        (call $read (local.get $b) (i32.const 2))))
      (call $drop (local.get $a))
      (call $drop (local.get $b))
      (local.get $sum)))
  (core instance $i (instantiate $m (with "h" (instance
    (export "new" (func $new)) (export "open" (func $open)) (export "read" (func $read)) (export "drop" (func $drop))))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))`;

describe("imports", () => {
  const versions: readonly (readonly [wanted: string, given: string, fits: boolean])[] = [
    ["a:b/c@0.2.6", "a:b/c@0.2.6", true],
    ["a:b/c@0.2.6", "a:b/c@0.2.0", true],
    ["a:b/c@0.2.0", "a:b/c@0.2.12", true],
    ["a:b/c@0.2.0", "a:b/c", true],
    ["a:b/c@0.2.0", "a:b/c@0.3.0", false],
    ["a:b/c@1.2.0", "a:b/c@1.9.9", true],
    ["a:b/c@1.2.0", "a:b/c@2.0.0", false],
    ["a:b/c@0.0.1", "a:b/c@0.0.2", false],
    ["a:b/c@0.2.0-rc1", "a:b/c@0.2.0", false],
    ["a:b/c@0.2.0", "a:b/d@0.2.0", false],
  ];
  for (const [wanted, given, fits] of versions) {
    it(`${wanted} ${fits ? "is" : "is not"} satisfied by ${given}`, async () => {
      const link = async (): Promise<unknown> =>
        (await instantiateText(imported(wanted), { [given]: { f: () => 7 } })).exports["i"];
      if (!fits) {
        await assert.rejects(link, LinkError);
      } else {
        const made = await link();
        assert.ok(typeof made === "object" && made !== null && "f" in made && typeof made.f === "function");
        assert.equal(made.f(), 7);
      }
    });
  }

  const conventions: Readonly<Record<string, HostImports>> = {
    "as jco does": { "test:s/streams": { Stream } },
    "by WIT name": {
      "test:s/streams@0.2.0": {
        stream: Stream,
        "[constructor]stream": (start: number) => new Stream(start),
        "[static]stream.open-at": Stream.openAt,
        "[method]stream.read-byte": (self: Stream, n: number) => self.readByte(n),
      },
    },
    raw: {
      "test:s/streams@0.2.0": {
        Stream,
        "[method]stream.read-byte": Object.assign(() => assert.fail("the raw form is used"), {
          [raw]: (cx: RawContext) => (handle: number, n: number) => {
            const stream = cx.borrow(handle);
            assert.ok(stream instanceof Stream);
            return stream.readByte(n);
          },
        }),
      },
    },
  };
  for (const [what, imports] of Object.entries(conventions)) {
    it(`of a resource, given ${what}`, async () => {
      assert.equal(exported(await instantiateText(streams, imports), "run")(5), 108);
    });
  }

  it("that are missing are named as wasmtime names them", async () => {
    const component = new CompiledComponent(parseComponent(await binary(imported("a:b/c@0.1.0"))));
    for (const imports of [{}, { "a:b/c@0.1.0": {} }]) {
      assert.throws(
        () => instantiateComponent(component, imports),
        (error) => {
          assert.ok(error instanceof LinkError);
          assert.equal(error.path, "a:b/c@0.1.0 . f");
          assert.deepEqual(error.causes, [
            "component imports instance `a:b/c@0.1.0`, but a matching implementation was not found in the linker",
            "instance export `f` has the wrong type",
            "function implementation is missing",
          ]);
          return true;
        },
      );
    }
    const root = new CompiledComponent(parseComponent(await binary('(component (import "f" (func)))')));
    assert.throws(
      () => instantiateComponent(root, {}),
      (error) => {
        assert.ok(error instanceof LinkError);
        assert.deepEqual(error.causes, [
          "component imports function `f`, but a matching implementation was not found in the linker",
          "function implementation is missing",
        ]);
        return true;
      },
    );
  });

  const everyones = [
    '(import "to-string" (func (result string)))',
    '(import "constructor" (func))',
    '(import "constructor" (type (sub resource)))',
    '(import "a:b/c" (instance (export "value-of" (func))))',
    '(import "a:b/c" (instance (export "constructor" (type (sub resource)))))',
    `(import "a:b/c" (instance (export "thing" (type $t (sub resource)))
      (export "[method]thing.to-string" (func (param "self" (borrow $t)) (result string)))))`,
    '(import "a:b/c" (instance (export "thing" (type (sub resource))) (export "[static]thing.bind" (func))))',
  ];
  for (const text of everyones) {
    it(`that every object has are missing: ${text}`, async () => {
      await assert.rejects(instantiateText(`(component ${text})`, { "a:b/c": { Thing } }), (error) => {
        assert.ok(error instanceof LinkError);
        assert.match(error.causes.at(-1)!, /^(function|resource) implementation is missing$/);
        return true;
      });
    });
  }

  class Thing {}
  function either() {}
  /** What is imported under a name, what the host has under it, what is said. */
  const kinds: readonly (readonly [string, HostImports[string], string | undefined])[] = [
    ['(export "thing" (func))', { thing: Thing }, "expected function found resource"],
    ['(export "thing" (func))', { thing: {} }, "expected function found instance"],
    ['(export "thing" (func))', { thing: () => {} }, undefined],
    ['(export "thing" (func))', { thing: either }, undefined],
    ['(export "thing" (type (sub resource)))', { thing: () => {} }, "expected resource found func"],
    ['(export "thing" (type (sub resource)))', { thing: {} }, "expected resource found instance"],
    ['(export "thing" (type (sub resource)))', { Thing }, undefined],
    ['(export "thing" (type (sub resource)))', { thing: either }, undefined],
    ['(export "thing" (instance))', { thing: () => {} }, "expected instance found func"],
    ['(export "thing" (type $t (sub resource))) (export "other" (type (eq $t)))', { Thing }, undefined],
    ['(export "thing" (type $t (sub resource))) (export "other" (type (eq $t)))', { Thing, Other: Thing }, undefined],
    [
      '(export "thing" (type $t (sub resource))) (export "other" (type (eq $t)))',
      { Thing, Other: class {} },
      "mismatched resource types",
    ],
  ];
  for (const [items, given, cause] of kinds) {
    it(`${items} given ${Object.keys(given ?? {})}: ${cause ?? "links"}`, async () => {
      const component = new CompiledComponent(
        parseComponent(await binary(`(component (import "a:b/c" (instance ${items})))`)),
      );
      for (const fallback of [undefined, () => () => {}]) {
        const link = () => instantiateComponent(component, { "a:b/c": given }, fallback && { fallback });
        if (cause === undefined) link();
        else assert.throws(link, (error) => error instanceof LinkError && error.causes.at(-1) === cause);
      }
    });
  }

  it("that stand by themselves are of the right kind too", async () => {
    const cases: readonly (readonly [string, HostImports[string], string])[] = [
      ['"x" (func)', {}, "expected function found instance"],
      ['"x" (func)', Thing, "expected function found resource"],
      ['"x" (type (sub resource))', () => {}, "expected resource found func"],
      ['"a:b/c" (instance)', () => {}, "expected instance found func"],
    ];
    for (const [item, given, cause] of cases) {
      const component = new CompiledComponent(parseComponent(await binary(`(component (import ${item}))`)));
      const link = () => instantiateComponent(component, { x: given, "a:b/c": given });
      assert.throws(link, (error) => error instanceof LinkError && error.causes.at(-1) === cause);
    }
  });

  it("a core module that the engine refuses is told of in its words, without the JavaScript around it", async () => {
    const text = "(component (core module $m (func (result i32) (i64.const 1))) (core instance (instantiate $m)))";
    await assert.rejects(instantiateText(text), (error) => {
      assert.ok(error instanceof LinkError);
      assert.equal(error.causes[0], "failed to compile a core module");
      assert.match(error.causes[1] ?? "", /i64/i);
      assert.doesNotMatch(error.causes[1] ?? "", /evaluating|WebAssembly\.Module\(/);
      return true;
    });
  });

  it("that are missing come from the fallback, resources too", async () => {
    const asked: string[] = [];
    const component = new CompiledComponent(parseComponent(await binary(streams)));
    const { exports } = instantiateComponent(
      component,
      {},
      {
        fallback: (instance, name) => {
          asked.push(`${instance} ${name}`);
          return () => {
            throw new Error(`${name} was called`);
          };
        },
      },
    );
    assert.deepEqual(asked, [
      "test:s/streams@0.2.3 [resource-drop]stream",
      "test:s/streams@0.2.3 [constructor]stream",
      "test:s/streams@0.2.3 [static]stream.open-at",
      "test:s/streams@0.2.3 [method]stream.read-byte",
    ]);
    const { run } = exports;
    assert.ok(typeof run === "function");
    assert.throws(() => run(1), { message: "[constructor]stream was called" });
  });

  it("a host's object of another class is refused", async () => {
    const imports = { "test:s/streams": { Stream, "[constructor]stream": () => ({}) } };
    const run = exported(await instantiateText(streams, imports), "run");
    assert.throws(() => run(1), { name: "TypeError", message: 'not a "stream" resource' });
  });
});

describe("a raw host function", () => {
  it("reads and fills the guest's memory", async () => {
    const text = `(component
      (import "f" (func $f (param "words" (list u32)) (result (list u8))))
      ${libc}
      (core func $f (canon lower (func $f) ${canonOptions}))
      (core module $m
        (import "l" "memory" (memory 1))
        (import "h" "f" (func $f (param i32 i32 i32)))
        (func (export "run") (param i32 i32) (result i32)
          (call $f (local.get 0) (local.get 1) (i32.const 64)) (i32.const 64)))
      (core instance $i (instantiate $m (with "l" (instance $l)) (with "h" (instance (export "f" (func $f))))))
      (func (export "run") (param "words" (list u32)) (result (list u8)) (canon lift (core func $i "run") ${canonOptions})))`;
    const f = Object.assign(() => assert.fail("the raw form is used"), {
      [raw]: (cx: RawContext) => (ptr: number, length: number, out: number) => {
        const words = cx.check(ptr, length * 4, 4);
        const bytes = Array.from({ length }, (_, i) => cx.view().getUint32(words + i * 4, true) & 0xff);
        // growing the memory on the way
        const made = cx.allocate(200_000, 1);
        cx.bytes().set(bytes, made);
        const area = cx.check(out, 8, 4);
        cx.view().setUint32(area, made, true);
        cx.view().setUint32(area + 4, length, true);
        return undefined;
      },
    });
    const run = exported(await instantiateText(text, { f }), "run");
    assert.deepEqual(run([1, 258, 3]), Uint8Array.of(1, 2, 3));
  });
});
