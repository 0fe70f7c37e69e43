import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compile, ErrorContext, instantiate, LimitError, LinkError, ParseError, run } from "../../src/index.ts";
import { binary, canonOptions, libc } from "../component/text.ts";

const file = (name: string): URL => new URL(`../guests/${name}.wasm`, import.meta.url);

async function helloOf(source: Parameters<typeof run>[0], wait?: "blocking" | "suspending"): Promise<string> {
  const said: string[] = [];
  const { exitCode } = await run(source, {
    ...(wait === undefined ? {} : { wait }),
    stdout: (bytes) => said.push(new TextDecoder().decode(bytes)),
  });
  assert.equal(exitCode, 0);
  return said.join("");
}

const counter = `(component
  (core module $m
    (memory 2)
    (func (export "next") (result i32)
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
      (i32.load (i32.const 0))))
  (core instance $i (instantiate $m))
  (func (export "next") (result u32) (canon lift (core func $i "next"))))`;

describe("compile", () => {
  it("is run any number of times, at once too, either way", async () => {
    const hello = await compile(file("hello"));
    const expected = await helloOf(file("hello"));
    assert.notEqual(expected, "");
    assert.deepEqual(
      await Promise.all([helloOf(hello), helloOf(hello, "suspending"), helloOf(hello, "blocking"), helloOf(hello)]),
      [expected, expected, expected, expected],
    );
  });

  it("is instantiated any number of times, either way, each with a memory of its own", async () => {
    const compiled = await compile(await binary(counter));
    for (let i = 0; i < 2; i++) {
      const { next } = (await instantiate(compiled)) as { next(): number };
      assert.deepEqual([next(), next()], [1, 2]);
      const suspended = (await instantiate(compiled, {}, { wait: "suspending" })) as { next(): Promise<number> };
      assert.equal(await suspended.next(), 1);
    }
  });

  it("has its own copy of the bytes and the limits", async () => {
    const bytes = await binary(counter);
    const limits = { memory: 1 << 20 };
    for (const source of [bytes, { bytes }, bytes.slice().buffer]) {
      const compiled = await compile(source, { limits });
      if (source instanceof ArrayBuffer) structuredClone(source, { transfer: [source] });
      else bytes.fill(0);
      limits.memory = 1;
      const { next } = (await instantiate(compiled)) as { next(): number };
      assert.equal(next(), 1);
      bytes.set(await binary(counter));
      limits.memory = 1 << 20;
    }
  });

  it("for one way of waiting is used so, and refuses the other", async () => {
    const compiled = await compile(await binary(counter), { wait: "suspending" });
    const { next } = (await instantiate(compiled)) as { next(): Promise<number> };
    assert.equal(await next(), 1);
    await assert.rejects(instantiate(compiled, {}, { wait: "blocking" }), {
      name: "TypeError",
      message: 'wait: the component was compiled for "suspending", not "blocking"',
    });
  });

  it("has the limits that it was given, and no others", async () => {
    const compiled = await compile(await binary(counter), { limits: { memory: 2 * 65536 } });
    assert.ok(await instantiate(compiled));
    await assert.rejects(instantiate(compiled, {}, { limits: {} }), {
      name: "TypeError",
      message: "limits: a component that is compiled has those given to `compile`",
    });
    const tooLarge = compile(await binary(counter), { limits: { memory: 65536 }, wait: "blocking" });
    await assert.rejects(tooLarge, LimitError);
    await assert.rejects(instantiate(await compile(await binary(counter), { limits: { memory: 65536 } })), LimitError);
  });

  it("says what is wrong with a file: of its core modules now, where the way of waiting is known", async () => {
    await assert.rejects(compile(new Uint8Array(3)), ParseError);
    const broken = await binary("(component (core module (func (result i32))))");
    await assert.rejects(compile(broken, { wait: "blocking" }), LinkError);
    assert.ok(await instantiate(await compile(broken)), "nothing instantiates it");
  });

  it("may use error contexts if it is to", async () => {
    const bytes = await binary(`(component ${libc}
      (core func $new (canon error-context.new ${canonOptions}))
      (core module $m (import "" "new" (func $new (param i32 i32) (result i32)))
        (func (export "explain") (param i32 i32) (result i32) (call $new (local.get 0) (local.get 1)))
        (func (export "same") (param i32) (result i32) (local.get 0)))
      (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
      (func (export "explain") (param "text" string) (result error-context) (canon lift (core func $i "explain") ${canonOptions}))
      (func (export "same") (param "error" error-context) (result error-context) (canon lift (core func $i "same"))))`);
    interface Explainer {
      explain(text: string): Promise<ErrorContext>;
      same(error: ErrorContext): Promise<ErrorContext>;
    }
    const { explain, same } = await instantiate<Explainer>(await compile(bytes, { errorContext: true }));
    assert.deepEqual(await explain("oops"), new ErrorContext("oops"));
    const error = new ErrorContext("mine");
    assert.equal(await same(error), error);
    await assert.rejects(
      compile(bytes),
      (refused) => refused instanceof ParseError && /requires the component model error-context/.test(refused.message),
    );
  });

  it("is not compiled again", async () => {
    const compiled = await compile(file("hello"));
    // @ts-expect-error: what JavaScript may pass
    await assert.rejects(compile(compiled), { name: "TypeError", message: "the component is compiled already" });
  });
});
