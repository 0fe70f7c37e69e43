import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";
import { ComponentError, instantiate, LinkError, ParseError } from "../../src/index.ts";

const file = (name: string): URL => new URL(`../guests/${name}.wasm`, import.meta.url);

/** A component that imports an interface with a resource, and exports what it makes of it. */
const counting = `(component
  (import "test:count/counters@1.2.0" (instance $counters
    (export "counter" (type $counter (sub resource)))
    (export "[constructor]counter" (func (param "start" u32) (result (own $counter))))
    (export "[method]counter.next-value" (func (param "self" (borrow $counter)) (result u32)))
    (export "check-sum" (func (param "value" u32) (result (result u32 (error u32)))))))
  (core module $m
    (import "counters" "new" (func $new (param i32) (result i32)))
    (import "counters" "next" (func $next (param i32) (result i32)))
    (import "counters" "drop" (func $drop (param i32)))
    (import "counters" "check" (func $check (param i32 i32)))
    (import "env" "memory" (memory 1))
    (func (export "count-twice") (param i32) (result i32) (local $c i32) (local $n i32)
      (local.set $c (call $new (local.get 0)))
      (drop (call $next (local.get $c)))
      (local.set $n (call $next (local.get $c)))
      (call $drop (local.get $c))
      (local.get $n))
    (func (export "check") (param i32) (result i32)
      (call $check (local.get 0) (i32.const 16))
      (i32.const 16)))
  (core module $memory (memory (export "memory") 1))
  (core instance $env (instantiate $memory))
  (alias export $counters "counter" (type $c))
  (core func $new (canon lower (func $counters "[constructor]counter")))
  (core func $next (canon lower (func $counters "[method]counter.next-value")))
  (core func $drop (canon resource.drop $c))
  (core func $check (canon lower (func $counters "check-sum") (memory (core memory $env "memory"))))
  (core instance $i (instantiate $m
    (with "env" (instance $env))
    (with "counters" (instance
      (export "new" (func $new)) (export "next" (func $next)) (export "drop" (func $drop)) (export "check" (func $check))))))
  (func (export "count-twice") (param "start" u32) (result u32) (canon lift (core func $i "count-twice")))
  (func (export "check") (param "value" u32) (result (result u32 (error u32)))
    (canon lift (core func $i "check") (memory (core memory $env "memory")))))`;

async function component(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await parse(text));
}

type Counting = { countTwice(start: number): number; check(value: number): number };

function counters(log: string[] = []) {
  class Counter {
    #value: number;
    constructor(start: number) {
      this.#value = start;
    }
    nextValue(): number {
      return ++this.#value;
    }
    [Symbol.dispose](): void {
      log.push("disposed");
    }
  }
  const checkSum = (value: number): number => {
    if (value > 9) throw value;
    return value * 2;
  };
  return { Counter, checkSum };
}

describe("instantiate", () => {
  for (const key of ["test:count/counters", "test:count/counters@1.2.0", "test:count/counters@1.3.5"])
    it(`finds ${key} by jco's conventions: classes, camelCase, versions optional`, async () => {
      const log: string[] = [];
      const exports = (await instantiate(await component(counting), { [key]: counters(log) })) as Counting;
      assert.equal(exports.countTwice(40), 42);
      assert.deepEqual(log, ["disposed"]);
    });

  it("an error of a result is thrown, in both directions, with its payload", async () => {
    const imports = { "test:count/counters": counters() };
    const exports = (await instantiate(await component(counting), imports)) as Counting;
    assert.equal(exports.check(4), 8);
    assert.throws(
      () => exports.check(10),
      (error: unknown) => error instanceof ComponentError && error.payload === 10 && error.code === "component-error",
    );
  });

  it("a Promise from an import is a clear error", async () => {
    const imports = { "test:count/counters": { ...counters(), checkSum: async () => 1 } };
    const exports = (await instantiate(await component(counting), imports)) as Counting;
    assert.throws(() => exports.check(1), /an import answered a Promise, which needs wait: "suspending"/);
  });

  it("preview2-shim's import object serves unchanged", async () => {
    const shim = new WASIShim();
    const exports = await instantiate(file("cpu"), shim.getImportObject());
    const run = exports["wasi:cli/run"] as { run(): void };
    assert.equal(typeof run.run, "function");
  });

  it("takes bytes, buffers, responses, URLs and what holds bytes", async () => {
    const bytes = await component(counting);
    const imports = { "test:count/counters": counters() };
    const server = createServer((_request, response) => response.end(bytes)).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    const url = new URL(`http://127.0.0.1:${address.port}/component.wasm`);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    const sources = [bytes, bytes.slice().buffer, new Response(new Uint8Array(bytes)), url, { bytes }, shared];
    for (const source of sources)
      assert.equal(((await instantiate(source as Uint8Array, imports)) as Counting).countTwice(1), 3);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("what is no component is a ParseError with its offset; what nobody gives a LinkError with its path", async () => {
    const cut = readFileSync(file("hello")).subarray(0, 100);
    await assert.rejects(instantiate(cut), (error: unknown) => {
      return error instanceof ParseError && error.code === "parse-error" && error.offset > 0 && error.offset <= 100;
    });
    await assert.rejects(instantiate(await component(counting), {}), (error: unknown) => {
      return (
        error instanceof LinkError && error.code === "link-error" && error.path.startsWith("test:count/counters@1.2.0")
      );
    });
  });
});
