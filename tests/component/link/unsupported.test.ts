/** What instances do not do yet is refused when it is linked, in one sentence. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { instantiateComponent } from "../../../src/component/link/instantiate.ts";
import { unsupportedPart } from "../../../src/component/link/unsupported.ts";
import { LinkError } from "../../../src/wasm/errors.ts";
import { binary } from "../text.ts";

const core = `(core module $m (func (export "f")) (func (export "g") (param i32) (result i32) unreachable))
  (core instance $i (instantiate $m))`;

const cases: readonly (readonly [string, string])[] = [
  ["(core func (canon task.cancel))", "the canonical function `task.cancel`"],
  ["(core func (canon task.return))", "the canonical function `task.return`"],
  ["(type $s (stream)) (core func (canon stream.new $s))", "the canonical function `stream.new`"],
  ["(type $f (future)) (core func (canon future.read $f))", "the canonical function `future.read`"],
  [
    "(component $c (core func (canon waitable-set.new))) (instance (instantiate $c))",
    "the canonical function `waitable-set.new`",
  ],
  [`${core} (func async (canon lift (core func $i "f") async))`, "`canon lift` of an async function"],
  [`${core} (func async (canon lift (core func $i "f")))`, "`canon lift` of an async function"],
  [
    `${core} (func (param "s" (stream)) (result u32) (canon lift (core func $i "g")))`,
    "`canon lift` of a function with streams or futures",
  ],
  ['(import "f" (func $f async)) (core func (canon lower (func $f)))', "`canon lower` of an async function"],
  ['(import "f" (func $f async)) (core func (canon lower (func $f) async))', "`canon lower` of an async function"],
  [
    '(import "f" (func $f (result (result (error (future)))))) (core module $l (memory (export "m") 1)) (core instance $j (instantiate $l)) (core func (canon lower (func $f) (memory (core memory $j "m"))))',
    "`canon lower` of a function with streams or futures",
  ],
];

describe("what is not supported yet", () => {
  for (const [text, what] of cases) {
    it(`${what}: ${text}`, async () => {
      const component = parseComponent(await binary(`(component ${text})`));
      const why = `${what} is not supported yet: it belongs to component model async (WASI 0.3)`;
      assert.equal(unsupportedPart(component), why);
      assert.throws(
        () => instantiateComponent(new CompiledComponent(component), { f: () => {} }),
        (error) => error instanceof LinkError && error.causes.length === 1 && error.message === why,
      );
    });
  }

  it("is not what merely stands in a type", async () => {
    const component = parseComponent(
      await binary("(component (type (func async (result (stream u8)))) (type (future)))"),
    );
    assert.equal(unsupportedPart(component), undefined);
    instantiateComponent(new CompiledComponent(component), {});
  });
});
