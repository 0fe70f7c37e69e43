/**
 * Bun started once more, in the same process, by execve(2): process id, descriptors and directory stay. On Linux alone, where
 * the system still has the command line and the environment as they were (proc(5)).
 */
import { dlopen, ptr } from "bun:ffi";
import { readdirSync, readlinkSync } from "node:fs";
import process from "node:process";
import { pointers, splitStrings, terminated } from "./process/exec.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const F_SETFD = 2;

/** The strings that a file of proc(5) lists, each with its NUL. */
export async function readStrings(file: string): Promise<Bytes[]> {
  return splitStrings(new Uint8Array(await Bun.file(file).arrayBuffer()));
}

/** Returns only when it has failed. @param argv, environment Strings, each with its NUL */
export function execute(argv: readonly Bytes[], environment: readonly Bytes[]): void {
  const libc = dlopen("libc.so.6", {
    execve: { args: ["ptr", "ptr", "ptr"], returns: "i32" },
    fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
  }).symbols;
  for (const fd of inherited()) libc.fcntl(fd, F_SETFD, 0);
  const address = (bytes: Bytes) => BigInt(ptr(bytes));
  libc.execve(terminated(process.execPath), pointers(argv, address), pointers(environment, address));
}

/** The descriptors that this process was given, all of which Bun closes in the next one (FD_CLOEXEC). Its own are those of its event loop. */
function inherited(): number[] {
  const folder = "/proc/self/fd";
  return readdirSync(folder)
    .filter((name) => Number(name) > 2 && !(linkOf(`${folder}/${name}`) ?? "anon_inode:").startsWith("anon_inode:"))
    .map(Number);
}

/** Undefined: it is gone, as the descriptor of the listing itself is. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
