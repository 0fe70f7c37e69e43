/** Suggestions for a file that is not there. Loaded only for one. */
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { likely } from "../../text/similar.ts";
import { commands } from "../options/commands.ts";
import { Failure } from "../output/failure.ts";
import type { MissingFile } from "./module-file.ts";
import type { Permits } from "./permissions.ts";

/** The failure with that as its hint. @param permits What may be looked at */
export function withMeantFile({ message, causes, path }: MissingFile, permits: Permits | undefined): Failure {
  return new Failure(message, causes, meantFile(path, permits));
}

/** A file beside it, or, of a bare word, a command. */
function meantFile(path: string, permits: Permits | undefined): string | undefined {
  if (path === "version") return "did you mean `pollux --version`?";
  const folder = dirname(path);
  const near = permits?.("read", folder) === false ? undefined : likely(basename(path), filesIn(folder));
  if (near !== undefined) return `did you mean \`${path.includes("/") ? join(folder, near) : near}\`?`;
  const command = path.includes("/") ? undefined : likely(path, Object.keys(commands));
  return command === undefined ? undefined : `did you mean the command \`pollux ${command}\`?`;
}

/** None where it cannot be read: there is nothing to suggest then. */
function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [] : [entry.name]));
  } catch (error) {
    if (error instanceof Error && "code" in error) return [];
    throw error;
  }
}
