import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { allFeatures } from "../../component/binary/features.ts";
import { Failure } from "../output/failure.ts";
import { codeOf, osError } from "../output/os-error.ts";
import type { Version, Versions } from "../watch/watch-file.ts";
import { checkFile, tell } from "../watch/watched-guest.ts";
import { Build } from "./build.ts";
import type { Recipe } from "./detect.ts";
import { Sources } from "./sources.ts";

/** Reads the project's settings again. Undefined: they are what they were. "wrong": so they are, which it has told. */
export type Reread = () => Recipe | "wrong" | undefined;

/**
 * The file that a project's builds write. One build at a time: what changes during one is built by the next. A build that fails, or
 * that writes what was there before, makes no version; but while nothing runs, every build that succeeds makes one.
 */
export class BuiltFile implements Versions {
  #recipe: Recipe;
  readonly #sources: Sources;
  #build: Build | undefined;
  #closed = false;
  #digest = "";
  #path: string | undefined;
  /** When the last build ended, as `performance.now`. */
  #since = 0;
  /** There is a version that next() has not answered. */
  #fresh = false;
  #unchanged = false;
  /** The project has been told to run it by another command line. */
  #otherwise = false;
  readonly #reread: Reread;

  /** @param folder The project's */
  constructor(recipe: Recipe, folder: string, reread: Reread) {
    this.#recipe = recipe;
    this.#reread = reread;
    this.#sources = new Sources(folder);
  }

  async next(idle: () => boolean): Promise<Version> {
    try {
      if (!this.#fresh) await this.built(idle);
      this.#fresh = false;
      checkFile(this.path, allFeatures);
      const otherwise = this.#otherwise;
      this.#otherwise = false;
      return { since: this.#since, unchanged: this.#unchanged, otherwise };
    } catch (failure) {
      return { failure, since: this.#since };
    }
  }

  /** The file that the last build has written. */
  get path(): string {
    if (this.#path === undefined) throw new Error("nothing was built");
    return this.#path;
  }

  /** The version that next() answered last is answered once more. */
  again(): void {
    this.#fresh = true;
    this.#otherwise = false;
  }

  /**
   * Waits for a build that makes a version. Does not return when it is closed.
   *
   * @param idle As for `next`
   * @throws Failure
   */
  async built(idle: () => boolean): Promise<void> {
    for (;;) {
      const changed = await this.#sources.change();
      if (changed !== undefined) tell(`pollux: ${changed} has changed`);
      const recipe = changed === undefined ? undefined : this.#reread();
      if (recipe === "wrong") continue;
      if (recipe !== undefined) {
        this.#recipe = recipe;
        this.#otherwise = true;
      }
      if (!(await this.#runBuild())) continue;
      const digest = createHash("sha256").update(this.#read()).digest("hex");
      this.#unchanged = digest === this.#digest;
      if (this.#unchanged && !this.#otherwise && !idle()) {
        tell("pollux: the build made nothing new");
        continue;
      }
      this.#digest = digest;
      this.#fresh = true;
      return;
    }
  }

  /** Returns what the build has written. (To ask for its file takes a process of cargo: once a build.) @throws Failure */
  #read(): Uint8Array<ArrayBuffer> {
    const path = this.#recipe.file();
    this.#path = path;
    try {
      return readFileSync(path);
    } catch (error) {
      if (!(error instanceof Error) || codeOf(error) === undefined) throw error;
      throw new Failure(`the build wrote no ${path}`, [osError(error)]);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#sources.close();
    await this.#build?.stop();
  }

  /** Returns whether it succeeded. */
  async #runBuild(): Promise<boolean> {
    const { command } = this.#recipe;
    tell(`pollux: ${command}`);
    const start = performance.now();
    const build = new Build(command);
    this.#build = build;
    const failure = await build.ended.finally(() => {
      this.#build = undefined;
    });
    this.#since = performance.now();
    // Whoever closes it waits for the build alone.
    if (this.#closed) return new Promise(() => {});
    const seconds = ((this.#since - start) / 1000).toFixed(1);
    tell(
      failure === undefined ? `pollux: built in ${seconds} s` : `pollux: the build ${failure}: waiting for a change`,
    );
    return failure === undefined;
  }
}
