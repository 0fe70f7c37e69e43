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

/**
 * The file that a project's builds write. One build at a time: what changes during one is built by the next. A build that fails, or
 * that writes what was there before, makes no version.
 */
export class BuiltFile implements Versions {
  readonly #recipe: Recipe;
  readonly #sources: Sources;
  #build: Build | undefined;
  #closed = false;
  #digest = "";
  /** When the last build ended, as `performance.now`. */
  #since = 0;
  /** There is a version that next() has not answered. */
  #fresh = false;

  /** @param folder The project's */
  constructor(recipe: Recipe, folder: string) {
    this.#recipe = recipe;
    this.#sources = new Sources(folder);
  }

  async next(): Promise<Version> {
    try {
      if (!this.#fresh) await this.built();
      this.#fresh = false;
      checkFile(this.#recipe.file(), allFeatures);
      return { since: this.#since };
    } catch (failure) {
      return { failure, since: this.#since };
    }
  }

  /** Waits for a build that makes a version. Does not return when it is closed. @throws Failure */
  async built(): Promise<void> {
    for (;;) {
      const changed = await this.#sources.change();
      if (changed !== undefined) tell(`pollux: ${changed} has changed`);
      if (!(await this.#runBuild())) continue;
      const digest = createHash("sha256").update(this.#read()).digest("hex");
      if (digest === this.#digest) {
        tell("pollux: the build made nothing new");
        continue;
      }
      this.#digest = digest;
      this.#fresh = true;
      return;
    }
  }

  /** What the build has written. @throws Failure */
  #read(): Uint8Array<ArrayBuffer> {
    const path = this.#recipe.file();
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
