/** The guest of async.ts, as text. */

export const asyncFile = "async.wasm";

/** What is measured, by the name of its export. */
export const asyncMeasures = {
  context: "guest: context.set and context.get",
  request: "guest: 64 B read and written by a callback, no kernel",
} as const;

const builtins: Readonly<Record<string, readonly [type: string, canon: string]>> = {
  "set.new": ["(result i32)", "waitable-set.new"],
  join: ["(param i32 i32)", "waitable.join"],
  "context.get": ["(result i32)", "context.get i32 0"],
  "context.set": ["(param i32)", "context.set i32 0"],
  return: ["", "task.return"],
  new: ["(result i64)", "stream.new $bytes"],
  read: ["(param i32 i32 i32) (result i32)", 'stream.read $bytes async (memory (core memory $l "memory"))'],
  write: ["(param i32 i32 i32) (result i32)", 'stream.write $bytes async (memory (core memory $l "memory"))'],
  receive: ["(result i32)", "lower (func $receive)"],
  send: ["(param i32)", "lower (func $send)"],
};

const names = Object.keys(builtins);

export const asyncText = `(component
  (type $bytes (stream u8))
  (import "receive" (func $receive (result $bytes)))
  (import "send" (func $send (param "bytes" $bytes)))
  (core module $Libc (memory (export "memory") 2))
  (core instance $l (instantiate $Libc))
  ${names.map((name) => `(core func $${name} (canon ${builtins[name]![1]}))`).join("\n  ")}
  (core module $M
    (import "l" "memory" (memory 1))
    ${names.map((name) => `(import "" "${name}" (func $${name} ${builtins[name]![0]}))`).join("\n    ")}
    (global $left (mut i32) (i32.const 0)) (global $set (mut i32) (i32.const 0))
    (global $r (mut i32) (i32.const 0)) (global $w (mut i32) (i32.const 0))
    (func (export "context") (param $n i32)
      (loop $more
        (call $context.set (local.get $n))
        (local.set $n (i32.sub (call $context.get) (i32.const 1)))
        (br_if $more (local.get $n))))
    (func $begin (result i32)
      (drop (call $read (global.get $r) (i32.const 1024) (i32.const 65536)))
      (call $join (global.get $r) (global.get $set))
      (call $context.set (i32.const 1024))
      (i32.or (i32.const 2) (i32.shl (global.get $set) (i32.const 4))))
    (func (export "request") (param $n i32) (result i32) (local $pair i64)
      (global.set $left (local.get $n))
      (if (i32.eqz (global.get $set)) (then
        (global.set $set (call $set.new))
        (global.set $r (call $receive))
        ;; the first is there at once: later ones come after a short one, and wait
        (drop (call $read (global.get $r) (i32.const 1024) (i32.const 65536)))
        (local.set $pair (call $new))
        (global.set $w (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))
        (call $send (i32.wrap_i64 (local.get $pair)))))
      (call $begin))
    (func (export "back") (param $event i32) (param $index i32) (param $payload i32) (result i32)
      (local $at i32)
      (local.set $at (call $context.get))
      (call $context.set (i32.const 0))
      (call $join (local.get $index) (i32.const 0))
      (drop (call $write (global.get $w) (local.get $at) (i32.shr_u (local.get $payload) (i32.const 4))))
      (global.set $left (i32.sub (global.get $left) (i32.const 1)))
      (if (global.get $left) (then (return (call $begin))))
      (call $return)
      (i32.const 0)))
  (core instance $m (instantiate $M (with "l" (instance $l)) (with "" (instance
    ${names.map((name) => `(export "${name}" (func $${name}))`).join("\n    ")}))))
  (func (export "context") (param "n" u32) (canon lift (core func $m "context")))
  (func (export "request") async (param "n" u32) (canon lift (core func $m "request") async (callback (core func $m "back")))))`;
