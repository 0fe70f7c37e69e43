/** Core modules of WASI 0.3 that no toolchain makes, as text, and components of them by the names that wit-component knows. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco-transpile/wasm-tools";

const PACKAGES = ["cli", "clocks", "filesystem", "random", "sockets"] as const;
/** As jco has its WIT. */
const VERSION = "0.3.0";

/** The packages of WASI 0.3, as if they were of that version. */
function packages(version: string): string {
  const folder = new URL(`../lib/wit/builtin/${VERSION}/`, import.meta.resolve("@bytecodealliance/jco"));
  const nested = PACKAGES.map((name) => {
    const text = readFileSync(fileURLToPath(new URL(`wasi-${name}/package.wit`, folder)), "utf8");
    return `${text.replaceAll(/@(unstable|since|deprecated)\([^)]*\)/g, "").replace(/^package ([^;]*);/m, "package $1 {")}\n}`;
  });
  return nested.join("\n").replaceAll(`@${VERSION}`, `@${version}`);
}

/** How it waits: inside, by a set or by reads and writes that block, and how `run` is lifted. */
export type Way =
  /** With a callback that is never called: it waits for a set inside. */
  | "a set inside a callback lift"
  /** Without one: reads and writes block. */
  | "a stackful lift"
  /** A sync lift of an async function: the same. */
  | "a sync lift";

/** A component that connects to 127.0.0.1 and echoes until the peer ends, by its own reads and writes. */
export async function echoClient(way: Way, port: number, version = VERSION): Promise<Uint8Array> {
  const run = `wasi:cli/run@${version}`;
  return component(
    `import wasi:sockets/types@${version}; export ${run};`,
    version,
    echoModule(way, port, version, run),
  );
}

async function component(world: string, version: string, module: string): Promise<Uint8Array> {
  const witSource = `package a:b; world root { ${world} }\n${packages(version)}`;
  const binary = new Uint8Array(await parse(module));
  return new Uint8Array(await componentNew(await componentEmbed({ binary, witSource, world: "root" })));
}

/** A component with async functions for `--invoke`: one that answers later, at once or never. */
export function answers(): Promise<Uint8Array> {
  const clock = `wasi:clocks/monotonic-clock@${VERSION}`;
  const world = `import ${clock}; export later: async func(ns: u64, value: u32) -> u32; export never: async func();`;
  const module = `(module
    (import "${clock}" "[async-lower]wait-for" (func $wait-for (param i64) (result i32)))
    (import "$root" "[waitable-set-new]" (func $set-new (result i32)))
    (import "$root" "[waitable-join]" (func $join (param i32 i32)))
    (import "[export]$root" "[task-return]later" (func $return (param i32)))
    (memory (export "memory") 1)
    (global $value (mut i32) (i32.const 0))
    (func (export "[async-lift]later") (param $ns i64) (param $value i32) (result i32)
      (local $status i32) (local $set i32)
      (local.set $status (call $wait-for (local.get $ns)))
      (if (i32.eq (local.get $status) (i32.const 2)) (then
        (call $return (local.get $value))
        (return (i32.const 0))))
      (global.set $value (local.get $value))
      (local.set $set (call $set-new))
      (call $join (i32.shr_u (local.get $status) (i32.const 4)) (local.get $set))
      (i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4))))
    (func (export "[callback][async-lift]later") (param i32 i32 i32) (result i32)
      (call $return (global.get $value))
      (i32.const 0))
    (func (export "[async-lift]never") (result i32)
      (i32.or (i32.const 2) (i32.shl (call $set-new) (i32.const 4))))
    (func (export "[callback][async-lift]never") (param i32 i32 i32) (result i32) unreachable))`;
  return component(world, VERSION, module);
}

function echoModule(way: Way, port: number, version: string, run: string): string {
  const sockets = `"wasi:sockets/types@${version}"`;
  const waits = way === "a set inside a callback lift";
  const lower = waits ? "[async-lower]" : "";
  // What waits: its packed result, at once or by an event.
  const outcome = (call: string, waitable: string) => (waits ? `(call $await ${call} ${waitable})` : call);
  const connect = waits
    ? `(i32.store (i32.const 128) (local.get $socket))
       (i32.store8 (i32.const 132) (i32.const 0))
       (i32.store16 (i32.const 136) (i32.const ${port}))
       (i32.store (i32.const 138) (i32.const 0x0100007f))
       (local.set $status (call $connect (i32.const 128) (i32.const 32)))
       (if (i32.ne (local.get $status) (i32.const 2)) (then
         (local.set $task (i32.shr_u (local.get $status) (i32.const 4)))
         (drop (call $await (i32.const -1) (local.get $task)))
         (call $subtask-drop (local.get $task))))`
    : `(call $connect (local.get $socket) (i32.const 0) (i32.const ${port})
         (i32.const 127) (i32.const 0) (i32.const 0) (i32.const 1)
         ${"(i32.const 0) ".repeat(6)} (i32.const 32))`;
  return `(module
    (import ${sockets} "[static]tcp-socket.create" (func $create (param i32 i32)))
    (import ${sockets} "${lower}[method]tcp-socket.connect"
      (func $connect (param ${waits ? "i32 i32) (result i32)" : `${"i32 ".repeat(14)})`}))
    (import ${sockets} "[method]tcp-socket.receive" (func $receive (param i32 i32)))
    (import ${sockets} "[method]tcp-socket.send" (func $send (param i32 i32) (result i32)))
    (import ${sockets} "[resource-drop]tcp-socket" (func $socket-drop (param i32)))
    (import ${sockets} "[stream-new-0][method]tcp-socket.send" (func $new (result i64)))
    (import ${sockets} "${lower}[stream-read-0][method]tcp-socket.receive" (func $read (param i32 i32 i32) (result i32)))
    (import ${sockets} "${lower}[stream-write-0][method]tcp-socket.send" (func $write (param i32 i32 i32) (result i32)))
    (import ${sockets} "[stream-drop-writable-0][method]tcp-socket.send" (func $writer-drop (param i32)))
    (import ${sockets} "[stream-drop-readable-0][method]tcp-socket.receive" (func $reader-drop (param i32)))
    (import ${sockets} "${lower}[future-read-1][method]tcp-socket.send" (func $future-read (param i32 i32) (result i32)))
    (import ${sockets} "[future-drop-readable-1][method]tcp-socket.send" (func $future-drop (param i32)))
    ${
      waits
        ? `(import "$root" "[waitable-set-new]" (func $set-new (result i32)))
           (import "$root" "[waitable-set-wait]" (func $set-wait (param i32 i32) (result i32)))
           (import "$root" "[waitable-set-drop]" (func $set-drop (param i32)))
           (import "$root" "[waitable-join]" (func $join (param i32 i32)))
           (import "$root" "[subtask-drop]" (func $subtask-drop (param i32)))`
        : ""
    }
    ${way === "a sync lift" ? "" : `(import "[export]${run}" "[task-return]run" (func $return (param i32)))`}
    (memory (export "memory") 2)
    (global $set (mut i32) (i32.const 0))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)

    (func $ok (param $result i32) (if (i32.load8_u (local.get $result)) (then unreachable)))
    ${
      waits
        ? `;; The packed result, or what the event of the waitable tells.
           (func $await (param $packed i32) (param $waitable i32) (result i32)
             (if (i32.ne (local.get $packed) (i32.const -1)) (then (return (local.get $packed))))
             (call $join (local.get $waitable) (global.get $set))
             (drop (call $set-wait (global.get $set) (i32.const 48)))
             (if (i32.ne (i32.load (i32.const 48)) (local.get $waitable)) (then unreachable))
             (call $join (local.get $waitable) (i32.const 0))
             (i32.load (i32.const 52)))`
        : ""
    }

    (func $future (param $future i32)
      (if ${outcome("(call $future-read (local.get $future) (i32.const 80))", "(local.get $future)")} (then unreachable))
      (call $ok (i32.const 80))
      (call $future-drop (local.get $future)))

    (func $echo
      (local $socket i32) (local $status i32) (local $task i32) (local $in i32) (local $received i32)
      (local $pair i64) (local $out i32) (local $sent i32) (local $packed i32) (local $count i32) (local $at i32)
      ${waits ? "(global.set $set (call $set-new))" : ""}
      (call $create (i32.const 0) (i32.const 16))
      (call $ok (i32.const 16))
      (local.set $socket (i32.load (i32.const 20)))
      ${connect}
      (call $ok (i32.const 32))
      (call $receive (local.get $socket) (i32.const 64))
      (local.set $in (i32.load (i32.const 64)))
      (local.set $received (i32.load (i32.const 68)))
      (local.set $pair (call $new))
      (local.set $out (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))
      (local.set $sent (call $send (local.get $socket) (i32.wrap_i64 (local.get $pair))))
      (loop $more
        (local.set $packed ${outcome("(call $read (local.get $in) (i32.const 4096) (i32.const 8192))", "(local.get $in)")})
        (local.set $count (i32.shr_u (local.get $packed) (i32.const 4)))
        (local.set $at (i32.const 0))
        (block $written (loop $rest
          (br_if $written (i32.eq (local.get $at) (local.get $count)))
          (local.set $at (i32.add (local.get $at) (i32.shr_u
            ${outcome(
              `(call $write (local.get $out) (i32.add (i32.const 4096) (local.get $at))
                 (i32.sub (local.get $count) (local.get $at)))`,
              "(local.get $out)",
            )}
            (i32.const 4))))
          (br $rest)))
        (br_if $more (i32.eqz (i32.and (local.get $packed) (i32.const 15)))))
      (call $writer-drop (local.get $out))
      (call $future (local.get $sent))
      (call $future (local.get $received))
      (call $reader-drop (local.get $in))
      (call $socket-drop (local.get $socket))
      ${waits ? "(call $set-drop (global.get $set))" : ""})

    ${exported(way, run)})`;
}

function exported(way: Way, run: string): string {
  switch (way) {
    case "a sync lift":
      return `(func (export "${run}#run") (result i32) (call $echo) (i32.const 0))`;
    case "a stackful lift":
      return `(func (export "[async-lift-stackful]${run}#run") (call $echo) (call $return (i32.const 0)))`;
    case "a set inside a callback lift":
      return `(func (export "[async-lift]${run}#run") (result i32) (call $echo) (call $return (i32.const 0)) (i32.const 0))
        (func (export "[callback][async-lift]${run}#run") (param i32 i32 i32) (result i32) unreachable)`;
  }
}
