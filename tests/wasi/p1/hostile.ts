/** A module that passes its arguments on to any function of wasip1, and the calls of each with one pointer that is wrong. */
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { coreSignature, functionNames } from "../../../src/wasi/p1/abi/signatures.ts";

/** What stands in the module's memory, bytes from its start. */
const RESULT = 16;
/** An iovec of 16 bytes at 256. */
const IOVEC = 64;
/** An iovec whose buffer is out of bounds. */
const WILD_IOVEC = 72;
/** `f`, a path. */
const PATH = 128;
/** A subscription to the real-time clock: at once. */
const SUBSCRIPTION = 512;
const EVENT = 768;
const BUFFER = 1024;

export const OUT_OF_BOUNDS = 0xfffffff0;
const BEHIND = 65536;

type Argument = number | bigint | { readonly pointer: number; readonly align: number };

const at = (pointer: number, align = 1): Argument => ({ pointer, align });

/** A call of each function that is right, to descriptors that exist: 0 to 2, and 3, a directory without `f`. */
const calls: Readonly<Record<string, readonly Argument[]>> = {
  args_get: [at(RESULT, 4), at(BUFFER)],
  args_sizes_get: [at(RESULT, 4), at(RESULT + 4, 4)],
  environ_get: [at(RESULT, 4), at(BUFFER)],
  environ_sizes_get: [at(RESULT, 4), at(RESULT + 4, 4)],
  clock_res_get: [1, at(RESULT, 8)],
  clock_time_get: [1, 0n, at(RESULT, 8)],
  fd_advise: [0, 0n, 0n, 0],
  fd_allocate: [0, 0n, 0n],
  fd_close: [0],
  fd_datasync: [0],
  fd_fdstat_get: [0, at(RESULT, 8)],
  fd_fdstat_set_flags: [9, 0],
  fd_fdstat_set_rights: [0, 0n, 0n],
  fd_filestat_get: [0, at(RESULT, 8)],
  fd_filestat_set_size: [0, 0n],
  fd_filestat_set_times: [0, 0n, 0n, 0],
  fd_pread: [0, at(IOVEC, 4), 1, 0n, at(RESULT, 4)],
  fd_prestat_get: [3, at(RESULT, 4)],
  fd_prestat_dir_name: [3, at(BUFFER), 1],
  fd_pwrite: [1, at(IOVEC, 4), 1, 0n, at(RESULT, 4)],
  fd_read: [0, at(IOVEC, 4), 1, at(RESULT, 4)],
  fd_readdir: [3, at(BUFFER), 64, 0n, at(RESULT, 4)],
  fd_renumber: [9, 0],
  fd_seek: [0, 0n, 0, at(RESULT, 8)],
  fd_sync: [0],
  fd_tell: [0, at(RESULT, 8)],
  fd_write: [1, at(IOVEC, 4), 0, at(RESULT, 4)],
  path_create_directory: [3, at(PATH), 0],
  path_filestat_get: [3, 0, at(PATH), 1, at(RESULT, 8)],
  path_filestat_set_times: [3, 0, at(PATH), 1, 0n, 0n, 0],
  path_link: [3, 0, at(PATH), 1, 3, at(PATH), 1],
  path_open: [3, 0, at(PATH), 1, 0, 2n, 0n, 0, at(RESULT, 4)],
  path_readlink: [3, at(PATH), 1, at(BUFFER), 64, at(RESULT, 4)],
  path_remove_directory: [3, at(PATH), 1],
  path_rename: [3, at(PATH), 1, 3, at(PATH), 1],
  path_symlink: [at(PATH), 1, 9, at(PATH), 1],
  path_unlink_file: [3, at(PATH), 1],
  poll_oneoff: [at(SUBSCRIPTION, 8), at(EVENT, 8), 1, at(RESULT, 4)],
  proc_exit: [0],
  proc_raise: [6],
  sched_yield: [],
  random_get: [at(BUFFER), 16],
  sock_accept: [0, 0, at(RESULT, 4)],
  sock_recv: [0, at(IOVEC, 4), 1, 0, at(RESULT, 4), at(RESULT + 4, 2)],
  sock_send: [1, at(IOVEC, 4), 1, 0, at(RESULT, 4)],
  sock_shutdown: [0, 3],
};

/** Calls that are right for a listener, descriptor 3, and a connection with unread bytes, descriptor 5. */
export const socketCalls: Readonly<Record<string, readonly Argument[]>> = {
  sock_recv: [5, at(IOVEC, 4), 1, 0, at(RESULT, 4), at(RESULT + 4, 2)],
  sock_send: [5, at(IOVEC, 4), 1, 0, at(RESULT, 4)],
  fd_read: [5, at(IOVEC, 4), 1, at(RESULT, 4)],
  fd_write: [5, at(IOVEC, 4), 1, at(RESULT, 4)],
  sock_accept: [3, 0, at(RESULT, 4)],
};

export interface Call {
  /** `fd_read: parameter 1 out of bounds` */
  readonly name: string;
  readonly callee: string;
  readonly args: readonly (number | bigint)[];
}

/** Every function as it should be called, then with each of its pointers wrong, then with each of its small numbers. */
export function hostileCalls(of = calls): Call[] {
  return Object.entries(of).flatMap(([callee, args]) => {
    const right = args.map((arg) => (typeof arg === "object" ? arg.pointer : arg));
    const out: Call[] = [{ name: callee, callee, args: right }];
    const replace = (i: number, value: number | bigint, what: string) =>
      out.push({ name: `${callee}: parameter ${i} ${what}`, callee, args: right.with(i, value) });
    for (const [i, arg] of args.entries()) {
      if (typeof arg !== "object") {
        replace(i, typeof arg === "bigint" ? 0xffff_ffff_ffff_ffffn : 0xffffffff, "all ones");
        continue;
      }
      replace(i, OUT_OF_BOUNDS, "out of bounds");
      replace(i, BEHIND, "at the memory's end");
      if (arg.align > 1) replace(i, arg.pointer + 1, "misaligned");
      if (arg.pointer === IOVEC) replace(i, WILD_IOVEC, "a vector that leads out of bounds");
    }
    return out;
  });
}

export type WasiVersion = "wasi_snapshot_preview1" | "wasi_unstable";

/** Exports a function of the same name and type for each that it imports: all that `version` has. */
export async function forwarder(version: WasiVersion = "wasi_snapshot_preview1"): Promise<Uint8Array<ArrayBuffer>> {
  const names = functionNames.filter((name) => version !== "wasi_unstable" || name !== "sock_accept");
  const functions = names.map((name) => {
    const { params, results } = coreSignature(name);
    return { name, params, type: `(param ${params.join(" ")}) (result ${results.join(" ")})` };
  });
  const imports = functions.map(({ name, type }) => `(import "${version}" "${name}" (func $${name} ${type}))`);
  const exports = functions.map(({ name, params, type }) => {
    const args = params.map((_, i) => `(local.get ${i})`).join(" ");
    return `(func (export "${name}") ${type} (call $${name} ${args}))`;
  });
  const text = `(module ${imports.join("\n")} (memory (export "memory") 1) ${exports.join("\n")}
    (data (i32.const ${IOVEC}) "\\00\\01\\00\\00\\10\\00\\00\\00")
    (data (i32.const ${WILD_IOVEC}) "\\f0\\ff\\ff\\ff\\10\\00\\00\\00")
    (data (i32.const ${PATH}) "f"))`;
  return new Uint8Array(await parse(text));
}
