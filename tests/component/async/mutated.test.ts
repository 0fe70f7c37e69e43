/** Components of component model async with bytes changed, linked and run: they are refused, trap, or do something: nothing else. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import fc from "fast-check";
import type { ComponentFile } from "../../../src/component/binary/component.ts";
import { allFeatures } from "../../../src/component/binary/features.ts";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { ComponentError } from "../../../src/component/errors.ts";
import { asyncSupport } from "../../../src/component/link/async-support.ts";
import { CompiledComponent, coreModules } from "../../../src/component/link/compiled.ts";
import { instantiateComponent } from "../../../src/component/link/instantiate.ts";
import { trapOf } from "../../../src/wasm/engine-trap.ts";
import { LinkError, ParseError } from "../../../src/wasm/errors.ts";
import { errorContexts } from "../error-contexts.ts";
import { binary, libc } from "../text.ts";
import { builtins, type CoreFuncs, call, hostFor, i32, locals, pair, setOf } from "./guest.ts";
import { ignored } from "./words.ts";

const all: CoreFuncs = { ...builtins, ...errorContexts };

/** Uses all that needs no host, in an order that is right. */
const uses = `
  ${pair("bytes")} ${ignored("bytes.read", "r", 64, 4)} ${ignored("bytes.write", "w", 32, 2)} ${setOf("r")}
  ${ignored("set.wait", "s", 8)} ${ignored("bytes.read", "r", 64, 4)} ${call("join", "r", 0)} ${ignored("bytes.cancel-read", "r")}
  ${ignored("bytes.write", "w", 32, 2)} ${ignored("bytes.read-sync", "r", 64, 4)} ${ignored("bytes.cancel-write-async", "w")}
  ${call("bytes.drop-writable", "w")} ${call("bytes.drop-readable", "r")}
  ${pair("words")} ${call("join", "w", "s")} ${ignored("words.write", "w", 32, 4)} ${ignored("words.read", "r", 64, 2)}
  ${ignored("set.poll", "s", 8)} ${call("words.drop-readable", "r")} ${call("words.drop-writable", "w")}
  ${pair("number")} ${ignored("number.write", "w", 32)} ${ignored("number.read", "r", 64)} ${call("join", "w", "s")} ${ignored("set.wait", "s", 8)}
  ${call("number.drop-writable", "w")} ${call("number.drop-readable", "r")}
  ${pair("unit")} ${ignored("unit.read", "r", 0)} ${ignored("unit.write", "w", 0)} ${call("unit.drop-writable", "w")} ${ignored("unit.cancel-read", "r")}
  ${pair("strings")} ${call("strings.drop-writable", "w")} ${ignored("strings.read", "r", 64, 1)} ${call("strings.drop-readable", "r")}
  (local.set $n ${call("error.new", 32, 4)}) ${call("error.message", "n", 64)} ${call("error.message-utf16", "n", 64)} ${call("error.drop", "n")}
  ${ignored("error.new-utf16", 32, 4)} ${ignored("error.new-latin1", 32, 4)}
  ${call("set.drop", "s")} ${call("pressure.inc")} ${call("pressure.dec")} ${ignored("yield")}
  ${call("set.0", 7)} ${ignored("get.0")} ${call("set.1", 8)} ${ignored("get.1")}`;

const text = `(component
  ${libc}
  (type $bytes (stream u8)) (type $words (stream u32)) (type $strings (stream string)) (type $units (stream))
  (type $number (future u32)) (type $text (future string)) (type $unit (future))
  ${Object.entries(all)
    .map(([name, [, canon]]) => `(core func $${name} (canon ${canon}))`)
    .join("\n")}
  (core func $return-text (canon task.return (result (result string (error u32))) (memory (core memory $l "memory"))))
  (core module $m
    (import "l" "memory" (memory 1))
    ${Object.entries(all)
      .map(([name, [type]]) => `(import "" "${name}" (func $${name} ${type}))`)
      .join("\n")}
    (import "" "return-text" (func $return-text (param i32 i32 i32)))
    (global $turns (mut i32) ${i32(3)})
    (func (export "run") (result i32) ${locals} ${uses} ${i32(1)})
    (func (export "run-back") (param i32 i32 i32) (result i32) ${locals}
      (global.set $turns (i32.sub (global.get $turns) ${i32(1)}))
      (if (i32.eqz (global.get $turns)) (then ${call("return", 7)} (return ${i32(0)})))
      ${i32(1)})
    (func (export "waits") (result i32) ${locals} ${uses} ${i32(7)})
    (func (export "stackful") ${locals} ${uses} (call $return-text ${i32(0)} ${i32(32)} ${i32(3)}))
    (func (export "plain") (result i32) ${i32(7)})
    (func (export "post") (param i32)))
  (core instance $m (instantiate $m (with "l" (instance $l)) (with "" (instance
    ${Object.keys({ ...all, "return-text": 0 })
      .map((name) => `(export "${name}" (func $${name}))`)
      .join("\n")}))))
  (func (export "run") async (result u32) (canon lift (core func $m "run") async (callback (core func $m "run-back"))))
  (func (export "waits") async (result u32) (canon lift (core func $m "waits") (post-return (core func $m "post"))))
  (func (export "stackful") async (result (result string (error u32)))
    (canon lift (core func $m "stackful") async (memory (core memory $l "memory")) (realloc (core func $l "realloc"))))
  (func (export "plain") (result u32) (canon lift (core func $m "plain"))))`;

const parameters = { seed: 20261130, numRuns: 1_500 };

describe("a mutated component", () => {
  let original: Uint8Array<ArrayBuffer>;
  /** Of what is not in a core module, whose code may go round for ever. */
  let offsets: readonly number[];
  before(async () => {
    original = await binary(text);
    const modules = [...coreModules(parseComponent(original, allFeatures))];
    offsets = [...original.keys()].filter(
      (at) => !modules.some(({ offset, size }) => at >= offset && at < offset + size),
    );
  });

  /** Links it and calls all that it exports and takes no arguments. Returns how many calls returned. @throws what is no clean end */
  async function survives(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    const { poll } = await hostFor("blocking");
    let returned = 0;
    let file: ComponentFile;
    try {
      file = parseComponent(bytes, allFeatures);
    } catch (error) {
      if (error instanceof ParseError) return 0;
      throw error;
    }
    for (const [name, type] of file.type.exports) {
      if (type.kind !== "func" || type.type.params.length > 0) continue;
      try {
        const { exports } = instantiateComponent(new CompiledComponent(file, { asyncSupport }), {}, { poll });
        const func = exports[name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
        if (typeof func !== "function") continue;
        func();
        returned++;
      } catch (error) {
        if (!(error instanceof LinkError || error instanceof ComponentError) && trapOf(error, "call") === undefined)
          throw error;
      }
    }
    return returned;
  }

  it("is whole to begin with", async () => {
    assert.equal(await survives(original), 4);
  });

  it(`ends cleanly, ${parameters.numRuns} times`, { timeout: 400_000 }, async () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    let returned = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = original.slice();
        for (const [at, byte] of changes) bytes[offsets[at % offsets.length]!] = byte;
        returned += await survives(bytes);
      }),
      parameters,
    );
    assert.ok(returned > 50, `${returned} calls returned`);
  });
});
