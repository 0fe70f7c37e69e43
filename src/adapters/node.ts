/**
 * Node's machines: its sockets, files, streams and clock behind the interface that guests use. `run`, `serve` and `instantiate` make theirs of
 * this module, for each guest one; a program that hosts guests of another kind may do so, too.
 *
 * @module
 */
import process from "node:process";
import type { Machine, SuspendingMachine } from "../machine/machine.ts";
import type { MachineNeeds, Machines } from "../machine/machines.ts";
import { UnsupportedRuntime } from "../machine/unsupported-runtime.ts";
import type { Ffi } from "./posix/libc/ffi.ts";
import { findOs, type Platform } from "./posix/libc/platform.ts";
import type { CSignature, CType, Functions } from "./posix/libc/symbols.ts";
import { createPosixMachine, type MachineOptions } from "./posix/machine.ts";

type NodeFfi = typeof import("node:ffi");

/** @internal Returns the FFI and OS of this process. @throws UnsupportedRuntime on a Node before 26.1, which has no FFI, and on an OS without a table */
export function platform(): Platform {
  const os = findOs(process.platform, process.arch);
  return { ffi: openFfi(), os };
}

/**
 * Makes the machine of a guest that blocks the thread while it waits, over libc.
 *
 * @param options What of it is needed: all, unless given
 * @returns The machine, to be closed by `selector.close()`
 * @example
 * ```ts
 * import { createMachine } from "pollux/node";
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
 * import { createSuspendingMachine } from "pollux/node";
 *
 * const machine = await createSuspendingMachine();
 * machine.selector.close();
 * ```
 * @throws UnsupportedRuntime where there is no FFI, no epoll, or no table for the operating system; OutOfResources
 */
export async function createSuspendingMachine(needs?: MachineNeeds): Promise<SuspendingMachine> {
  const { createSuspendingPosixMachine } = await import("./posix/suspending-machine.ts");
  return createSuspendingPosixMachine(platform(), "bin/node-waiter", needs);
}

/** @internal For the programs and the library */
export const machines: Machines = {
  blocking: (_threads, needs) => createMachine({ needs }),
  suspending: {
    posix: createSuspendingMachine,
    evented: async () => (await import("./evented/node/machine.ts")).eventedMachine(),
  },
};

/** Opens node:ffi. @throws UnsupportedRuntime on a Node before 26.1 */
function openFfi(): Ffi {
  return createFfi(loadNodeFfi());
}

/**
 * Loads node:ffi, which warns once that it is experimental. Only that warning is kept from stderr: loading is
 * synchronous, so the replaced emitWarning sees only what loading emits.
 */
function loadNodeFfi(): NodeFfi {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    const loaded = process.getBuiltinModule?.("node:ffi") as NodeFfi | undefined;
    if (loaded !== undefined) return loaded;
  } finally {
    process.emitWarning = emitWarning;
  }
  throw new UnsupportedRuntime(
    `Pollux needs node:ffi, which Node has since 26.1 (this is ${process.version}): use that, Bun, Deno or Pollux's own binary`,
  );
}

const types = { int: "int32", size: "int32", long: "int64", pointer: "pointer" } as const satisfies Record<
  CType,
  string
>;

/** node:ffi. Addresses are bigints. */
function createFfi(nodeFfi: NodeFfi): Ffi {
  return {
    // From the fourth parameter on a call uses a generic wrapper: recv(2) takes 0.52 us, read(2) 0.36 us.
    fewParameters: true,
    null: 0n,
    open(_libraries, table) {
      // null: the process itself is linked with libc.
      try {
        const functions: object = nodeFfi.dlopen(null, declare(table)).functions;
        return functions as Functions<typeof table>;
      } catch (error) {
        throw new UnsupportedRuntime(`Pollux misses something in the C library of this system: ${error}`);
      }
    },
    address: (pointer) => pointer as bigint,
    pointer: (address) => address,
    pointerTo: (buffer) => nodeFfi.getRawPointer(new Uint8Array(buffer)),
    offset: (pointer, by) => (pointer as bigint) + BigInt(by),
    view: (pointer, length) => nodeFfi.toArrayBuffer(pointer as bigint, length, false),
  };
}

type NodeType = (typeof types)[CType];

function declare(table: Readonly<Record<string, CSignature>>) {
  const declarations: Record<string, { arguments: NodeType[]; return: NodeType }> = {};
  for (const [name, { parameters, result }] of Object.entries(table)) {
    declarations[name] = { arguments: parameters.map((type) => types[type]), return: types[result] };
  }
  return declarations;
}
