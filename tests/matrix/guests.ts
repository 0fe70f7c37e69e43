/** The guests of the matrix: each does one thing whose effect is seen at once. */
import { command, textGuest } from "../cli/here.ts";
import { CONFIG, DEEP, RANDOM, TWO } from "../cli/texts.ts";

const preview1 = (...functions: readonly (readonly [name: string, type: string])[]) =>
  functions.map(([name, type]) => `(import "wasi_snapshot_preview1" "${name}" (func $${name} ${type}))`).join("\n");
const FOUR = "(param i32 i32 i32 i32) (result i32)";

const codes = [
  ...["unknown", "access-denied", "not-supported", "invalid-argument", "out-of-memory", "timeout"],
  ...["concurrency-conflict", "not-in-progress", "would-block", "invalid-state", "new-socket-limit"],
  ...["address-not-bindable", "address-in-use", "remote-unreachable", "connection-refused", "connection-reset"],
  ...["connection-aborted", "datagram-too-large", "name-unresolvable", "temporary-resolver-failure"],
  "permanent-resolver-failure",
].map((code) => `"${code}"`);

const texts = {
  /** Prints the file hello.txt of the directory that is its descriptor 3. */
  file: `(module ${preview1(
    ["path_open", "(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)"],
    ["fd_read", FOUR],
    ["fd_write", FOUR],
    ["proc_exit", "(param i32)"],
  )}
    (memory (export "memory") 1) (data (i32.const 64) "hello.txt")
    (func (export "_start")
      (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 9) (i32.const 0)
          (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32))
        (then (call $proc_exit (i32.const 9))))
      (i32.store (i32.const 0) (i32.const 128)) (i32.store (i32.const 4) (i32.const 100))
      (drop (call $fd_read (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`,
  /** Exits with 40 and the number of sockets that are its descriptors 3 and up. */
  sockets: `(module ${preview1(["fd_fdstat_get", "(param i32 i32) (result i32)"], ["proc_exit", "(param i32)"])}
    (memory (export "memory") 1)
    (func (export "_start") (local $fd i32)
      (local.set $fd (i32.const 3))
      (block $none (loop $next
        (br_if $none (call $fd_fdstat_get (local.get $fd) (i32.const 0)))
        (br_if $none (i32.ne (i32.load8_u (i32.const 0)) (i32.const 6)))
        (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
        (br $next)))
      (call $proc_exit (i32.add (local.get $fd) (i32.const 37)))))`,
  /** Writes to standard error. */
  stderr: `(module ${preview1(["fd_write", FOUR])}
    (memory (export "memory") 1) (data (i32.const 0) "\\08\\00\\00\\00\\05\\00\\00\\00said\\n")
    (func (export "_start") (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 32)))))`,
  loop: command("(loop (br 0)) unreachable"),
  module: `(module (memory 2) (table 2 funcref)
    (func (export "_start"))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`,
  /** To be preloaded, and what it is preloaded for. */
  seven: `(module (func (export "seven") (result i32) (i32.const 7)))`,
  user: `(module (import "lib" "seven" (func $seven (result i32)))
    (func (export "_start") (if (i32.ne (call $seven) (i32.const 7)) (then unreachable))))`,
  unstable: `(module (import "wasi_unstable" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
    (func (export "_start") (call $exit (i32.const 3))))`,
  /** Imports what nobody provides, and calls it. */
  unknown: `(module (import "a" "f" (func $f (result i32)))
    (func (export "_start") (if (call $f) (then unreachable))))`,
  adder: `(component
    (core module $m (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
    (core instance $i (instantiate $m))
    (func (export "add") (param "x" u32) (param "y" u32) (result u32) (canon lift (core func $i "add"))))`,
  grow: `(module (memory 1) (func (export "_start") (drop (memory.grow (i32.const 1)))))`,
  relaxed: `(module (func (export "_start"))
    (func (param v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 0))))`,
  tail: `(module (func (export "_start")) (func $f (return_call $f)))`,
  two: TWO,
  deep: DEEP,
  random: RANDOM,
  config: CONFIG,
  /** Only its imports count. */
  "error-code": `(component
    (import "wasi:io/error@0.2.0" (instance $io (export "error" (type (sub resource)))))
    (alias export $io "error" (type $error))
    (import "wasi:sockets/network@0.2.0" (instance
      (alias outer 1 $error (type $outer)) (export "error" (type $io (eq $outer)))
      (type $code (enum ${codes.join(" ")})) (export "error-code" (type $exported (eq $code)))
      (export "network-error-code" (func (param "err" (borrow $io)) (result (option $exported))))))
    (core module $m (func (export "run") (result i32) (i32.const 0)))
    (core instance $i (instantiate $m))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`,
} as const;

export type TextGuest = keyof typeof texts;

/** Writes them into the directory. Answers where each is. */
export async function writeGuests(directory: string): Promise<Readonly<Record<TextGuest, string>>> {
  const names = Object.keys(texts) as TextGuest[];
  const paths = await Promise.all(names.map(async (name) => [name, await textGuest(directory, name, texts[name])]));
  return Object.fromEntries(paths) as Record<TextGuest, string>;
}
