import { Trap } from "../../../core/wait/errors.ts";

/** `rights` of wasi_snapshot_preview1, in the order of the witx: bit 0 is the first. Runtimes report them and check none. */
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

/** The set of these rights. */
export function rights(...members: readonly Right[]): bigint {
  return members.reduce((set, name) => set | (1n << BigInt(names.indexOf(name))), 0n);
}

export const allRights = rights(...names);

/** An argument that is a set of rights. @throws Trap as wasmtime's bindings, for one that there is not */
export function rightsArgument(value: bigint): bigint {
  if ((BigInt.asUintN(64, value) & ~allRights) !== 0n) throw new Trap("Invalid flag value Rights");
  return value;
}

/** What a directory that the host handed in has: the set that C libraries expect (wasmtime's). */
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

/** What is opened in it may have. */
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
