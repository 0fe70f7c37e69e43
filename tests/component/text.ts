/** Components written as text in a test. */
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { parseComponent } from "../../src/component/binary/parse.ts";
import type { HostImports } from "../../src/component/host.ts";
import { CompiledComponent } from "../../src/component/link/compiled.ts";
import { type ComponentInstance, instantiateComponent } from "../../src/component/link/instantiate.ts";

export async function binary(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await parse(text));
}

export async function instantiateText(text: string, imports: HostImports = {}): Promise<ComponentInstance> {
  return instantiateComponent(new CompiledComponent(parseComponent(await binary(text))), imports);
}

type Function = (...args: unknown[]) => unknown;

/** An exported function, by its name in JS. */
export function exported(instance: ComponentInstance, name: string): Function {
  const found = instance.exports[name];
  if (typeof found !== "function") throw new Error(`no export ${name}`);
  return found as Function;
}

/** A core module with a memory and an allocator that never frees, `$libc`, instantiated as `$l`. */
export const libc = `
  (core module $libc
    (memory (export "memory") 2)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $top (i32.add (local.get $at) (local.get $size)))
      (block $fits
        (br_if $fits (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
        (br_if $fits (i32.ne
          (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1)))
          (i32.const -1)))
        (unreachable))
      (memory.copy (local.get $at) (local.get $old)
        (select (local.get $old-size) (local.get $size) (i32.lt_u (local.get $old-size) (local.get $size))))
      (local.get $at)))
  (core instance $l (instantiate $libc))`;

export const canonOptions = '(memory (core memory $l "memory")) (realloc (core func $l "realloc"))';
