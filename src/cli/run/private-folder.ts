/**
 * A folder that is the user's alone, and its files: nobody else has put there what is read. By node:fs, so that it is loaded
 * when something is to be written, or a runtime has no quicker way to read.
 *
 * A call that the system refuses throws as node:fs does, with its `code`.
 */
import process from "node:process";
import { nodeFs } from "../output/node-fs.ts";
import { codeOf } from "../output/os-error.ts";

/** Why a folder or a file is not used: somebody else might have written what it holds. */
export class NotPrivate extends Error {
  override readonly name = "NotPrivate";
}

export interface PrivateFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** When it was written or touched last, ms since 1970. */
  readonly modified: number;
}

export interface Entry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** As of `PrivateFile`. */
  readonly modified: number;
}

/** SHA-256, and what is behind it while the file is written. */
const NAME = /^[0-9a-f]{64}(?:\.[0-9a-f-]{36})?$/;

type Stats = import("node:fs").Stats;

export class PrivateFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** One that is there. @throws NotPrivate */
  static open(path: string): PrivateFolder {
    const stats = nodeFs().lstatSync(path);
    if (!stats.isDirectory()) throw new NotPrivate(`${path} is no directory`);
    checkOwner(path, stats);
    if ((stats.mode & 0o077) !== 0 && process.platform !== "win32")
      throw new NotPrivate(`${path} is open to others (chmod 700 closes it)`);
    return new PrivateFolder(path);
  }

  /** Makes it, and those above it, where they are not there. @throws NotPrivate */
  static make(path: string): PrivateFolder {
    nodeFs().mkdirSync(path, { recursive: true, mode: 0o700 });
    return PrivateFolder.open(path);
  }

  /** Undefined: it is not there, or is longer than `most` bytes. @throws NotPrivate */
  read(name: string, most: number): PrivateFile | undefined {
    const { closeSync, constants, fstatSync, openSync, readFileSync } = nodeFs();
    const path = `${this.path}/${name}`;
    // O_NONBLOCK: a named pipe would wait for who writes it.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    let fd: number;
    try {
      fd = openSync(path, flags);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw new NotPrivate(`${path} is no regular file`);
      checkOwner(path, stats);
      if ((stats.mode & 0o022) !== 0 && process.platform !== "win32")
        throw new NotPrivate(`${path} may be written by others`);
      if (stats.nlink > 1) throw new NotPrivate(`${path} has another name, too`);
      if (stats.size > most) return undefined;
      return { bytes: new Uint8Array(readFileSync(fd)), modified: stats.mtimeMs };
    } finally {
      closeSync(fd);
    }
  }

  /** @param name SHA-256, in hexadecimal digits. Replaces it whole: whoever reads it meanwhile sees the one or the other. */
  write(name: string, bytes: Uint8Array): void {
    const { renameSync, rmSync, writeFileSync } = nodeFs();
    const temporary = `${this.path}/${name}.${crypto.randomUUID()}`;
    try {
      // wx: O_EXCL, which follows no link.
      writeFileSync(temporary, bytes, { flag: "wx", mode: 0o600 });
      renameSync(temporary, `${this.path}/${name}`);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  /** Its time of modification becomes now. */
  touch(name: string): void {
    const now = new Date();
    nodeFs().utimesSync(`${this.path}/${name}`, now, now);
  }

  /** Its regular files with names that a writer of this folder gives: whatever else is there is somebody's. */
  entries(): Entry[] {
    return nodeFs()
      .readdirSync(this.path)
      .filter((name) => NAME.test(name))
      .flatMap((name) => {
        const stats = nodeFs().lstatSync(`${this.path}/${name}`, { throwIfNoEntry: false });
        return stats?.isFile() ? [{ name, size: stats.size, modified: stats.mtimeMs }] : [];
      });
  }

  /** Whatever it is, unless it is a directory; another process may have been quicker. */
  remove(name: string): void {
    nodeFs().rmSync(`${this.path}/${name}`, { force: true });
  }
}

/** @throws NotPrivate. Windows has no such owners. */
function checkOwner(path: string, { uid }: Stats): void {
  const user = process.geteuid?.();
  if (user !== undefined && uid !== user) throw new NotPrivate(`${path} belongs to another user`);
}

/** Returns the message of a failure; undefined: it is none of the folder's. */
export function reasonOf(error: unknown): string | undefined {
  return error instanceof NotPrivate || codeOf(error) !== undefined ? String((error as Error).message) : undefined;
}
