import { dlopen, type FFIFunction, toArrayBuffer } from "bun:ffi";
import { deserialize, serialize } from "bun:jsc";
import process from "node:process";
import type { Machine, SuspendingMachine } from "./contract.ts";
import type { Machines, Parts } from "./machines.ts";
import type { Ffi } from "./posix/ffi.ts";
import { createPosixMachine, type MachineOptions } from "./posix/machine.ts";
import { findOs, type Platform } from "./posix/platform.ts";
import type { CSignature, CType, Functions } from "./posix/symbols.ts";
import { UnsupportedRuntime } from "./unsupported-runtime.ts";
import { workerUrl } from "./worker-url.ts";

/** @throws UnsupportedRuntime on an OS without a table. */
export function platform(): Platform {
  return { ffi, os: findOs(process.platform, process.arch) };
}

/** The machine of a guest that holds the thread while it waits. @throws UnsupportedRuntime as `platform`. */
export async function createMachine(options?: MachineOptions): Promise<Machine> {
  return createPosixMachine(platform(), options);
}

/** The machine of a guest that is suspended while it waits. @throws UnsupportedRuntime as `platform`, and without epoll. */
export async function createSuspendingMachine(parts?: Parts): Promise<SuspendingMachine> {
  const { createSuspendingPosixMachine } = await import("./posix/suspending-machine.ts");
  return createSuspendingPosixMachine(platform(), workerUrl("bun-waiter"), parts);
}

export const machines: Machines = {
  blocking: (_size, _threads, parts) => createMachine({ parts }),
  suspending: {
    posix: createSuspendingMachine,
    evented: async () => (await import("./evented/bun.ts")).eventedMachine(),
  },
};

/**
 * A file's bytes, by mmap(2) and a copy. Undefined: it cannot be mapped, or is not called a module: a named pipe must not be
 * opened twice.
 */
export function mapFile(path: string): Uint8Array<ArrayBuffer> | undefined {
  return path.endsWith(".wasm") ? map(path) : undefined;
}

function map(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Bun.mmap(path, { shared: false }).slice();
  } catch {
    return undefined;
  }
}

/** Put there by build.ts. */
declare const POLLUX_BUILD: string;

/** What `-C cache` needs; undefined where Pollux was not built, so that nothing could say whose what is kept is. */
export const cacheTools =
  typeof POLLUX_BUILD === "undefined"
    ? undefined
    : {
        build: POLLUX_BUILD,
        read: map,
        write: (path: string, bytes: Uint8Array) => Bun.write(path, bytes),
        serialize: (value: unknown) => new Uint8Array(serialize(value)),
        deserialize: (bytes: Uint8Array) => deserialize(bytes) as unknown,
        sha256: (content: Uint8Array | string) => Bun.CryptoHasher.hash("sha256", content, "hex"),
      };

const types = { int: "i32", size: "i32", long: "i64", pointer: "ptr" } as const satisfies Record<CType, string>;

/** bun:ffi. Addresses are numbers. */
export const ffi: Ffi = {
  fewParameters: false,
  null: 0,
  open(libraries, table) {
    return openFirst(libraries, table) as Functions<typeof table>;
  },
  address: (pointer) => BigInt(pointer as number),
  pointer: (address) => Number(address),
  view: (pointer, length) => toArrayBuffer(pointer as number, 0, length),
};

function openFirst(libraries: readonly string[], table: Readonly<Record<string, CSignature>>): object {
  const declarations: Record<string, FFIFunction> = {};
  for (const [name, { parameters, result }] of Object.entries(table)) {
    declarations[name] = { args: parameters.map((type) => types[type]), returns: types[result] };
  }
  const failures: string[] = [];
  for (const library of libraries) {
    try {
      return dlopen(library, declarations).symbols;
    } catch (error) {
      failures.push(String(error));
    }
  }
  throw new UnsupportedRuntime(`Pollux cannot load the C library of this system: ${failures.join("; ")}`);
}
