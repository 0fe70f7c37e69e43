/** Async components with bytes changed, and entries of random bytes: only clean errors. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import fc from "fast-check";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { asyncSupport } from "../../../src/component/link/async-support.ts";
import { CompiledComponent, coreModules } from "../../../src/component/link/compiled.ts";
import { instantiateComponent } from "../../../src/component/link/instantiate.ts";
import { witOf } from "../../../src/inspect/wit.ts";
import { LinkError, ParseError } from "../../../src/wasm/errors.ts";
import { CANONS, TYPES } from "../bytes.ts";
import { binary } from "../text.ts";

const definitions = `
  (import "wasi:cli/types@0.3.0" (instance $t
    (export "r" (type $r (sub resource)))
    (export "[method]r.read" (func async (param "self" (borrow $r)) (result (tuple (stream u8) (future (result (error string)))))))))
  (alias export $t "r" (type $r))
  (core module $m
    (memory (export "memory") 1)
    (func (export "run") (result i32) unreachable)
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (alias core export $i "callback" (core func $callback))
  (type $bytes (stream u8))
  (type $handles (stream (own $r)))
  (type $done (future (result (error string))))
  (core func (canon lower (func $t "[method]r.read") async (memory $memory) (realloc $realloc)))
  (core func (canon stream.new $bytes))
  (core func (canon stream.read $handles async (memory $memory)))
  (core func (canon stream.cancel-write $bytes async))
  (core func (canon future.read $done (memory $memory) (realloc $realloc) string-encoding=utf16))
  (core func (canon future.drop-writable $done))
  (core func (canon task.return (result (result)) (memory $memory)))
  (core func (canon context.get i32 0))
  (core func (canon subtask.cancel async))
  (core func (canon waitable-set.poll (memory $memory)))
  (core func (canon thread.yield))
  (func $run async (result (result)) (canon lift (core func $i "run") async (callback $callback)))
  (instance $e (export "run" (func $run)))
  (export "wasi:cli/run@0.3.0" (instance $e))`;

const parameters = { seed: 20261130, numRuns: 1_000 };

/** Reads it and links it as far as that goes. Returns whether it is a component. @throws what is no clean error */
function survives(bytes: Uint8Array<ArrayBuffer>): boolean {
  let isComponent = false;
  try {
    const component = parseComponent(bytes);
    isComponent = true;
    witOf(component.type);
    const options = { fallback: () => () => assert.fail("a host function was called") };
    instantiateComponent(new CompiledComponent(component, { asyncSupport }), {}, options);
  } catch (error) {
    if (error instanceof ParseError) assert.ok(error.offset <= bytes.length, error.message);
    else if (!(error instanceof LinkError)) throw error;
  }
  return isComponent;
}

describe("async components", () => {
  let original: Uint8Array<ArrayBuffer>;
  /** Of what is not in a core module. */
  let offsets: readonly number[];
  before(async () => {
    original = await binary(`(component ${definitions})`);
    const [module] = coreModules(parseComponent(original));
    const { offset, size } = module!;
    offsets = [...original.keys()].filter((at) => at < offset || at >= offset + size);
  });

  it(`with bytes changed, ${parameters.numRuns} times`, () => {
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    let components = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = original.slice();
        for (const [at, byte] of changes) bytes[offsets[at % offsets.length]!] = byte;
        if (survives(bytes)) components++;
      }),
      parameters,
    );
    assert.ok(components > 0 && components < parameters.numRuns, `${components} are components`);
  });

  for (const [what, id] of [
    ["canonical function", CANONS],
    ["type", TYPES],
  ] as const) {
    it(`with a random ${what} at the end, ${parameters.numRuns} times`, () => {
      let components = 0;
      const entries = fc.uint8Array({ maxLength: 12 });
      const small = fc.array(fc.nat({ max: 8 }), { maxLength: 4 });
      // types begin with high bytes
      const first = id === TYPES ? fc.integer({ min: 0x3f, max: 0x7f }) : fc.nat({ max: 0x30 });
      fc.assert(
        fc.property(first, fc.oneof(entries, small), (opcode, rest) => {
          if (survives(Uint8Array.from([...original, id, rest.length + 2, 1, opcode, ...rest]))) components++;
        }),
        parameters,
      );
      assert.ok(components > 0 && components < parameters.numRuns, `${components} are components`);
    });
  }
});
