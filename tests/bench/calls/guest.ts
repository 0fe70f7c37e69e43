/**
 * The guest of the host-call benchmark, as text. Each of its exports makes `n` calls of one host function; `identity` is there
 * to be called itself. cabi_realloc answers the same address every time: what a call allocates is read at once, if at all.
 */

/** How the core module reaches its memory; the same for the component and for the hand-written host. */
const libc = `(module
  (memory (export "memory") 1)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16384)))`;

const returnArea = "(i32.const 32)";

/** One export that makes its parameter's number of calls of `call`, around it what is done once. */
function loop(name: string, call: string, before = "", after = ""): string {
  return `(func (export "${name}") (param $n i32) (local $handle i32) ${before}
    (loop $again ${call} (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) ${after})`;
}

const open = "(local.set $handle (call $open))";
const drop = "(call $drop (local.get $handle))";

const core = `(module
  (import "libc" "memory" (memory 1))
  (import "host" "now" (func $now (result i64)))
  (import "host" "add" (func $add (param i32 i32) (result i32)))
  (import "host" "value" (func $value (param i32) (result i32)))
  (import "host" "read" (func $read (param i32 i64 i32)))
  (import "host" "text" (func $text (param i32 i32 i32)))
  (import "host" "take" (func $take (param i32 i32)))
  (import "host" "open" (func $open (result i32)))
  (import "host" "drop" (func $drop (param i32)))
  (data (i32.const 64) "hello, component")
  ${loop("now", "(drop (call $now))")}
  ${loop("add", "(drop (call $add (local.get $n) (i32.const 7)))")}
  ${loop("value", "(drop (call $value (local.get $handle)))", open, drop)}
  ${loop("read", `(call $read (local.get $handle) (i64.const 64) ${returnArea})`, open, drop)}
  ${loop("text", `(call $text (i32.const 64) (i32.const 16) ${returnArea})`)}
  ${loop("take", "(call $take (i32.const 8192) (i32.const 1024))")}
  (func (export "identity") (param i32) (result i32) (local.get 0)))`;

/** The core modules alone, for a host that writes its trampolines by hand. */
export const coreModules = { libc, core } as const;

const named = (text: string, name: string): string => text.replace("(module", `(core module $${name}`);

const memory = '(memory (core memory $libc "memory"))';
const realloc = '(realloc (core func $libc "realloc"))';

export const componentText = `(component
  (import "bench:calls/host" (instance $host
    (export "counter" (type $counter (sub resource)))
    (type $failure' (variant (case "closed") (case "failed" u32)))
    (export "failure" (type $failure (eq $failure')))
    (export "now" (func (result u64)))
    (export "add" (func (param "a" u32) (param "b" u32) (result u32)))
    (export "[method]counter.value" (func (param "self" (borrow $counter)) (result u32)))
    (export "[method]counter.read"
      (func (param "self" (borrow $counter)) (param "length" u64) (result (result (list u8) (error $failure)))))
    (export "text" (func (param "text" string) (result string)))
    (export "take" (func (param "bytes" (list u8))))
    (export "open" (func (result (own $counter))))))
  (alias export $host "counter" (type $counter))
  ${named(libc, "Libc")}
  (core instance $libc (instantiate $Libc))
  (core func $now (canon lower (func $host "now")))
  (core func $add (canon lower (func $host "add")))
  (core func $value (canon lower (func $host "[method]counter.value")))
  (core func $read (canon lower (func $host "[method]counter.read") ${memory} ${realloc}))
  (core func $text (canon lower (func $host "text") ${memory} ${realloc}))
  (core func $take (canon lower (func $host "take") ${memory}))
  (core func $open (canon lower (func $host "open")))
  (core func $drop (canon resource.drop $counter))
  ${named(core, "Guest")}
  (core instance $guest (instantiate $Guest
    (with "libc" (instance $libc))
    (with "host" (instance
      (export "now" (func $now))
      (export "add" (func $add))
      (export "value" (func $value))
      (export "read" (func $read))
      (export "text" (func $text))
      (export "take" (func $take))
      (export "open" (func $open))
      (export "drop" (func $drop))))))
  ${["now", "add", "value", "read", "text", "take"]
    .map((name) => `(func (export "loop-${name}") (param "n" u32) (canon lift (core func $guest "${name}")))`)
    .join("\n  ")}
  (func (export "identity") (param "x" u32) (result u32) (canon lift (core func $guest "identity"))))`;

/** What is called, by the name of the export. */
export const signatures = {
  now: "host () -> u64",
  add: "host (u32, u32) -> u32",
  value: "host (borrow) -> u32",
  read: "host (borrow, u64) -> result<list<u8>, variant>, 64 B",
  text: "host (string) -> string, 16 B",
  take: "host (list<u8>), 1 KiB",
  identity: "guest (u32) -> u32",
} as const;

export type Signature = keyof typeof signatures;

export const signatureNames = Object.keys(signatures) as Signature[];
