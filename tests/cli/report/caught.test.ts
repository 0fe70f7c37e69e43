/** A guest with exception handling: what ends it, it catches in vain; what it throws, and nobody catches, ends it. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { run } from "../../e2e/host.ts";
import { chain, command, here, scratchDirectory, textGuest } from "../here.ts";

const scratch = scratchDirectory();
/** The guest goes on behind it. */
const caught = (body: string) => `(block $caught (try_table (catch_all $caught) ${body}))`;

/** One that does `body` calls `f` of another one, of which these are the core module's fields. */
function twoComponents(body: string, fields: string, options = ""): string {
  return `(component
    (component $other
      (core module $m ${fields})
      (core instance $i (instantiate $m))
      (func (export "f") (canon lift (core func $i "f") ${options})))
    (instance $other (instantiate $other))
    (core func $f (canon lower (func $other "f")))
    (core module $m (import "" "f" (func $f)) (func (export "run") (result i32) ${caught(body)} (i32.const 0)))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`;
}

/** A component that does `body`, and has a resource whose destructor does `destructor`. */
function ownResource(body: string, destructor: string): string {
  return `(component
    (core module $d (tag $e) (func (export "d") (param i32) ${destructor}))
    (core instance $d (instantiate $d))
    (type $r (resource (rep i32) (dtor (core func $d "d"))))
    (core func $new (canon resource.new $r))
    (core func $drop (canon resource.drop $r))
    (core module $m
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "run") (result i32) ${caught(body)} (i32.const 0)))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`;
}

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
  "a pointer in wasip1": `(module
    (import "wasi_snapshot_preview1" "random_get" (func $f (param i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start") ${caught("(call $f (i32.const 65530) (i32.const 16)) drop")}))`,
  "no memory in wasip1": `(module
    (import "wasi_snapshot_preview1" "random_get" (func $f (param i32 i32) (result i32)))
    (func (export "_start") ${caught("(call $f (i32.const 0) (i32.const 16)) drop")}))`,
  "an unknown import": `(module
    (import "nowhere" "nothing" (func $f))
    (func (export "_start") ${caught("(call $f)")}))`,
  "another component's exception": twoComponents("(call $f)", '(tag $e) (func (export "f") (throw $e))'),
  "another component's trap": twoComponents("(call $f)", '(func (export "f") unreachable)'),
  "another component's exception in post-return": twoComponents(
    "(call $f)",
    '(tag $e) (func (export "f")) (func (export "post") (throw $e))',
    '(post-return (core func $i "post"))',
  ),
  "a destructor's exception": ownResource("(call $drop (call $new (i32.const 7)))", "(throw $e)"),
  "its own exception in realloc": `(component
    (import "wasi:random/random@0.2.0" (instance $random (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
    (core module $libc (memory (export "memory") 1) (tag $e)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (throw $e)))
    (core instance $l (instantiate $libc))
    (core func $f (canon lower (func $random "get-random-bytes")
      (memory (core memory $l "memory")) (realloc (core func $l "realloc"))))
    (core module $m (import "h" "f" (func $f (param i64 i32)))
      (func (export "run") (result i32) ${caught("(call $f (i64.const 4) (i32.const 16))")} (i32.const 0)))
    (core instance $i (instantiate $m (with "h" (instance (export "f" (func $f))))))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`,
  "its own function": `(component
    (core module $own (func (export "f")))
    (core instance $o (instantiate $own))
    (func $lifted (canon lift (core func $o "f")))
    (core func $f (canon lower (func $lifted)))
    (core module $m (import "" "f" (func $f)) (func (export "run") (result i32) ${caught("(call $f)")} (i32.const 0)))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`,
  thrown: command("(throw $e)", "(tag $e)"),
  "thrown when it is instantiated": command("(i32.const 0)", "(tag $e) (func $s (throw $e)) (start $s)"),
  "thrown by a start function": `(module (tag $e) (func $f (throw $e)) (start $f) (func (export "_start")))`,
  "thrown by _start": `(module (tag $e) (func (export "_start") (throw $e)))`,
};
const files: Record<string, string> = {};
before(async () => {
  for (const [name, text] of Object.entries(texts)) files[name] = await textGuest(scratch, name, text);
});

const uncaught = "wasm trap: uncaught exception propagated out of component";

const cases: readonly (readonly [string, number, string | undefined, ...options: string[]])[] = [
  ["trap", 134, "wasm trap: wasm `unreachable` instruction executed"],
  ["overflow", 134, "wasm trap: call stack exhausted"],
  ["rule", 1, "empty poll list"],
  ["exit", 7, undefined],
  ["a pointer in wasip1", 1, "Pointer out of bounds: Region { start: 65530, len: 16 }"],
  ["no memory in wasip1", 1, "missing required memory export"],
  ["an unknown import", 1, "unknown import: `nowhere::nothing` has not been defined", "-Wunknown-imports-trap"],
  ["another component's exception", 134, uncaught],
  ["another component's trap", 134, "wasm trap: wasm `unreachable` instruction executed"],
  ["another component's exception in post-return", 134, uncaught],
  ["a destructor's exception", 134, uncaught],
  ["its own exception in realloc", 134, uncaught],
  ["its own function", 134, "wasm trap: cannot enter component instance"],
  ["thrown", 134, uncaught],
  ["thrown when it is instantiated", 134, uncaught],
  ["thrown by a start function", 1, "thrown Wasm exception"],
  ["thrown by _start", 1, "thrown Wasm exception"],
];

for (const host of here) {
  describe(`what a guest catches or throws on ${host.name}`, { skip: host.skip }, () => {
    const waits = host.name === "binary" ? ["blocking"] : ["blocking", "suspending"];
    for (const [name, expected, message, ...options] of waits.flatMap((wait) =>
      cases.map(
        ([name, status, message, ...options]) => [name, status, message, ...options, `--wait=${wait}`] as const,
      ),
    )) {
      it(`${name}: ${message ?? `status ${expected}`} ${options.join(" ")}`, async () => {
        const { status, stdout, stderr } = await run(host, files[name]!, { flags: options });
        assert.deepEqual(
          { status, stdout: stdout.toString(), message: chain(stderr).at(-1) },
          { status: expected, stdout: "", message },
        );
      });
    }
  });
}
