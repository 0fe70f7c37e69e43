/**
 * Traces of core modules. A function of wasip1 takes numbers, so what they mean stands here, once for all 45: the names of the
 * parameters (typenames.witx), and how each is shown.
 *
 * - `name`: a number
 * - `name:path`: a pointer and a length, a string
 * - `name:iovs`: a pointer and a count, of buffers that are filled; `name:ciovs`: of buffers that are written
 * - `name:subscriptions`: what poll_oneoff waits for, with where the events go and how many there are
 * - `name:u32`, `name:u64`: a pointer to what the function answers
 * - `name:struct`: a pointer to more than that, not shown
 */
import type { Waiting } from "../core/wait/waiting.ts";
import { errno } from "../wasi/p1/abi/errno.ts";
import { iovec, type Layout, preview1Layout, unstableLayout } from "../wasi/p1/abi/layout.ts";
import type { GuestMemory } from "../wasi/p1/abi/memory.ts";
import { mayWait } from "../wasi/p1/abi/signatures.ts";
import type { Preview1Function } from "../wasi/p1/context.ts";
import type { Preview1Imports } from "../wasi/p1/imports.ts";
import { wrapFunctions } from "../wasi/p1/wrap-functions.ts";
import { guestLane } from "./handles.ts";
import { Bytes, integer, type Shown, Word } from "./shown.ts";
import type { Tracer } from "./tracer.ts";

const parameters: Readonly<Record<string, string>> = {
  args_get: "argv:struct argv-buf:struct",
  args_sizes_get: "argc:u32 size:u32",
  environ_get: "environ:struct environ-buf:struct",
  environ_sizes_get: "count:u32 size:u32",
  clock_res_get: "id resolution:u64",
  clock_time_get: "id precision time:u64",
  fd_advise: "fd offset len advice",
  fd_allocate: "fd offset len",
  fd_close: "fd",
  fd_datasync: "fd",
  fd_fdstat_get: "fd stat:struct",
  fd_fdstat_set_flags: "fd flags",
  fd_fdstat_set_rights: "fd rights-base rights-inheriting",
  fd_filestat_get: "fd stat:struct",
  fd_filestat_set_size: "fd size",
  fd_filestat_set_times: "fd atim mtim flags",
  fd_pread: "fd iovs:iovs offset nread:u32",
  fd_prestat_get: "fd prestat:struct",
  fd_prestat_dir_name: "fd path:struct path-len",
  fd_pwrite: "fd iovs:ciovs offset nwritten:u32",
  fd_read: "fd iovs:iovs nread:u32",
  fd_readdir: "fd buf:struct buf-len cookie bufused:u32",
  fd_renumber: "fd to",
  fd_seek: "fd offset whence newoffset:u64",
  fd_sync: "fd",
  fd_tell: "fd offset:u64",
  fd_write: "fd iovs:ciovs nwritten:u32",
  path_create_directory: "fd path:path",
  path_filestat_get: "fd flags path:path stat:struct",
  path_filestat_set_times: "fd flags path:path atim mtim fst-flags",
  path_link: "old-fd old-flags old-path:path new-fd new-path:path",
  path_open: "fd dirflags path:path oflags rights-base rights-inheriting fdflags opened-fd:u32",
  path_readlink: "fd path:path buf:struct buf-len bufused:u32",
  path_remove_directory: "fd path:path",
  path_rename: "fd old-path:path new-fd new-path:path",
  path_symlink: "old-path:path fd new-path:path",
  path_unlink_file: "fd path:path",
  poll_oneoff: "in:subscriptions nevents:u32",
  proc_exit: "rval",
  proc_raise: "sig",
  random_get: "buf:struct buf-len",
  sched_yield: "",
  sock_accept: "fd flags opened-fd:u32",
  sock_recv: "fd iovs:iovs flags nread:u32 roflags:struct",
  sock_send: "fd iovs:ciovs flags nwritten:u32",
  sock_shutdown: "fd how",
};

const errnoNames = Object.keys(errno);

/** What is shown of a parameter; undefined: only the result shows it. */
type Take = (rest: (number | bigint)[], memory: GuestMemory) => Shown | undefined;

export function tracedModule(tracer: Tracer, made: Preview1Imports): Preview1Imports {
  return wrapFunctions(made, (call, name, module) => {
    const layout = module === unstableLayout.module ? unstableLayout : preview1Layout;
    return traceFunction(tracer, layout, name, call, made.memory);
  });
}

function traceFunction(
  tracer: Tracer,
  layout: Layout,
  name: string,
  call: Preview1Function,
  memory: GuestMemory,
): Preview1Function {
  if (!tracer.shows([name.split("_")[0]!, name, layout.module])) return call;
  const takes = (parameters[name] ?? "").split(" ").map((parameter) => {
    const [param = "", kind = "number"] = parameter.split(":");
    return [param, taking(kind, layout), kind] as const;
  });
  return (...given) => {
    const rest: (number | bigint)[] = [...given];
    const args: Record<string, Shown> = {};
    const answers: [string, () => Shown][] = [];
    for (const [param, take, kind] of takes) {
      if (param === "") continue;
      const [pointer = 0] = rest;
      const shown = take(rest, memory);
      if (shown !== undefined) args[param] = shown;
      else if (kind !== "struct") answers.push([param, () => answered(memory, Number(pointer), kind)]);
    }
    const begun = {
      instance: layout.module,
      name,
      args,
      lane: guestLane,
      mayWait: mayWait.has(name),
      start: tracer.now,
    };
    return tracer.run(begun, () => call(...given), {
      ok: (code) => {
        if (code !== 0) return new Word(errnoNames[Number(code)] ?? String(code));
        return answers.length === 0 ? undefined : Object.fromEntries(answers.map(([param, show]) => [param, show()]));
      },
      err: () => undefined,
    }) as Waiting<number>;
  };
}

function taking(kind: string, layout: Layout): Take {
  switch (kind) {
    case "path":
      return (rest, memory) => {
        const [pointer, length] = rest.splice(0, 2).map(unsigned);
        const bytes = piece(memory, pointer!, length!);
        return bytes === undefined ? new Word("?") : new TextDecoder().decode(bytes);
      };
    case "ciovs":
    case "iovs":
      return (rest, memory) => {
        const [list, count] = rest.splice(0, 2).map(unsigned);
        return vectors(memory, list!, count!, kind === "ciovs");
      };
    case "subscriptions":
      return (rest, memory) => {
        const [list, , count] = rest.splice(0, 3).map(unsigned);
        return subscriptions(memory, list!, count!, layout.subscription);
      };
    case "u32":
    case "u64":
    case "struct":
      return (rest) => {
        rest.shift();
        return undefined;
      };
    default:
      return (rest) => integer(rest.shift()!);
  }
}

function unsigned(value: number | bigint): number {
  return Number(value) >>> 0;
}

/** What a guest names that does not lie in its memory is the function's to refuse. */
function piece(memory: GuestMemory, pointer: number, length: number): Uint8Array | undefined {
  const { bytes } = memory;
  return pointer + length <= bytes.length ? bytes.subarray(pointer, pointer + length) : undefined;
}

function words(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The number of bytes in all; with `shows`, the first of them. */
function vectors(memory: GuestMemory, list: number, count: number, shows: boolean): Shown {
  const bytes = piece(memory, list, count * iovec.size);
  if (bytes === undefined || count === 0) return new Word(bytes === undefined ? "?" : "0 bytes");
  const view = words(bytes);
  let total = 0;
  let first: Uint8Array | undefined;
  for (let at = 0; at < bytes.length; at += iovec.size) {
    const length = view.getUint32(at + iovec.bufLen, true);
    total += length;
    if (length > 0) first ??= piece(memory, view.getUint32(at + iovec.buf, true), Math.min(length, 64));
  }
  return shows && first !== undefined ? new Bytes(first.slice(), total) : new Word(`${total} bytes`);
}

function subscriptions(memory: GuestMemory, list: number, count: number, layout: Layout["subscription"]): Shown {
  const bytes = piece(memory, list, count * layout.size);
  if (bytes === undefined) return new Word("?");
  const view = words(bytes);
  return Array.from({ length: count }, (_, i): Shown => {
    const at = i * layout.size;
    const tag = view.getUint8(at + layout.tag);
    if (tag === 0) return new Word(`clock ${view.getBigUint64(at + layout.timeout, true)} ns`);
    return new Word(`${tag === 1 ? "read" : "write"} ${view.getUint32(at + layout.fd, true)}`);
  });
}

function answered(memory: GuestMemory, pointer: number, kind: string): Shown {
  const bytes = piece(memory, pointer >>> 0, kind === "u64" ? 8 : 4);
  if (bytes === undefined) return new Word("?");
  return integer(kind === "u64" ? words(bytes).getBigUint64(0, true) : words(bytes).getUint32(0, true));
}
