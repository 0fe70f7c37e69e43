/** What the operating system says of a file that cannot be read or written. */

/** strerror's words for what that can answer. */
const osErrors: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EDQUOT: "Disk quota exceeded",
  EFBIG: "File too large",
  EIO: "Input/output error",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  EMFILE: "Too many open files",
  ENAMETOOLONG: "File name too long",
  ENFILE: "Too many open files in system",
  ENOENT: "No such file or directory",
  ENOSPC: "No space left on device",
  ENOTDIR: "Not a directory",
  ENXIO: "No such device or address",
  EPERM: "Operation not permitted",
};

/** The system's name of what went wrong, as node:fs has it (`ENOENT`); undefined: it is no failure of the system's. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** As Rust's std::io::Error prints it; without an errno (a path with a NUL, a permission of Deno's), the runtime's words. */
export function osError(error: Error): string {
  const text = osErrors[codeOf(error) ?? ""];
  const errno = "errno" in error ? Number(error.errno) : Number.NaN;
  return text === undefined || Number.isNaN(errno) ? error.message : `${text} (os error ${Math.abs(errno)})`;
}
