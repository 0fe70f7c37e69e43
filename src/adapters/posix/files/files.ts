import type { DirectoryHandle, Files, IoError } from "../../../machine/files.ts";
import type { Selector } from "../../../machine/selector.ts";
import type { PosixContext } from "../libc/context.ts";
import type { FileCalls } from "../libc/file-calls.ts";
import { ioError } from "../libc/io-error.ts";
import { PosixDirectory } from "./directory.ts";
import { FileContext } from "./file-context.ts";

/** Opened once, as `PosixContext.sys` is. */
let calls: FileCalls | undefined;

/** Makes files over libc. Its functions are opened with the first directory: most guests have none. */
export async function createFiles(machine: PosixContext, selector: Selector): Promise<Files> {
  const openFiles = await machine.sys.loadFiles?.();
  let context: FileContext | undefined;
  return {
    openDirectory(path): DirectoryHandle | IoError {
      if (openFiles === undefined)
        return { errno: 0, message: "Pollux has no contained files on this system yet", code: "unsupported" };
      calls ??= openFiles();
      context ??= new FileContext(machine, calls, selector);
      const problem = context.encode(path, context.path);
      const fd = problem === undefined ? context.calls.openDirectory(context.path.pointer) : -machine.os.errno.EINVAL;
      return fd < 0 ? ioError(machine, fd) : contained(context, fd);
    },
  };
}

/**
 * Opens a directory after checking that the kernel can contain look-ups (openat2): otherwise the guest would be the
 * first to find that it can open nothing.
 */
function contained(context: FileContext, fd: number): DirectoryHandle | IoError {
  const { calls, machine, path } = context;
  context.encode(".", path);
  const inside = calls.openBeneath(fd, path.pointer, calls.flags.O_PATH, 0);
  if (inside >= 0) {
    calls.close(inside);
    return new PosixDirectory(context, fd);
  }
  calls.close(fd);
  const { errno, message, code } = ioError(machine, inside);
  return { errno, code, message: `Pollux contains files with openat2, which this system refuses: ${message}` };
}
