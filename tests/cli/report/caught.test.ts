/** A guest with exception handling: what ends it, it catches in vain; what it throws, and nobody catches, ends it. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { run } from "../../e2e/host.ts";
import { chain, command, here, scratchDirectory, textGuest } from "../here.ts";

const scratch = scratchDirectory();
const caught = (body: string) => `(block $caught (try_table (catch_all $caught) ${body}))`;

const texts: Readonly<Record<string, string>> = {
  trap: command(`${caught("unreachable")} (i32.const 0)`),
  overflow: command(`${caught("(call $deep)")} (i32.const 0)`, "(func $deep (call $deep) (call $deep))"),
  rule: `(component
    (import "wasi:io/poll@0.2.0" (instance $poll
      (export "pollable" (type $p (sub resource)))
      (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))
    (core module $libc (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 64))
    (core instance $l (instantiate $libc))
    (core func $f (canon lower (func $poll "poll") (memory (core memory $l "memory")) (realloc (core func $l "realloc"))))
    (core module $m (import "h" "f" (func $f (param i32 i32 i32)))
      (func (export "run") (result i32) ${caught("(call $f (i32.const 0) (i32.const 0) (i32.const 16))")} (i32.const 0)))
    (core instance $i (instantiate $m (with "h" (instance (export "f" (func $f))))))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`,
  exit: `(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "\\08\\00\\00\\00\\06\\00\\00\\00caught")
    (func (export "_start")
      ${caught("(call $exit (i32.const 7))")}
      ${caught("(call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)) drop").replaceAll("$caught", "$again")}
      ${caught("(call $exit (i32.const 3))").replaceAll("$caught", "$third")}))`,
  thrown: command("(throw $e)", "(tag $e)"),
  "thrown by a start function": `(module (tag $e) (func $f (throw $e)) (start $f) (func (export "_start")))`,
  "thrown by _start": `(module (tag $e) (func (export "_start") (throw $e)))`,
};
const files: Record<string, string> = {};
before(async () => {
  for (const [name, text] of Object.entries(texts)) files[name] = await textGuest(scratch, name, text);
});

const cases: readonly (readonly [string, number, string | undefined])[] = [
  ["trap", 134, "wasm trap: wasm `unreachable` instruction executed"],
  ["overflow", 134, "wasm trap: call stack exhausted"],
  ["rule", 1, "empty poll list"],
  ["exit", 7, undefined],
  ["thrown", 1, "thrown Wasm exception"],
  ["thrown by a start function", 1, "thrown Wasm exception"],
  ["thrown by _start", 1, "thrown Wasm exception"],
];

for (const host of here) {
  describe(`what a guest catches or throws on ${host.name}`, { skip: host.skip }, () => {
    for (const [name, expected, message] of cases) {
      it(`${name}: ${message ?? `status ${expected}`}`, async () => {
        const { status, stdout, stderr } = await run(host, files[name]!);
        assert.deepEqual(
          { status, stdout: stdout.toString(), message: chain(stderr).at(-1) },
          { status: expected, stdout: "", message },
        );
      });
    }
  });
}
