/** Commands of package managers and of what they install, in an environment that has nothing of the user's. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";

/** How long a command may take, ms: an install unpacks 100 MB. */
const PATIENCE = 300_000;

export interface Ended {
  /** The exit status; null: ended by `signal`. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where commands run, and with what. */
export interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * @param home A folder for what package managers and runtimes keep: caches, settings, temporary files.
 * @param registry The address of the registry that they ask.
 * @param node The Node that `node` is, which `npm` and `npx` run on too; unless given, that of the PATH.
 */
export function environment(home: string, registry: string, node?: string): Readonly<Record<string, string>> {
  const path = process.env["PATH"] ?? "";
  const tmp = join(home, "tmp");
  mkdirSync(tmp, { recursive: true });
  return {
    PATH: node === undefined ? path : [dirname(node), path].join(delimiter),
    HOME: home,
    TMPDIR: tmp,
    XDG_CACHE_HOME: join(home, "cache"),
    BUN_INSTALL_CACHE_DIR: join(home, "bun"),
    DENO_DIR: join(home, "deno"),
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
    // Bun and Deno read it, too.
    NPM_CONFIG_REGISTRY: registry,
    ...npmSettings(home, registry),
  };
}

/** With them npm asks that registry, and tells nothing but what it does. */
export function npmSettings(home: string, registry: string): Readonly<Record<string, string>> {
  return {
    npm_config_registry: registry,
    npm_config_cache: join(home, "npm"),
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    // What npm says of its own settings is not Pollux's.
    npm_config_loglevel: "error",
  };
}

/** Runs a command to its end. */
export async function ended([program, ...args]: readonly string[], { cwd, env }: Place, input = ""): Promise<Ended> {
  const child = spawn(program!, args, { cwd, env, timeout: PATIENCE, stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // It may end without reading its input.
  child.stdin.on("error", (error) => {
    if (!("code" in error) || error.code !== "EPIPE") throw error;
  });
  child.stdin.end(input);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { status, stdout, stderr };
}

/** Runs a command that must succeed; answers what it wrote to stdout. */
export async function must(command: readonly string[], place: Place): Promise<string> {
  const { status, stdout, stderr } = await ended(command, place);
  assert.equal(status, 0, `${command.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}
