import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { npmSettings } from "../package/command.ts";
import { publishAll } from "../package/published.ts";
import type { Registry } from "../package/registry.ts";

export { notBuilt } from "../package/runtimes.ts";

/** Makes `pollux` a command of somebody who has HOME/.local/bin on PATH. */
export interface Install {
  /** To type. */
  readonly commands: readonly string[];
  /** What the commands find in the environment. */
  settings(home: string): Readonly<Record<string, string>>;
}

/** By npm, from a registry that has what a release would publish of this checkout. */
export class FromRegistry implements Install, AsyncDisposable {
  readonly commands = ["npm install --global pollux"];
  readonly #scratch: string;
  readonly #registry: Registry;

  private constructor(scratch: string, registry: Registry) {
    this.#scratch = scratch;
    this.#registry = registry;
  }

  static async open(): Promise<FromRegistry> {
    const scratch = mkdtempSync(join(tmpdir(), "pollux-registry-"));
    return new FromRegistry(scratch, await publishAll(scratch));
  }

  settings(home: string): Readonly<Record<string, string>> {
    return { ...npmSettings(home, this.#registry.url), npm_config_prefix: join(home, ".local") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#registry[Symbol.asyncDispose]();
    rmSync(this.#scratch, { recursive: true });
  }
}
