/** The files of a project that a build reads: which they are, and when they change. */
import { type FSWatcher, lstatSync, readdirSync, readFileSync, watch } from "node:fs";
import { basename, join } from "node:path";
import { Failure } from "../output/failure.ts";
import { codeOf } from "../output/os-error.ts";

/** The pause after which a change is complete, ms: one save may write in several steps. */
const SETTLED = 50;
/** How often they are looked at in any case, ms: not every file system tells of changes. */
const UNTOLD = 1000;
/** Looking at them takes at most this part of the time. */
const SHARE = 1 / 50;
/** More files are not those of one project. */
const MOST = 20_000;

/** Folders, files and endings of names that are no sources: builds write them. */
const ignored: ReadonlySet<string> = new Set(
  "target build dist out bin node_modules __pycache__ venv Cargo.lock go.sum package-lock.json".split(" "),
);
const ignoredEndings = [".wasm", ".o", ".d", "~", ".swp", ".tmp"];

/** Path, and what tells one version of the file from another. */
type Snapshot = ReadonlyMap<string, string>;

export class Sources {
  readonly #root: string;
  readonly #watchers = new Map<string, FSWatcher>();
  #told = Promise.withResolvers<void>();
  #before: Snapshot | undefined;
  /** How long it took to look at all files, ms. */
  #took = 0;

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Waits until a file is another than when this was last called, and none is being written any more. Returns its path, from the
   * project's folder; undefined the first time, when all of them are new.
   *
   * @throws Failure
   */
  async change(): Promise<string | undefined> {
    for (;;) {
      const { promise: told } = this.#told;
      const before = this.#before;
      const now = this.#look();
      const changed = before && difference(before, now);
      if (before === undefined || changed !== undefined) {
        const settled = await this.#settled(now);
        this.#before = settled;
        return before && (difference(before, settled) ?? changed);
      }
      await within(Math.max(UNTOLD, this.#took / SHARE), told);
    }
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  async #settled(first: Snapshot): Promise<Snapshot> {
    for (let before = first; ; ) {
      await within(SETTLED, new Promise(() => {}));
      const now = this.#look();
      if (difference(before, now) === undefined) return now;
      before = now;
    }
  }

  #look(): Snapshot {
    const start = performance.now();
    const files = new Map<string, string>();
    const folders = new Set<string>();
    const ignores = readIgnores(this.#root);
    const visit = (folder: string, shown: string) => {
      folders.add(folder);
      for (const entry of entriesOf(folder)) {
        const { name } = entry;
        if (ignores(name)) continue;
        const path = join(folder, name);
        if (entry.isDirectory()) visit(path, `${shown}${name}/`);
        else files.set(`${shown}${name}`, stampOf(path));
        if (files.size > MOST)
          throw new Failure(`there are more than ${MOST} files to watch here: name their folder in .gitignore`);
      }
    };
    visit(this.#root, "");
    this.#watch(folders);
    this.#took = performance.now() - start;
    return files;
  }

  /** Folders that cannot be watched are looked at all the same. */
  #watch(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    const changed = () => {
      this.#told.resolve();
      this.#told = Promise.withResolvers();
    };
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue;
      try {
        this.#watchers.set(folder, watch(folder, changed).on("error", changed));
      } catch (error) {
        if (codeOf(error) === undefined) throw error;
      }
    }
  }
}

/**
 * Which names are left out: those that builds write, hidden ones, and those of the project's .gitignore, of which its plain
 * lines are understood: `name`, `/name`, `name/`, `*.ending`.
 */
function readIgnores(root: string): (name: string) => boolean {
  const lines = (readText(join(root, ".gitignore")) ?? "").split(/\r?\n/).map((line) => line.trim());
  const names = new Set(lines.filter((line) => /^\/?[^/*?[!#]+\/?$/.test(line)).map((line) => basename(line)));
  const endings = lines.filter((line) => /^\*\.[^/*?[]+$/.test(line)).map((line) => line.slice(1));
  const all = [...ignoredEndings, ...endings];
  return (name) =>
    name.startsWith(".") || ignored.has(name) || names.has(name) || all.some((ending) => name.endsWith(ending));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}

/** None of a folder that is gone meanwhile. */
function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return [];
  }
}

function stampOf(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined ? "none" : `${found.ino} ${found.size} ${found.mtimeMs}`;
}

/** The first path that is in one of them alone, or stands for another version. */
function difference(a: Snapshot, b: Snapshot): string | undefined {
  for (const [path, stamp] of b) if (a.get(path) !== stamp) return path;
  for (const path of a.keys()) if (!b.has(path)) return path;
  return undefined;
}

async function within(milliseconds: number, event: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([event, late]).finally(() => clearTimeout(timer));
}
