/** Guests that show what a limit or a switch of the command line does, as text. */
import { canonOptions, libc } from "../component/text.ts";
import { command } from "./here.ts";

/** Answers an error unless the value of `name` in wasi:config begins with a v. */
export const CONFIG = `(component
  (import "wasi:config/store@0.2.0-rc.1" (instance $store
    (type $upstream (variant (case "upstream" string) (case "io" string)))
    (export "error" (type $error (eq $upstream)))
    (export "get" (func (param "key" string) (result (result (option string) (error $error)))))))
  (core module $libc (memory (export "memory") 1) (data (i32.const 0) "name")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 64))
  (core instance $l (instantiate $libc))
  (core func $get (canon lower (func $store "get") (memory (core memory $l "memory")) (realloc (core func $l "realloc"))))
  (core module $m
    (import "h" "get" (func $get (param i32 i32 i32))) (import "h" "memory" (memory 1))
    (func (export "run") (result i32)
      (call $get (i32.const 0) (i32.const 4) (i32.const 16))
      (i32.ne (i32.load8_u (i32.const 64)) (i32.const 0x76))))
  (core instance $i (instantiate $m (with "h" (instance (export "get" (func $get)) (export "memory" (memory $l "memory"))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`;

/** A command that asks for 1,000 random bytes. */
export const RANDOM = `(component
    (import "wasi:random/random@0.2.0" (instance $random
      (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
    ${libc}
    (core func $bytes (canon lower (func $random "get-random-bytes") ${canonOptions}))
    (core module $m
      (import "h" "bytes" (func $bytes (param i64 i32)))
      (func (export "run") (result i32) (call $bytes (i64.const 1000) (i32.const 16)) (i32.const 0)))
    (core instance $i (instantiate $m (with "h" (instance (export "bytes" (func $bytes))))))
    (func $run (result (result)) (canon lift (core func $i "run")))
    (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`;

/** Traps, 99 calls deep. */
export const DEEP = `(module (func $deep (param i32)
      (if (i32.eqz (local.get 0)) (then unreachable)) (call $deep (i32.sub (local.get 0) (i32.const 1))))
    (func (export "_start") (call $deep (i32.const 98))))`;

/** Two memories and two tables in one instance. */
export const TWO = command("i32.const 0", "(memory 1) (memory 1) (table 1 funcref) (table 1 funcref)");
