/** The same for handles: the callee has two resources, `r` and `s`, and the caller forges what it passes for them. */
import { LIST_OUTSIDE, type TrapCase, UNALIGNED } from "./between.ts";

/** What the callee exports: its type, its core type, and its body. */
const functions: Readonly<Record<string, readonly [type: string, core: string, body: string]>> = {
  make: ["(result (own $r))", "(result i32)", "(call $new-r (i32.const 42))"],
  "make-s": ["(result (own $s))", "(result i32)", "(call $new-s (i32.const 43))"],
  look: ['(param "x" (borrow $r))', "(param i32)", "(if (i32.ne (local.get 0) (i32.const 42)) (then (unreachable)))"],
  take: ['(param "x" (own $r))', "(param i32)", "(call $drop-r (local.get 0))"],
  both: ['(param "x" (borrow $r)) (param "y" (own $r))', "(param i32 i32)", ""],
  all: ['(param "x" (list (borrow $r)))', "(param i32 i32)", ""],
  "take-all": ['(param "x" (list (own $r)))', "(param i32 i32)", ""],
  maybe: ['(param "x" (option (own $r)))', "(param i32 i32)", ""],
  answer: ['(param "index" u32) (result (own $r))', "(param i32) (result i32)", "(local.get 0)"],
  drop: ['(param "index" u32)', "(param i32)", "(call $drop-r (local.get 0))"],
  rep: ['(param "index" u32)', "(param i32)", "(drop (call $rep-r (local.get 0)))"],
};

const names = Object.keys(functions);
const each = (write: (name: string, type: string, core: string, body: string) => string) =>
  names.map((name) => write(name, ...functions[name]!)).join("\n");
const libc = `(core module $libc
  (memory (export "memory") 2)
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096)))
  (core instance $l (instantiate $libc))`;
const options = '(memory (core memory $l "memory")) (realloc (core func $l "realloc"))';

function component(body: string): string {
  return `(component
    (component $Callee
      ${libc}
      (type $r' (resource (rep i32)))
      (type $s' (resource (rep i32)))
      (core func $new-r (canon resource.new $r'))
      (core func $new-s (canon resource.new $s'))
      (core func $drop-r (canon resource.drop $r'))
      (core func $rep-r (canon resource.rep $r'))
      (core module $m
        (import "h" "new-r" (func $new-r (param i32) (result i32)))
        (import "h" "new-s" (func $new-s (param i32) (result i32)))
        (import "h" "drop-r" (func $drop-r (param i32)))
        (import "h" "rep-r" (func $rep-r (param i32) (result i32)))
        ${each((name, _, core, code) => `(func (export "${name}") ${core} ${code})`)})
      (core instance $i (instantiate $m (with "h" (instance
        ${["new-r", "new-s", "drop-r", "rep-r"].map((name) => `(export "${name}" (func $${name}))`).join(" ")}))))
      (export $r "r" (type $r'))
      (export $s "s" (type $s'))
      ${each((name, type) => `(func (export "${name}") ${type} (canon lift (core func $i "${name}") ${options}))`)})
    (component $Caller
      (import "i" (instance $h
        (export "r" (type $r (sub resource)))
        (export "s" (type $s (sub resource)))
        ${each((name, type) => `(export "${name}" (func ${type}))`)}))
      (alias export $h "r" (type $r))
      ${libc}
      (core func $drop-own (canon resource.drop $r))
      ${each((name) => `(core func $${name} (canon lower (func $h "${name}") ${options}))`)}
      (core module $m
        (import "l" "memory" (memory 1))
        (import "h" "drop-own" (func $drop-own (param i32)))
        ${each((name, _, core) => `(import "h" "${name}" (func $${name} ${core}))`)}
        (func (export "run") (result i32) (local $x i32) (local $y i32) ${body} (i32.const 0)))
      (core instance $i (instantiate $m (with "l" (instance $l)) (with "h" (instance
        (export "drop-own" (func $drop-own)) ${each((name) => `(export "${name}" (func $${name}))`)}))))
      (func (export "run") (result (result)) (canon lift (core func $i "run"))))
    (instance $callee (instantiate $Callee))
    (instance $caller (instantiate $Caller (with "i" (instance $callee))))
    (instance (export "wasi:cli/run@0.2.0") (export "run" (func $caller "run"))))`;
}

const made = "(local.set $x (call $make))";
const x = "(local.get $x)";
/** Two words at 64. */
const stored = (first: string, second: string) =>
  `(i32.store (i32.const 64) ${first}) (i32.store (i32.const 68) ${second})`;

const unknown = (index: number) => `unknown handle index ${index >>> 0}`;
const wrongType = (index: number) =>
  `handle index ${index} used with the wrong type, expected guest-defined resource but found a different guest-defined resource`;
const borrowed = "cannot remove owned resource while borrowed";

const bodies: readonly (readonly [what: string, body: string, said: string | undefined])[] = [
  ...[0, 5, -1, 2 ** 28].flatMap((index) =>
    ["look", "take", "drop-own", "drop", "rep"].map(
      (name) => [`${name} ${index}`, `(call $${name} (i32.const ${index}))`, unknown(index)] as const,
    ),
  ),
  ["a result that is none", "(drop (call $answer (i32.const 7)))", unknown(7)],
  ["taken twice", `${made} (call $take ${x}) (call $take ${x})`, unknown(1)],
  ["dropped, then looked at", `${made} (call $drop-own ${x}) (call $look ${x})`, unknown(1)],
  ["dropped twice", `${made} (call $drop-own ${x}) (call $drop-own ${x})`, unknown(1)],
  ["another's looked at", "(call $look (call $make-s))", wrongType(1)],
  ["another's taken", "(call $take (call $make-s))", wrongType(1)],
  ["another's dropped", "(call $drop-own (call $make-s))", wrongType(1)],
  ["lent and given away", `${made} (call $both ${x} ${x})`, borrowed],
  ["lent twice", `${made} ${stored(x, x)} (call $all (i32.const 64) (i32.const 2))`, undefined],
  ["given away twice", `${made} ${stored(x, x)} (call $take-all (i32.const 64) (i32.const 2))`, unknown(1)],
  [
    "an unknown one in a list",
    `${made} ${stored(x, "(i32.const 9)")} (call $all (i32.const 64) (i32.const 2))`,
    unknown(9),
  ],
  ["a list behind the end", "(call $all (i32.const 131072) (i32.const 1))", LIST_OUTSIDE],
  ["a list not aligned", "(call $all (i32.const 17) (i32.const 1))", UNALIGNED],
  ["an unknown one in an option", "(call $maybe (i32.const 1) (i32.const 7))", unknown(7)],
  ["none of its own", "(call $maybe (i32.const 0) (i32.const 7))", undefined],
];

export const handleCases: readonly TrapCase[] = bodies.map(([what, body, said]) => ({
  what: `handles: ${what}`,
  text: component(body),
  said,
}));
