/**
 * The core signature of every function: `i` an i32 parameter, `I` an i64; the result is an i32 (`errno`), save that proc_exit
 * has none. wasi_unstable has the same, without sock_accept.
 */
export const signatures: Readonly<Record<string, string>> = {
  args_get: "ii",
  args_sizes_get: "ii",
  environ_get: "ii",
  environ_sizes_get: "ii",
  clock_res_get: "ii",
  clock_time_get: "iIi",
  fd_advise: "iIIi",
  fd_allocate: "iII",
  fd_close: "i",
  fd_datasync: "i",
  fd_fdstat_get: "ii",
  fd_fdstat_set_flags: "ii",
  fd_fdstat_set_rights: "iII",
  fd_filestat_get: "ii",
  fd_filestat_set_size: "iI",
  fd_filestat_set_times: "iIIi",
  fd_pread: "iiiIi",
  fd_prestat_get: "ii",
  fd_prestat_dir_name: "iii",
  fd_pwrite: "iiiIi",
  fd_read: "iiii",
  fd_readdir: "iiiIi",
  fd_renumber: "ii",
  fd_seek: "iIii",
  fd_sync: "i",
  fd_tell: "ii",
  fd_write: "iiii",
  path_create_directory: "iii",
  path_filestat_get: "iiiii",
  path_filestat_set_times: "iiiiIIi",
  path_link: "iiiiiii",
  path_open: "iiiiiIIii",
  path_readlink: "iiiiii",
  path_remove_directory: "iii",
  path_rename: "iiiiii",
  path_symlink: "iiiii",
  path_unlink_file: "iii",
  poll_oneoff: "iiii",
  proc_exit: "i",
  proc_raise: "i",
  sched_yield: "",
  random_get: "ii",
  sock_accept: "iii",
  sock_recv: "iiiiii",
  sock_send: "iiiii",
  sock_shutdown: "ii",
};

const letters: Readonly<Record<string, string>> = { i: "i32", I: "i64" };

/** The core type of a function. */
export function coreSignature(name: string): {
  readonly params: readonly string[];
  readonly results: readonly string[];
} {
  const params = [...(signatures[name] ?? "")].map((letter) => letters[letter]!);
  return { params, results: name === "proc_exit" ? [] : ["i32"] };
}

/** The functions that may wait. */
export const mayWait: ReadonlySet<string> = new Set([
  "fd_read",
  "fd_pread",
  "fd_write",
  "fd_pwrite",
  "path_open",
  "poll_oneoff",
  "sock_accept",
  "sock_recv",
  "sock_send",
]);
