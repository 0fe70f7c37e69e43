/**
 * Reads files through libc, without node:fs, whose import takes 1.3 ms in the standalone binary. Files that cannot be
 * read this way are left to node:fs.
 */
import process from "node:process";
import { UnsupportedRuntime } from "../machine/unsupported-runtime.ts";
import { type PrivateBytes, readPrivateFile } from "./posix/files/linux-private-file.ts";
import type { Platform } from "./posix/libc/platform.ts";
import { type CSignature, type Functions, linuxPrivateFileSymbols, readingSymbols } from "./posix/libc/symbols.ts";

const O_RDONLY = 0;
const SEEK_SET = 0;
const SEEK_END = 2;
/** The size of the first read, bytes, which may be the whole file. */
const FIRST_READ_BYTES = 65536;
/** The largest file that is read this way, bytes. */
const MAX_FILE_BYTES = 2 ** 30;

/**
 * Files through libc. Each method opens its functions at its first call.
 *
 * @throws as `platform`, except UnsupportedRuntime
 */
export class Files {
  readonly #platform: () => Platform;
  #reading: Functions<typeof readingSymbols> | undefined;

  /** @param platform @throws UnsupportedRuntime */
  constructor(platform: () => Platform) {
    this.#platform = platform;
  }

  /** Returns a file's bytes; undefined if it cannot be read, in which case node:fs reports why. */
  read(path: string): Uint8Array<ArrayBuffer> | undefined {
    this.#reading ??= this.#open(readingSymbols);
    if (this.#reading === undefined) return undefined;
    const { open, lseek, read, close } = this.#reading;
    const fd = open(new TextEncoder().encode(`${path}\0`), O_RDONLY);
    if (fd < 0) return undefined;
    let bytes = new Uint8Array(FIRST_READ_BYTES);
    let length = 0;
    let count = 0;
    do {
      length += count;
      if (length === bytes.length) {
        // Room for the rest and one more byte, which shows that there is no more; the size of a pipe is unknown.
        const size = Number(lseek(fd, 0n, SEEK_END));
        lseek(fd, BigInt(length), SEEK_SET);
        const longer = new Uint8Array(Math.min(MAX_FILE_BYTES, Math.max(size + 1, length * 2)));
        longer.set(bytes);
        bytes = longer;
      }
      count = read(fd, bytes.subarray(length), bytes.length - length);
    } while (count > 0 && length + count < MAX_FILE_BYTES);
    close(fd);
    return count === 0 ? bytes.subarray(0, length) : undefined;
  }

  /**
   * Reads as `PrivateFolder.read` of the command line does, on Linux. Returns undefined if the file does not exist, is
   * not private, or cannot be checked on this OS.
   */
  readPrivate(directory: string, name: string, most: number): PrivateBytes | undefined {
    const user = process.geteuid?.();
    if (process.platform !== "linux" || user === undefined) return undefined;
    const libc = this.#open(linuxPrivateFileSymbols);
    const arch = process.arch === "x64" ? "x64" : "arm64";
    return libc && readPrivateFile(libc, arch, directory, name, user, most);
  }

  #open<Table extends Readonly<Record<string, CSignature>>>(table: Table): Functions<Table> | undefined {
    try {
      const { ffi, os } = this.#platform();
      return ffi.open(os.libraries, table);
    } catch (error) {
      if (error instanceof UnsupportedRuntime) return undefined;
      throw error;
    }
  }
}
