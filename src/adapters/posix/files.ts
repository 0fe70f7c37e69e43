import type { DirectoryHandle, FileErrorCode, Files, IoError } from "../files-contract.ts";
import type { Context } from "./context.ts";
import { PosixDirectory } from "./directory.ts";
import type { Block } from "./ffi.ts";
import type { FileCalls } from "./file-calls.ts";
import { ioError } from "./stdio.ts";

/** PATH_MAX, with the NUL at the end. */
const PATH_MAX = 4096;

const utf8 = new TextEncoder();

/** What open files and directories share: the calls, and native memory for two paths. */
export class FileContext {
  readonly machine: Context;
  readonly calls: FileCalls;
  /** The path that a call is about; and the second, of calls that take two. */
  readonly path: Block;
  readonly otherPath: Block;

  constructor(machine: Context, calls: FileCalls) {
    this.machine = machine;
    this.calls = calls;
    this.path = machine.allocate(PATH_MAX);
    this.otherPath = machine.allocate(PATH_MAX);
  }

  /** Puts `text` and a NUL at the start of a block; answers why it cannot. */
  encode(text: string, { bytes }: Block): FileErrorCode | undefined {
    if (text.includes("\0")) return "invalid";
    const { read, written } = utf8.encodeInto(text, bytes.subarray(0, PATH_MAX - 1));
    if (read < text.length) return "name-too-long";
    bytes[written] = 0;
    return undefined;
  }

  /** @param result A call's, negative if it failed. */
  code(result: number): FileErrorCode | undefined {
    return result < 0 ? this.failure(result) : undefined;
  }

  /** @param result A failed call's. */
  failure(result: number): FileErrorCode {
    return this.machine.os.fileErrors.get(-result) ?? "io";
  }
}

/** As `Context.sys`. */
let calls: FileCalls | undefined;

/** Files over libc. Its functions are not looked for until a directory is first asked for: most guests have none. */
export async function createFiles(machine: Context): Promise<Files> {
  const openFiles = await machine.sys.loadFiles?.();
  let context: FileContext | undefined;
  return {
    openDirectory(path): DirectoryHandle | IoError {
      if (openFiles === undefined)
        return { errno: 0, message: "Pollux has no contained files on this system yet", code: "unsupported" };
      calls ??= openFiles();
      context ??= new FileContext(machine, calls);
      const problem = context.encode(path, context.path);
      const fd = problem === undefined ? context.calls.openDirectory(context.path.pointer) : -machine.os.errno.EINVAL;
      return fd < 0 ? ioError(machine, fd) : contained(context, fd);
    },
  };
}

/** Whether the kernel contains look-ups is seen here: a guest must not be the first to find that it can open nothing. */
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
