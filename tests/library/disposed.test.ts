/** What an instance does once it was disposed of, while others get the numbers of what it had open: nothing. */
import assert from "node:assert/strict";
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { type DisposableInstance, instantiate, type Wait } from "../../src/index.ts";
import { Temporary } from "../core/files/tree.ts";

const errorCodes = `"access" "would-block" "already" "bad-descriptor" "busy" "deadlock" "quota" "exist" "file-too-large"
  "illegal-byte-sequence" "in-progress" "interrupted" "invalid" "io" "is-directory" "loop" "too-many-links" "message-size"
  "name-too-long" "no-device" "no-entry" "no-lock" "insufficient-memory" "insufficient-space" "not-directory" "not-empty"
  "not-recoverable" "unsupported" "no-tty" "no-such-device" "overflow" "not-permitted" "pipe" "read-only" "invalid-seek"
  "text-file-busy" "cross-device"`;

/**
 * `open` opens the file "mine" of its preopen. `work` calls `step(0)`, reads from the file, and calls `step` with the first four
 * bytes: whatever it throws is caught where the engine lets it.
 */
const guest = (isAsync: boolean): string => `(component
  (import "wasi:filesystem/types@0.2.12" (instance $types
    (export "descriptor" (type $descriptor (sub resource)))
    (type $pf (flags "symlink-follow")) (export "path-flags" (type $path-flags (eq $pf)))
    (type $of (flags "create" "directory" "exclusive" "truncate")) (export "open-flags" (type $open-flags (eq $of)))
    (type $df (flags "read" "write" "file-integrity-sync" "data-integrity-sync" "requested-write-sync" "mutate-directory"))
    (export "descriptor-flags" (type $descriptor-flags (eq $df)))
    (type $ec (enum ${errorCodes})) (export "error-code" (type $error-code (eq $ec)))
    (type $fs u64) (export "filesize" (type $filesize (eq $fs)))
    (export "[method]descriptor.read" (func (param "self" (borrow $descriptor)) (param "length" $filesize)
      (param "offset" $filesize) (result (result (tuple (list u8) bool) (error $error-code)))))
    (export "[method]descriptor.open-at" (func (param "self" (borrow $descriptor)) (param "path-flags" $path-flags)
      (param "path" string) (param "open-flags" $open-flags) (param "flags" $descriptor-flags)
      (result (result (own $descriptor) (error $error-code)))))))
  (alias export $types "descriptor" (type $descriptor))
  (import "wasi:filesystem/preopens@0.2.12" (instance $preopens
    (alias outer 1 $descriptor (type $outer)) (export "descriptor" (type $descriptor (eq $outer)))
    (export "get-directories" (func (result (list (tuple (own $descriptor) string)))))))
  (import "step" (func $step (param "found" u32) (result u32)))
  (core module $libc
    (memory (export "memory") 2)
    (global $top (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $l (instantiate $libc))
  (core func $step (canon lower (func $step)))
  (core func $dirs (canon lower (func $preopens "get-directories")
    (memory (core memory $l "memory")) (realloc (core func $l "realloc"))))
  (core func $open (canon lower (func $types "[method]descriptor.open-at") (memory (core memory $l "memory"))))
  (core func $read (canon lower (func $types "[method]descriptor.read")
    (memory (core memory $l "memory")) (realloc (core func $l "realloc"))))
  (core module $m
    (import "host" "step" (func $step (param i32) (result i32)))
    (import "host" "dirs" (func $dirs (param i32)))
    (import "host" "open" (func $open (param i32 i32 i32 i32 i32 i32 i32)))
    (import "host" "read" (func $read (param i32 i64 i64 i32)))
    (import "l" "memory" (memory 2))
    (global $file (mut i32) (i32.const 0))
    (data (i32.const 100) "mine")
    (func (export "open")
      (call $dirs (i32.const 0))
      (call $open (i32.load (i32.load (i32.const 0))) (i32.const 1) (i32.const 100) (i32.const 4) (i32.const 0) (i32.const 1)
        (i32.const 16))
      (if (i32.load8_u (i32.const 16)) (then unreachable))
      (global.set $file (i32.load (i32.const 20))))
    (func $caught (param i32)
      (block $caught (try_table (catch_all $caught) (drop (call $step (local.get 0))))))
    (func $caught-read
      (block $caught (try_table (catch_all $caught)
        (call $read (global.get $file) (i64.const 4) (i64.const 0) (i32.const 32)))))
    (func (export "work") (result i32)
      (call $caught (i32.const 0))
      (call $caught-read)
      (if (i32.load8_u (i32.const 32)) (then (return (i32.const 1))))
      (call $caught (i32.load (i32.load (i32.const 36))))
      (i32.load (i32.load (i32.const 36))))
    (func (export "noop")))
  (core instance $i (instantiate $m (with "l" (instance $l)) (with "host" (instance
    (export "step" (func $step)) (export "dirs" (func $dirs)) (export "open" (func $open)) (export "read" (func $read))))))
  (func (export "open") (canon lift (core func $i "open")))
  (func (export "work") ${isAsync ? "async" : ""} (result u32) (canon lift (core func $i "work")))
  ${isAsync ? '(func (export "noop") async (canon lift (core func $i "noop")))' : ""})`;

const components = {
  plain: new Uint8Array(await parse(guest(false))),
  async: new Uint8Array(await parse(guest(true))),
};

type Exports = { open(): void | Promise<void>; work(): number | Promise<number> };

const word = (text: string): number => new DataView(new TextEncoder().encode(text).buffer).getUint32(0, true);

/** An instance that has opened its file, beside which another lies. */
class Scene implements Disposable {
  readonly #base = new Temporary();
  readonly #others: number[] = [];
  /** What the guest has said that it found. */
  readonly said: number[] = [];
  step: () => number | Promise<number> = () => 0;

  async instance(kind: keyof typeof components, wait: Wait): Promise<DisposableInstance<Exports>> {
    const inside = join(this.#base.path, "inside");
    mkdirSync(inside);
    writeFileSync(join(inside, "mine"), "mine");
    writeFileSync(join(this.#base.path, "secret"), "not yours");
    const step = (found: number) => {
      if (found === 0) return this.step();
      this.said.push(found);
      return 0;
    };
    const app = await instantiate<Exports>(components[kind], { step } as never, {
      wait,
      wasi: { preopens: { "/": inside } },
    });
    await app.open();
    return app;
  }

  /** Others get the numbers of what was closed. */
  reuse(): void {
    for (let i = 0; i < 30; i++) this.#others.push(openSync(join(this.#base.path, "secret"), "r"));
  }

  [Symbol.dispose](): void {
    for (const fd of this.#others) closeSync(fd);
    this.#base[Symbol.dispose]();
  }
}

const kinds = [
  ["plain", "blocking"],
  ["plain", "suspending"],
  ["async", "suspending"],
] as const satisfies readonly (readonly [keyof typeof components, Wait])[];

const disposed = { name: "Error", message: "the instance was disposed of" };

describe("an instance that was disposed of", () => {
  for (const [kind, wait] of kinds) {
    const name = `${kind}, ${wait}`;
    it(`is not called again (${name})`, async () => {
      using scene = new Scene();
      const app = await scene.instance(kind, wait);
      assert.equal(await app.work(), word("mine"));
      await app[Symbol.asyncDispose]();
      scene.reuse();
      for (const call of [() => app.work(), () => app.open()]) await assert.rejects(async () => await call(), disposed);
      assert.deepEqual(scene.said, [word("mine")]);
    });

    it(`goes no further than the import that disposes of it (${name})`, async () => {
      using scene = new Scene();
      const app = await scene.instance(kind, wait);
      let closing: Promise<void> | undefined;
      scene.step = () => {
        closing = Promise.resolve(app[Symbol.asyncDispose]());
        scene.reuse();
        return 0;
      };
      await assert.rejects(async () => await app.work(), disposed);
      await closing;
      assert.deepEqual(scene.said, []);
    });

    if (wait === "blocking") continue;

    for (const ending of ["resolves", "rejects", "never settles"] as const)
      it(`does not go on when the promise that it is suspended in ${ending} (${name})`, async () => {
        using scene = new Scene();
        const app = await scene.instance(kind, wait);
        const step = Promise.withResolvers<number>();
        const suspended = Promise.withResolvers<void>();
        scene.step = () => {
          suspended.resolve();
          return step.promise;
        };
        const call = assert.rejects(async () => await app.work(), disposed);
        await suspended.promise;
        await app[Symbol.asyncDispose]();
        await call;
        scene.reuse();
        if (ending === "resolves") step.resolve(0);
        if (ending === "rejects") step.reject(new Error("the step failed"));
        // what a guest would go on with is due before the event loop's next turn
        await new Promise((resolve) => setTimeout(resolve));
        assert.deepEqual(scene.said, []);
      });
  }
});
