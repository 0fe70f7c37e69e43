import { type FSWatcher, realpathSync, statSync, watch } from "node:fs";
import { dirname } from "node:path";

/** A file that is replaced is whole; one that is written where it stands is when it has not changed for this long, ms. */
const SETTLED = 25;
/** A broken file may be one that is still being written: it is broken when it has not changed for this long, ms. */
const BROKEN = 200;
/**
 * How often the file is looked at in any case, ms: not every file system tells of changes, and a folder may be gone for a while
 * or not let itself be watched.
 */
const UNTOLD = 500;

/** A file as it has become. */
export interface Version {
  /** Undefined: nothing is wrong with it. */
  readonly failure?: unknown;
  /** When it was first found to have changed, as `performance.now`. */
  readonly since: number;
  /** The file is what it was. */
  readonly unchanged?: boolean;
  /** It is to be run by another command line: whoever watches the file ends, to begin again by that. */
  readonly otherwise?: boolean;
}

/** The versions of a file, one after the other. */
export interface Versions {
  /**
   * Waits for one that was not answered before, and is whole.
   *
   * @param idle Whether nothing runs now, so that even what is not new is a version
   */
  next(idle: () => boolean): Promise<Version>;
  close(): void | Promise<void>;
}

/**
 * A file that is written again and again. Its folder is watched and not the file, for a compiler may put a new file in its
 * place (rename(2), link(2)); of a symbolic link, also the folder of what it leads to.
 */
export class WatchedFile implements Versions {
  readonly #path: string;
  readonly #check: () => void;
  readonly #folders = new Map<string, { readonly inode: number; readonly watcher: FSWatcher }>();
  #change = Promise.withResolvers<void>();
  /** Stamp and inode of the version that was answered last. */
  #stamp = "";
  #inode = -1n;

  /** @param check Reads the file, and throws what is wrong with it. */
  constructor(path: string, check: () => void) {
    this.#path = path;
    this.#check = check;
  }

  /** Waits for a version that was not answered before, and until it is no longer being written. Returns what is wrong with it. */
  async next(): Promise<Version> {
    let since: number | undefined;
    for (;;) {
      this.#watchFolders();
      const { promise: change } = this.#change;
      const { stamp, inode } = this.#look();
      if (stamp === this.#stamp) {
        await within(UNTOLD, change);
        continue;
      }
      since ??= performance.now();
      const outcome = this.#try();
      const patience = "failure" in outcome ? BROKEN : inode === this.#inode ? SETTLED : 0;
      if (patience > 0 && ((await within(patience, change)) || this.#look().stamp !== stamp)) continue;
      this.#stamp = stamp;
      this.#inode = inode;
      return { ...outcome, since };
    }
  }

  close(): void {
    for (const { watcher } of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  #try(): { readonly failure?: unknown } {
    try {
      this.#check();
      return {};
    } catch (failure) {
      return { failure };
    }
  }

  #look(): { readonly stamp: string; readonly inode: bigint } {
    const found = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return { stamp: "none", inode: -1n };
    return { stamp: `${found.dev} ${found.ino} ${found.size} ${found.mtimeNs}`, inode: found.ino };
  }

  /** Those that are there. */
  #watchFolders(): void {
    const target = realPath(this.#path);
    const wanted = new Set([dirname(this.#path), dirname(target)]);
    for (const [folder, { inode, watcher }] of this.#folders) {
      if (wanted.has(folder) && inodeOf(folder) === inode) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
    for (const folder of wanted) {
      const inode = inodeOf(folder);
      if (inode === undefined || this.#folders.has(folder)) continue;
      const watcher = this.#watch(folder);
      if (watcher !== undefined) this.#folders.set(folder, { inode, watcher });
    }
  }

  /** Undefined: it is gone, or may not be watched, or the system has no more watchers. The file is looked at all the same. */
  #watch(folder: string): FSWatcher | undefined {
    const changed = () => {
      this.#change.resolve();
      this.#change = Promise.withResolvers();
    };
    try {
      // A folder that goes away may end its watcher with an error: next() finds it gone.
      return watch(folder, changed).on("error", changed);
    } catch {
      return undefined;
    }
  }
}

/** Of a file that is gone, or is being replaced while it is looked at, the path itself: it is looked at again. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function inodeOf(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ino;
}

/** Returns whether `change` came within so many ms. */
async function within(milliseconds: number, change: Promise<void>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, milliseconds, false);
  return Promise.race([change.then(() => true), late]).finally(() => clearTimeout(timer));
}
