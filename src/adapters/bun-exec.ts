/**
 * Starts Bun once more, in the same process, by execve(2): process id, descriptors and directory stay. Linux only,
 * where the system still has the original command line and environment (proc(5)).
 */
import { dlopen, ptr } from "bun:ffi";
import { readdirSync, readlinkSync } from "node:fs";
import process from "node:process";
import { pointers, splitStrings, terminated } from "./process/exec.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const F_SETFD = 2;

/** Returns the strings in a file of proc(5), each with its NUL. */
export async function readStrings(file: string): Promise<Bytes[]> {
  return splitStrings(new Uint8Array(await Bun.file(file).arrayBuffer()));
}

/**
 * Replaces the process by execve(2); returns only if that failed.
 *
 * @param argv strings, each with its NUL
 * @param environment strings, each with its NUL
 */
export function execute(argv: readonly Bytes[], environment: readonly Bytes[]): void {
  const libc = dlopen("libc.so.6", {
    execve: { args: ["ptr", "ptr", "ptr"], returns: "i32" },
    fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
  }).symbols;
  for (const fd of inherited()) libc.fcntl(fd, F_SETFD, 0);
  const address = (bytes: Bytes) => BigInt(ptr(bytes));
  libc.execve(terminated(process.execPath), pointers(argv, address), pointers(environment, address));
}

/**
 * Returns the descriptors that this process inherited. Bun marks all of them FD_CLOEXEC, so the next program would lose
 * them. Its own are those of its event loop.
 */
function inherited(): number[] {
  const folder = "/proc/self/fd";
  return readdirSync(folder)
    .filter((name) => Number(name) > 2 && !(linkOf(`${folder}/${name}`) ?? "anon_inode:").startsWith("anon_inode:"))
    .map(Number);
}

/** Returns undefined if the link is gone, as that of the listing's own descriptor is. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
