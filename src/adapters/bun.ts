/**
 * Bun's machines: its sockets, files, streams and clock behind the interface that guests use. `run`, `serve` and `instantiate` make theirs of
 * this module, for each guest one; a program that hosts guests of another kind may do so, too.
 *
 * @module
 */
import type { FFIFunction } from "bun:ffi";
import process from "node:process";
import type { Machine, SuspendingMachine } from "../machine/machine.ts";
import type { MachineNeeds, Machines } from "../machine/machines.ts";
import { UnsupportedRuntime } from "../machine/unsupported-runtime.ts";
import { Files } from "./bun-files.ts";
import type { Ffi } from "./posix/libc/ffi.ts";
import { findOs, type Platform } from "./posix/libc/platform.ts";
import type { CSignature, CType, Functions } from "./posix/libc/symbols.ts";
import { createPosixMachine, type MachineOptions } from "./posix/machine.ts";

/** Bun's own modules. They are asked for by this, and not imported: bundlers for other runtimes do not know them. */
function builtin<M>(name: string): M {
  return process.getBuiltinModule(name) as M;
}

const bunFfi = builtin<typeof import("bun:ffi")>("bun:ffi");

/** @internal Returns the FFI and OS of this process. @throws UnsupportedRuntime on an OS without a table */
export function platform(): Platform {
  return { ffi, os: findOs(process.platform, process.arch) };
}

/**
 * Makes the machine of a guest that blocks the thread while it waits, over libc.
 *
 * @param options What of it is needed: all, unless given
 * @returns The machine, to be closed by `selector.close()`
 * @example
 * ```ts
 * import { createMachine } from "pollux/bun";
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
 * import { createSuspendingMachine } from "pollux/bun";
 *
 * const machine = await createSuspendingMachine();
 * machine.selector.close();
 * ```
 * @throws UnsupportedRuntime where there is no FFI, no epoll, or no table for the operating system; OutOfResources
 */
export async function createSuspendingMachine(needs?: MachineNeeds): Promise<SuspendingMachine> {
  const { createSuspendingPosixMachine } = await import("./posix/suspending-machine.ts");
  return createSuspendingPosixMachine(platform(), "bin/bun-waiter", needs);
}

/** @internal For the programs and the library */
export const machines: Machines = {
  blocking: (_threads, needs) => createMachine({ needs }),
  suspending: {
    posix: createSuspendingMachine,
    evented: async () => (await import("./evented/bun/machine.ts")).eventedMachine(),
  },
};

const files = new Files(platform);

/** @internal For the program */
export function readFile(path: string): Uint8Array<ArrayBuffer> | undefined {
  return files.read(path);
}

const bunJsc = () => builtin<typeof import("bun:jsc")>("bun:jsc");

/** Defined by build.ts. */
declare const POLLUX_BUILD: string;

/** @internal The tools of `-C cache`; undefined if Pollux was not built, as cached files could not be matched to a build. */
export const cacheTools =
  typeof POLLUX_BUILD === "undefined"
    ? undefined
    : {
        build: POLLUX_BUILD,
        readPrivate: (directory: string, name: string, most: number) => files.readPrivate(directory, name, most),
        serialize: (value: unknown) => new Uint8Array(bunJsc().serialize(value)),
        deserialize: (bytes: Uint8Array) => bunJsc().deserialize(bytes) as unknown,
        sha256: (content: Uint8Array | string) => Bun.CryptoHasher.hash("sha256", content, "hex"),
      };

const types = { int: "i32", size: "i32", long: "i64", pointer: "ptr" } as const satisfies Record<CType, string>;

/** bun:ffi. Addresses are numbers. */
const ffi: Ffi = {
  fewParameters: false,
  null: 0,
  open(libraries, table) {
    return openFirst(libraries, table) as Functions<typeof table>;
  },
  address: (pointer) => BigInt(pointer as number),
  pointer: (address) => Number(address),
  pointerTo: (buffer) => bunFfi.ptr(buffer),
  offset: (pointer, by) => (pointer as number) + by,
  view: (pointer, length) => bunFfi.toArrayBuffer(pointer as number, 0, length),
};

function openFirst(libraries: readonly string[], table: Readonly<Record<string, CSignature>>): object {
  const declarations: Record<string, FFIFunction> = {};
  for (const [name, { parameters, result }] of Object.entries(table)) {
    declarations[name] = { args: parameters.map((type) => types[type]), returns: types[result] };
  }
  const failures: string[] = [];
  for (const library of libraries) {
    try {
      return bunFfi.dlopen(library, declarations).symbols;
    } catch (error) {
      failures.push(String(error));
    }
  }
  throw new UnsupportedRuntime(`Pollux cannot load the C library of this system: ${failures.join("; ")}`);
}
