import { Trap } from "../../../core/wait/errors.ts";

/**
 * `rights` of wasi_snapshot_preview1, in the order of the witx: the first is bit 0. Runtimes report them and do not
 * check them.
 */
const names = [
  "fd_datasync",
  "fd_read",
  "fd_seek",
  "fd_fdstat_set_flags",
  "fd_sync",
  "fd_tell",
  "fd_write",
  "fd_advise",
  "fd_allocate",
  "path_create_directory",
  "path_create_file",
  "path_link_source",
  "path_link_target",
  "path_open",
  "fd_readdir",
  "path_readlink",
  "path_rename_source",
  "path_rename_target",
  "path_filestat_get",
  "path_filestat_set_size",
  "path_filestat_set_times",
  "fd_filestat_get",
  "fd_filestat_set_size",
  "fd_filestat_set_times",
  "path_symlink",
  "path_remove_directory",
  "path_unlink_file",
  "poll_fd_readwrite",
  "sock_shutdown",
  "sock_accept",
] as const;

export type Right = (typeof names)[number];

/** Returns the set of the rights named. */
export function rights(...members: readonly Right[]): bigint {
  return members.reduce((set, name) => set | (1n << BigInt(names.indexOf(name))), 0n);
}

export const allRights = rights(...names);

/**
 * Returns an argument that is a set of rights.
 *
 * @throws Trap for a right that does not exist, as wasmtime's bindings do
 */
export function rightsArgument(value: bigint): bigint {
  if ((BigInt.asUintN(64, value) & ~allRights) !== 0n) throw new Trap("Invalid flag value Rights");
  return value;
}

/** The rights of a preopened directory: those that C libraries expect, as wasmtime reports them. */
export const preopenRights = rights(
  "path_create_directory",
  "path_create_file",
  "path_link_source",
  "path_link_target",
  "path_open",
  "fd_readdir",
  "path_readlink",
  "path_rename_source",
  "path_rename_target",
  "path_symlink",
  "path_remove_directory",
  "path_unlink_file",
  "path_filestat_get",
  "path_filestat_set_times",
  "fd_filestat_get",
  "fd_filestat_set_times",
);

/** The rights that a file or directory opened beneath it may have. */
export const preopenInheriting =
  preopenRights |
  rights(
    "fd_datasync",
    "fd_read",
    "fd_seek",
    "fd_fdstat_set_flags",
    "fd_sync",
    "fd_tell",
    "fd_write",
    "fd_advise",
    "fd_allocate",
    "fd_filestat_get",
    "fd_filestat_set_size",
    "fd_filestat_set_times",
    "poll_fd_readwrite",
  );
