/**
 * The functions of `wasi_snapshot_preview1` (wasi_snapshot_preview1.witx), each with its parameters as `name` or
 * `name:kind`. The result is an errno, an i32; proc_exit has none. `wasi_unstable` has the same functions without
 * sock_accept.
 *
 * | kind | core parameters |
 * |---|---|
 * | none | an i32 |
 * | `u64` | an i64 |
 * | `*u32`, `*u64`, `*` | a pointer to where the result, a number or something larger, is stored |
 * | `path` | pointer and length of a string |
 * | `iovs`, `ciovs` | pointer and count of the buffers to fill, or to write |
 * | `subscriptions` | pointers to poll_oneoff's subscriptions and to its events, and the count of subscriptions |
 */

interface Waiting {
  readonly parameters: string;
}

/** Makes the row of a function that may wait. */
function waiting(parameters: string): Waiting {
  return { parameters };
}

const functions: Readonly<Record<string, string | Waiting>> = {
  args_get: "argv:* argv-buf:*",
  args_sizes_get: "argc:*u32 size:*u32",
  environ_get: "environ:* environ-buf:*",
  environ_sizes_get: "count:*u32 size:*u32",
  clock_res_get: "id resolution:*u64",
  clock_time_get: "id precision:u64 time:*u64",
  fd_advise: "fd offset:u64 len:u64 advice",
  fd_allocate: "fd offset:u64 len:u64",
  fd_close: "fd",
  fd_datasync: "fd",
  fd_fdstat_get: "fd stat:*",
  fd_fdstat_set_flags: "fd flags",
  fd_fdstat_set_rights: "fd rights-base:u64 rights-inheriting:u64",
  fd_filestat_get: "fd stat:*",
  fd_filestat_set_size: "fd size:u64",
  fd_filestat_set_times: "fd atim:u64 mtim:u64 flags",
  fd_pread: waiting("fd iovs:iovs offset:u64 nread:*u32"),
  fd_prestat_get: "fd prestat:*",
  fd_prestat_dir_name: "fd path:* path-len",
  fd_pwrite: waiting("fd iovs:ciovs offset:u64 nwritten:*u32"),
  fd_read: waiting("fd iovs:iovs nread:*u32"),
  fd_readdir: "fd buf:* buf-len cookie:u64 bufused:*u32",
  fd_renumber: "fd to",
  fd_seek: "fd offset:u64 whence newoffset:*u64",
  fd_sync: "fd",
  fd_tell: "fd offset:*u64",
  fd_write: waiting("fd iovs:ciovs nwritten:*u32"),
  path_create_directory: "fd path:path",
  path_filestat_get: "fd flags path:path stat:*",
  path_filestat_set_times: "fd flags path:path atim:u64 mtim:u64 fst-flags",
  path_link: "old-fd old-flags old-path:path new-fd new-path:path",
  path_open: waiting("fd dirflags path:path oflags rights-base:u64 rights-inheriting:u64 fdflags opened-fd:*u32"),
  path_readlink: "fd path:path buf:* buf-len bufused:*u32",
  path_remove_directory: "fd path:path",
  path_rename: "fd old-path:path new-fd new-path:path",
  path_symlink: "old-path:path fd new-path:path",
  path_unlink_file: "fd path:path",
  poll_oneoff: waiting("in:subscriptions nevents:*u32"),
  proc_exit: "rval",
  proc_raise: "sig",
  sched_yield: "",
  random_get: "buf:* buf-len",
  sock_accept: waiting("fd flags opened-fd:*u32"),
  sock_recv: waiting("fd iovs:iovs flags nread:*u32 roflags:*"),
  sock_send: waiting("fd iovs:ciovs flags nwritten:*u32"),
  sock_shutdown: "fd how",
};

export const functionNames: readonly string[] = Object.keys(functions);

/** Returns a function's parameters in order, each with its kind ("" for none). */
export function parametersOf(name: string): readonly (readonly [name: string, kind: string])[] {
  const row = functions[name] ?? "";
  const parameters = typeof row === "string" ? row : row.parameters;
  if (parameters === "") return [];
  return parameters.split(" ").map((parameter) => {
    const [param = "", kind = ""] = parameter.split(":");
    return [param, kind];
  });
}

/** Returns whether a function may wait. */
export function mayWait(name: string): boolean {
  return typeof functions[name] === "object";
}

const coreTypes: Readonly<Record<string, readonly string[]>> = {
  u64: ["i64"],
  path: ["i32", "i32"],
  iovs: ["i32", "i32"],
  ciovs: ["i32", "i32"],
  subscriptions: ["i32", "i32", "i32"],
};

/** Returns the core type of a function. */
export function coreSignature(name: string): {
  readonly params: readonly string[];
  readonly results: readonly string[];
} {
  const params = parametersOf(name).flatMap(([, kind]) => coreTypes[kind] ?? ["i32"]);
  return { params, results: name === "proc_exit" ? [] : ["i32"] };
}
