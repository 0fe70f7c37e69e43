/**
 * Ruby from its npm package, which is a library for JavaScript: modules that stand for the JavaScript that no job uses, and a main
 * module that calls it.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

type Signature = readonly [name: string, parameters: string, results: string];

const handle = "handle<js-abi-value>";
const outcome = `variant { success(${handle}), failure(${handle}) }`;

/** What it imports of `rb-js-abi-host`. */
const host: readonly Signature[] = [
  ["rb_wasm_throw_prohibit_rewind_exception", "i32 i32", ""],
  [`eval-js: func(code: string) -> ${outcome}`, "i32 i32 i32", ""],
  [`is-js: func(value: ${handle}) -> bool`, "i32", "i32"],
  [`instance-of: func(value: ${handle}, klass: ${handle}) -> bool`, "i32 i32", "i32"],
  [`global-this: func() -> ${handle}`, "", "i32"],
  [`int-to-js-number: func(value: s32) -> ${handle}`, "i32", "i32"],
  [`float-to-js-number: func(value: float64) -> ${handle}`, "f64", "i32"],
  [`string-to-js-string: func(value: string) -> ${handle}`, "i32 i32", "i32"],
  [`bool-to-js-bool: func(value: bool) -> ${handle}`, "i32", "i32"],
  [`proc-to-js-function: func(value: u32) -> ${handle}`, "i32", "i32"],
  [`rb-object-to-js-rb-value: func(raw-rb-abi-value: u32) -> ${handle}`, "i32", "i32"],
  [`js-value-to-string: func(value: ${handle}) -> string`, "i32 i32", ""],
  [`js-value-to-integer: func(value: ${handle}) -> variant { as-float(float64), bignum(string) }`, "i32 i32", ""],
  [`export-js-value-to-host: func(value: ${handle}) -> ()`, "i32", ""],
  [`import-js-value-from-host: func() -> ${handle}`, "", "i32"],
  [`js-value-typeof: func(value: ${handle}) -> string`, "i32 i32", ""],
  [`js-value-equal: func(lhs: ${handle}, rhs: ${handle}) -> bool`, "i32 i32", "i32"],
  [`js-value-strictly-equal: func(lhs: ${handle}, rhs: ${handle}) -> bool`, "i32 i32", "i32"],
  [
    `reflect-apply: func(target: ${handle}, this-argument: ${handle}, arguments: list<${handle}>) -> ${outcome}`,
    "i32 i32 i32 i32 i32",
    "",
  ],
  [`reflect-get: func(target: ${handle}, property-key: string) -> ${outcome}`, "i32 i32 i32 i32", ""],
  [
    `reflect-set: func(target: ${handle}, property-key: string, value: ${handle}) -> ${outcome}`,
    "i32 i32 i32 i32 i32",
    "",
  ],
];

const hostModule = `(module ${host
  .map(([name, from, to]) => `(func (export "${name}") (param ${from}) (result ${to}) unreachable)`)
  .join("\n")})`;

/** Handles are what they stand for. */
const handlesModule = `(module
  (func (export "resource_drop_js-abi-value") (param i32))
  (func (export "resource_new_rb-abi-value") (param i32) (result i32) local.get 0)
  (func (export "resource_get_rb-abi-value") (param i32) (result i32) local.get 0))`;

const RUBY_ARGUMENTS = ["ruby.wasm", "-EUTF-8", "-e_=0"];

/** Writes the modules, each once. Returns the options and the main module that run a program in Ruby. */
export async function rubyCommand(
  folder: string,
  ruby: string,
  name: string,
  program: string,
): Promise<{ readonly options: readonly string[]; readonly guest: string }> {
  const { parse } = await import("@bytecodealliance/jco");
  const write = async (file: string, text: string): Promise<string> => {
    const path = join(folder, `${file}.wasm`);
    writeFileSync(path, await parse(text));
    return path;
  };
  const preloads = [
    `rb-js-abi-host=${await write("ruby-host", hostModule)}`,
    `canonical_abi=${await write("ruby-handles", handlesModule)}`,
    `ruby=${ruby}`,
  ];
  const guest = await write(name, mainModule(`${program}\n$stdout.flush`));
  return { options: preloads.flatMap((each) => ["--preload", each]), guest };
}

function mainModule(program: string): string {
  const text = bytesOf(program);
  const list = RUBY_ARGUMENTS.map(bytesOf).map(
    (bytes, i) => `${allocated(bytes)}
      (i32.store offset=${i * 8} (local.get $list) (local.get $text))
      (i32.store offset=${i * 8 + 4} (local.get $list) (i32.const ${bytes.length}))`,
  );
  const evaluate = "rb-eval-string-protect: func(str: string) -> tuple<handle<rb-abi-value>, s32>";
  return `(module
    (import "ruby" "memory" (memory 0))
    (import "ruby" "cabi_realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "ruby" "ruby-init: func(args: list<string>) -> ()" (func $init (param i32 i32)))
    (import "ruby" "${evaluate}" (func $evaluate (param i32 i32) (result i32)))
    (func (export "_start") (local $text i32) (local $list i32)
      (local.set $list (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.const ${8 * list.length})))
      ${list.join("\n")}
      (call $init (local.get $list) (i32.const ${list.length}))
      ${allocated(text)}
      (if (i32.load offset=4 (call $evaluate (local.get $text) (i32.const ${text.length}))) (then unreachable))))`;
}

function bytesOf(text: string): readonly number[] {
  return [...new TextEncoder().encode(`${text}\0`)];
}

/** Code that leaves the address of these bytes in $text. */
function allocated(bytes: readonly number[]): string {
  const stores = bytes.map((byte, i) => `(i32.store8 offset=${i} (local.get $text) (i32.const ${byte}))`);
  return `(local.set $text (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (i32.const ${bytes.length})))
    ${stores.join(" ")}`;
}
