/**
 * Deno's machines: its sockets, files, streams and clock behind the interface that guests use. `run`, `serve` and `instantiate` make theirs of
 * this module, for each guest one; a program that hosts guests of another kind may do so, too.
 *
 * @module
 */
import type { Machine, SuspendingMachine } from "../machine/machine.ts";
import type { MachineNeeds, Machines } from "../machine/machines.ts";
import { UnsupportedRuntime } from "../machine/unsupported-runtime.ts";
import type { Ffi } from "./posix/libc/ffi.ts";
import { findOs, type Platform } from "./posix/libc/platform.ts";
import type { CSignature, CType, Functions } from "./posix/libc/symbols.ts";
import { createPosixMachine, type MachineOptions } from "./posix/machine.ts";
import { granted } from "./process/granted.ts";

/** @internal Returns the FFI and OS of this process. @throws UnsupportedRuntime without --allow-ffi, and on an OS without a table */
export function platform(): Platform {
  return { ffi, os: findOs(Deno.build.os, Deno.build.arch === "x86_64" ? "x64" : "arm64") };
}

/**
 * Makes the machine of a guest that blocks the thread while it waits, over libc.
 *
 * @param options What of it is needed: all, unless given
 * @returns The machine, to be closed by `selector.close()`
 * @example
 * ```ts
 * import { createMachine } from "pollux/deno";
 *
 * const machine = await createMachine();
 * console.log(machine.now() > 0); // true
 * machine.selector.close();
 * ```
 * @throws UnsupportedRuntime where there is no FFI, or no table for the operating system
 */
export async function createMachine(options?: MachineOptions): Promise<Machine> {
  return createPosixMachine(platform(), options);
}

/**
 * Makes the machine of a guest whose stack is suspended while it waits, over libc.
 *
 * @param needs What of it is needed: all, unless given
 * @returns The machine, to be closed by `selector.close()`
 * @example
 * ```ts
 * import { createSuspendingMachine } from "pollux/deno";
 *
 * const machine = await createSuspendingMachine();
 * machine.selector.close();
 * ```
 * @throws UnsupportedRuntime where there is no FFI, no epoll, or no table for the operating system; OutOfResources
 */
export async function createSuspendingMachine(needs?: MachineNeeds): Promise<SuspendingMachine> {
  const { createSuspendingPosixMachine } = await import("./posix/suspending-machine.ts");
  return createSuspendingPosixMachine(platform(), "bin/deno-waiter", needs);
}

/** @internal For the programs and the library */
export const machines: Machines = {
  blocking: (_threads, needs) => createMachine({ needs }),
  suspending: {
    posix: createSuspendingMachine,
    evented: async () => (await import("./evented/deno/machine.ts")).eventedMachine(),
  },
};

/** "pointer" (pointer objects) takes 0.03 us less per call than "usize" (bigint), and 0.2 us less than "u64". */
const types = { int: "i32", size: "i32", long: "i64", pointer: "pointer" } as const satisfies Record<
  CType,
  Deno.NativeResultType
>;

/** Deno.dlopen. Addresses are pointer objects, null for NULL. */
const ffi: Ffi = {
  fewParameters: false,
  null: null,
  open(libraries, table) {
    return openFirst(libraries, table) as Functions<typeof table>;
  },
  address: (pointer) => Deno.UnsafePointer.value(pointer as Deno.PointerValue),
  pointer: (address) => Deno.UnsafePointer.create(address),
  pointerTo: (buffer) => Deno.UnsafePointer.of(new Uint8Array(buffer as ArrayBuffer)),
  offset: (pointer, by) => Deno.UnsafePointer.offset(pointer as Deno.PointerObject, by),
  view: (pointer, length) => Deno.UnsafePointerView.getArrayBuffer(pointer as Deno.PointerObject, length),
};

function openFirst(libraries: readonly string[], table: Readonly<Record<string, CSignature>>): object {
  // Without it Pollux continues with Deno's own sockets.
  if (!granted({ name: "ffi" }))
    throw new UnsupportedRuntime("Pollux calls libc on Deno: allow it with --allow-ffi (or use -A)");
  const declarations: Record<string, Deno.ForeignFunction> = {};
  for (const [name, { parameters, result }] of Object.entries(table)) {
    declarations[name] = { parameters: parameters.map((type) => types[type]), result: types[result] };
  }
  const failures: string[] = [];
  for (const library of libraries) {
    try {
      return Deno.dlopen(library, declarations).symbols;
    } catch (error) {
      failures.push(String(error));
    }
  }
  throw new UnsupportedRuntime(`Pollux cannot load the C library of this system: ${failures.join("; ")}`);
}
