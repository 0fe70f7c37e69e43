/** `pollux cache`: where components are kept, and how much of them; `pollux cache clean` removes them. */
import { cacheActions } from "./options/commands.ts";
import { oneOf } from "./options/usage.ts";
import type { Environment } from "./output/environment.ts";
import { Failure } from "./output/failure.ts";
import { codeOf, osError } from "./output/os-error.ts";
import { writeOut } from "./output/output.ts";
import { cacheFolder } from "./run/component-cache.ts";
import { demand, type Permits } from "./run/permissions.ts";
import { type Entry, NotPrivate, PrivateFolder } from "./run/private-folder.ts";

/** The parts of a runtime that the command needs. */
export interface CommandHost {
  readonly environment: Environment;
  readonly permits?: Permits;
}

/** @param action What follows `cache`. @throws UsageError, Failure */
export function showCache(action: string | undefined, { environment, permits }: CommandHost): void {
  if (action !== undefined) oneOf(action, cacheActions, "[ACTION]");
  const variables = ["XDG_CACHE_HOME", "HOME"].map((name) => ["the cache", "env", name] as const);
  demand(permits, variables);
  const path = cacheFolder(environment);
  if (path === undefined) throw new Failure("there is no cache: neither XDG_CACHE_HOME nor HOME is an absolute path");
  demand(permits, [
    ["the cache", "read", path],
    ["the cache", "sys"],
    ...(action === "clean" ? ([["the cache", "write", path]] as const) : []),
  ]);
  const entries = attempt(path, () => {
    const folder = PrivateFolder.open(path);
    const found = folder.entries();
    if (action === "clean") for (const { name } of found) folder.remove(name);
    return found;
  });
  writeOut(`${path}: ${action === "clean" ? "removed " : ""}${describe(entries)}\n`);
}

/** One that is not there is empty. */
function attempt(path: string, list: () => readonly Entry[]): readonly Entry[] {
  try {
    return list();
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return [];
    if (error instanceof NotPrivate) throw new Failure("the cache is not used", [error.message]);
    if (error instanceof Error && code !== undefined)
      throw new Failure(`failed to open the cache ${path}`, [osError(error)]);
    throw error;
  }
}

function describe(entries: readonly Entry[]): string {
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  return `${entries.length} component${entries.length === 1 ? "" : "s"}, ${bytes.toLocaleString("en-US")} bytes`;
}
