/** The guests of measure.ts, as text: commands of WASI 0.3 that are two components, of which one calls the other. */

/** A core function by its name: its type, and the canonical definition that makes it. */
type CoreFuncs = Readonly<Record<string, readonly [type: string, canon: string]>>;

interface Side {
  readonly imports?: string;
  readonly funcs: CoreFuncs;
  /** Of the core module. */
  readonly code: string;
  readonly exports: string;
}

interface Pair {
  readonly callee: Side;
  readonly caller: Side;
}

const memory = '(memory (core memory $libc "memory"))';

function component(name: string, { imports = "", funcs, code, exports }: Side): string {
  const all = Object.entries(funcs);
  return `(component ${name}
    (type $bytes (stream u8))
    ${imports}
    (core module $Libc (memory (export "memory") 2))
    (core instance $libc (instantiate $Libc))
    ${all.map(([func, [, canon]]) => `(core func $${func} (canon ${canon}))`).join("\n    ")}
    (core module $M
      (import "libc" "memory" (memory 2))
      ${all.map(([func, [type]]) => `(import "" "${func}" (func $${func} ${type}))`).join("\n      ")}
      ${code})
    (core instance $m (instantiate $M (with "libc" (instance $libc)) (with "" (instance
      ${all.map(([func]) => `(export "${func}" (func $${func}))`).join("\n      ")}))))
    ${exports})`;
}

function command({ callee, caller }: Pair): string {
  return `(component
  ${component("$Callee", callee)}
  ${component("$Caller", caller)}
  (instance $callee (instantiate $Callee))
  (instance $caller (instantiate $Caller (with "f" (func $callee "f"))))
  (instance $interface (export "run" (func $caller "run")))
  (export "wasi:cli/run@0.3.0" (instance $interface)))`;
}

const add = '(param "n" u32) (result u32)';
const called = (type: string) => `(import "f" (func $f ${type}))`;
const lift = (name: string, type: string, options = "") =>
  `(func (export "${name}") ${type} (canon lift (core func $m "${name}") ${options}))`;
const liftWithCallback = (name: string, type: string) =>
  lift(name, `async ${type}`, `async (callback (core func $m "${name}-back")) ${memory}`);
const waitFor = (set: string) => `(i32.or (i32.const 2) (i32.shl ${set} (i32.const 4)))`;

/** Calls `f` so often, each time with what it has returned, and waits for none of them outside. */
function callsInside(count: number, type: string): Side {
  return {
    imports: called(type),
    funcs: { f: ["(param i32) (result i32)", "lower (func $f)"] },
    code: `
      (func (export "run") (result i32) (local $left i32) (local $n i32)
        (local.set $left (i32.const ${count}))
        (loop $more
          (local.set $n (call $f (local.get $n)))
          (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (i32.ne (local.get $n) (i32.const ${count})))`,
    exports: lift("run", "async (result (result))"),
  };
}

const returnsSync = (type: string): Side => ({
  funcs: {},
  code: '(func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))',
  exports: lift("f", type),
});

const returning: CoreFuncs = { return: ["(param i32)", "task.return (result u32)"] };

const returnsAtOnce: Side = {
  funcs: returning,
  code: `
    (func (export "f") (param i32) (result i32) (call $return (i32.add (local.get 0) (i32.const 1))) (i32.const 0))
    (func (export "f-back") (param i32 i32 i32) (result i32) unreachable)`,
  exports: liftWithCallback("f", add),
};

/** It gives way once before it returns. */
const returnsLater: Side = {
  funcs: returning,
  code: `(global $n (mut i32) (i32.const 0))
    (func (export "f") (param i32) (result i32) (global.set $n (i32.add (local.get 0) (i32.const 1))) (i32.const 1))
    (func (export "f-back") (param i32 i32 i32) (result i32) (call $return (global.get $n)) (i32.const 0))`,
  exports: liftWithCallback("f", add),
};

const waiting: CoreFuncs = {
  "set.new": ["(result i32)", "waitable-set.new"],
  join: ["(param i32 i32)", "waitable.join"],
};

const runWithCallback = {
  funcs: { ...waiting, return: ["(param i32)", "task.return (result (result))"] } satisfies CoreFuncs,
  exports: liftWithCallback("run", "(result (result))"),
};

/** Calls `f` with `async`, one call after another, and returns to its host to wait, as the bindings of Rust do. */
function calls(count: number): Side {
  return {
    imports: called(`async ${add}`),
    funcs: {
      ...runWithCallback.funcs,
      f: ["(param i32 i32) (result i32)", `lower (func $f) async ${memory}`],
      drop: ["(param i32)", "subtask.drop"],
    },
    code: `(global $left (mut i32) (i32.const ${count})) (global $set (mut i32) (i32.const 0))
      (func $go (result i32) (local $state i32)
        (loop $more
          (if (i32.eqz (global.get $left)) (then
            (call $return (i32.ne (i32.load (i32.const 8)) (i32.const ${count})))
            (return (i32.const 0))))
          (global.set $left (i32.sub (global.get $left) (i32.const 1)))
          (local.set $state (call $f (i32.load (i32.const 8)) (i32.const 8)))
          (br_if $more (i32.eq (local.get $state) (i32.const 2))))
        (call $join (i32.shr_u (local.get $state) (i32.const 4)) (global.get $set))
        ${waitFor("(global.get $set)")})
      (func (export "run") (result i32) (global.set $set (call $set.new)) (call $go))
      (func (export "run-back") (param $event i32) (param $index i32) (param $state i32) (result i32)
        (call $drop (local.get $index))
        (call $go))`,
    exports: runWithCallback.exports,
  };
}

/** Its `f` returns a stream, to which it writes so many pieces of so many bytes. */
const writes = (count: number, piece: number): Side => ({
  funcs: {
    ...waiting,
    return: ["(param i32)", "task.return (result $bytes)"],
    new: ["(result i64)", "stream.new $bytes"],
    write: ["(param i32 i32 i32) (result i32)", `stream.write $bytes async ${memory}`],
    drop: ["(param i32)", "stream.drop-writable $bytes"],
  },
  code: `(global $left (mut i32) (i32.const ${count})) (global $set (mut i32) (i32.const 0)) (global $w (mut i32) (i32.const 0))
    (func $go (result i32)
      (loop $more
        (if (i32.eqz (global.get $left)) (then (call $drop (global.get $w)) (return (i32.const 0))))
        (global.set $left (i32.sub (global.get $left) (i32.const 1)))
        (i32.store (i32.const 1024) (global.get $left))
        (br_if $more (i32.ne (call $write (global.get $w) (i32.const 1024) (i32.const ${piece})) (i32.const -1))))
      ${waitFor("(global.get $set)")})
    (func (export "f") (result i32) (local $pair i64)
      (local.set $pair (call $new))
      (global.set $w (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))
      (global.set $set (call $set.new))
      (call $join (global.get $w) (global.get $set))
      (call $return (i32.wrap_i64 (local.get $pair)))
      (call $go))
    (func (export "f-back") (param $event i32) (param $index i32) (param $packed i32) (result i32) (call $go))`,
  exports: liftWithCallback("f", "(result $bytes)"),
});

/** Reads the stream of `f` to its end, so many bytes at a time. */
const reads = (count: number, piece: number): Side => ({
  imports: called("async (result $bytes)"),
  funcs: {
    ...runWithCallback.funcs,
    f: ["(param i32) (result i32)", `lower (func $f) async ${memory}`],
    read: ["(param i32 i32 i32) (result i32)", `stream.read $bytes async ${memory}`],
  },
  code: `(global $set (mut i32) (i32.const 0)) (global $r (mut i32) (i32.const 0)) (global $pieces (mut i32) (i32.const 0))
    ;; it counts a piece, where it is the one that was written then: else it traps
    (func $got (param $packed i32)
      (if (i32.shr_u (local.get $packed) (i32.const 4)) (then
        (global.set $pieces (i32.add (global.get $pieces) (i32.const 1)))
        (if (i32.ne (i32.add (i32.load (i32.const 1024)) (global.get $pieces)) (i32.const ${count})) (then unreachable)))))
    (func $go (param $packed i32) (result i32)
      (loop $more
        (if (i32.eq (local.get $packed) (i32.const -1)) (then (return ${waitFor("(global.get $set)")})))
        (call $got (local.get $packed))
        (if (i32.eqz (i32.and (local.get $packed) (i32.const 15))) (then
          (local.set $packed (call $read (global.get $r) (i32.const 1024) (i32.const ${piece})))
          (br $more))))
      (call $return (i32.ne (global.get $pieces) (i32.const ${count})))
      (i32.const 0))
    (func (export "run") (result i32)
      (if (i32.ne (call $f (i32.const 8)) (i32.const 2)) (then unreachable))
      (global.set $r (i32.load (i32.const 8)))
      (global.set $set (call $set.new))
      (call $join (global.get $r) (global.get $set))
      (call $go (i32.const 0)))
    (func (export "run-back") (param $event i32) (param $index i32) (param $packed i32) (result i32)
      (call $go (local.get $packed)))`,
  exports: runWithCallback.exports,
});

/** How two components pass something, and the text of a command in which they do it so often. */
export interface Passing {
  readonly id: string;
  readonly title: string;
  /** So many take wasmtime half a second and more. */
  readonly count: number;
  readonly text: (count: number) => string;
}

export const passings: readonly Passing[] = [
  {
    id: "between-sync",
    title: "calls between components, of no async type",
    count: 60_000_000,
    text: (count) => command({ callee: returnsSync(add), caller: callsInside(count, add) }),
  },
  {
    id: "between-inside",
    title: "calls of an async function, async on neither side",
    count: 60_000_000,
    text: (count) => command({ callee: returnsSync(`async ${add}`), caller: callsInside(count, `async ${add}`) }),
  },
  {
    id: "between-async",
    title: "calls with async that return at once",
    count: 500_000,
    text: (count) => command({ callee: returnsAtOnce, caller: calls(count) }),
  },
  {
    id: "between-later",
    title: "calls with async that return later",
    count: 500_000,
    text: (count) => command({ callee: returnsLater, caller: calls(count) }),
  },
  ...(
    [
      ["64", 64, 1_000_000],
      ["64k", 65_536, 600_000],
    ] as const
  ).map(([name, piece, pieces]) => ({
    id: `between-stream-${name}`,
    title: `pieces of ${piece < 1024 ? `${piece} B` : `${piece / 1024} KiB`} by a stream`,
    count: pieces,
    text: (count: number) => command({ callee: writes(count, piece), caller: reads(count, piece) }),
  })),
];
